// The instant that a `ts` names. Ours are UTC with milliseconds; older systems wrote `+00:00`, microseconds, seconds
// only, or no offset at all. `Date.parse` reads such texts otherwise on each engine, or not at all.

const isoTime =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))?(?:([Zz])|([+-]\d\d):?(\d\d)?)?)?$/

/**
 * Milliseconds since 1970, with microseconds as a fraction; NaN for text that names no time. Text without an offset is
 * taken for this process's local time: in the hour that a clock repeats, the first of the two.
 */
export const lineTime = (ts: string): number => {
  // Ours, which have all 24 characters: most lines are of the second that the one before was of.
  if (ts.length === 24 && ts.endsWith("Z") && ts.startsWith(secondText)) {
    const ms = threeDigits(ts, secondText.length)
    if (ms >= 0) return second + ms
  }
  const time = anyTime(ts)
  if (ts.length === 24 && ts[19] === "." && ts[23] === "Z" && Number.isInteger(time)) {
    second = time - threeDigits(ts, 20)
    secondText = ts.slice(0, 20)
  }
  return time
}

let second = 0
let secondText = "none"

/** The number of three digits from `at` on; below 0 where they are none. */
const threeDigits = (text: string, at: number): number => {
  let number = 0
  for (let digit = at; digit < at + 3; digit++) {
    const value = text.charCodeAt(digit) - 0x30
    if (value < 0 || value > 9) return -1
    number = 10 * number + value
  }
  return number
}

const anyTime = (ts: string): number => {
  const [, date, minutes = "00:00", seconds = ":00", fraction = "", utc, hours, rest = "00"] =
    isoTime.exec(ts) ?? []
  if (date === undefined) return Number.NaN
  const offset = utc === undefined ? (hours === undefined ? "" : `${hours}:${rest}`) : "Z"
  const whole = Date.parse(`${date}T${minutes}${seconds}${offset}`)
  return fraction === "" ? whole : whole + Number(fraction.slice(0, 6).padEnd(6, "0")) / 1_000
}

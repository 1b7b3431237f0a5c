// The instant that a `ts` names. Ours are UTC with milliseconds; older systems wrote `+00:00`, microseconds, seconds
// only, or no offset at all. `Date.parse` reads such texts otherwise on each engine, or not at all.

const isoTime =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))?(?:([Zz])|([+-]\d\d):?(\d\d)?)?)?$/

/**
 * Milliseconds since 1970, with microseconds as a fraction; NaN for text that names no time. Text without an offset is
 * taken for this process's local time: in the hour that a clock repeats, the first of the two.
 */
export const lineTime = (ts: string): number => {
  const [, date, minutes = "00:00", seconds = ":00", fraction = "", utc, hours, rest = "00"] =
    isoTime.exec(ts) ?? []
  if (date === undefined) return Number.NaN
  const offset = utc === undefined ? (hours === undefined ? "" : `${hours}:${rest}`) : "Z"
  const whole = Date.parse(`${date}T${minutes}${seconds}${offset}`)
  return fraction === "" ? whole : whole + Number(fraction.slice(0, 6).padEnd(6, "0")) / 1_000
}

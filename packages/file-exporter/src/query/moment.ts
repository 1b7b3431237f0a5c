// The instant that a `ts` names. Ours are UTC with milliseconds; older systems wrote `+00:00`, microseconds, seconds
// only, or no offset at all. Which lines are compared by it is left to the readers.

/** A Date, milliseconds since 1970, or ISO text; text without an offset is local time, and a date alone its midnight. */
export type Moment = Date | number | string

const isoTime =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))?(?:([Zz])|([+-]\d\d):?(\d\d)?)?)?$/

/**
 * Milliseconds since 1970, with microseconds as a fraction; NaN for text that names no time. Text without an offset is
 * taken for this process's local time: in the hour that a clock repeats, the first of the two.
 */
export const timeOf = (text: string): number => {
  const [, date, minutes = "00:00", seconds = ":00", fraction = "", utc, hours, rest = "00"] =
    isoTime.exec(text) ?? []
  if (date === undefined) return Number.NaN
  const offset = utc === undefined ? (hours === undefined ? "" : `${hours}:${rest}`) : "Z"
  const whole = Date.parse(`${date}T${minutes}${seconds}${offset}`)
  return fraction === "" ? whole : whole + Number(fraction.slice(0, 6).padEnd(6, "0")) / 1_000
}

/** The same for a moment. */
export const momentTime = (moment: Moment): number =>
  typeof moment === "string" ? timeOf(moment) : Number(moment)

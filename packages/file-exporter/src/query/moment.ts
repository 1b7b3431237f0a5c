// A moment as a caller gives it, as milliseconds. The texts that it may be are those that lines have. Which lines are
// compared with it is left to the readers.
import { lineTime } from "@daybook/core/lines"

/** A Date, milliseconds since 1970, or ISO text; text without an offset is local time, and a date alone its midnight. */
export type Moment = Date | number | string

/** Milliseconds since 1970; NaN for what names no time. */
export const momentTime = (moment: Moment): number =>
  typeof moment === "string" ? lineTime(moment) : Number(moment)

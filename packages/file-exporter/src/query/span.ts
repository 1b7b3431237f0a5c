// How far back a reader looks: which days' files, and how many events at most. Wrong numbers are refused here, at the
// call. What today is depends on the files (place/today.ts).
import { toLocalDay } from "@daybook/core"
import { dayBack, dayBefore, dayText } from "../place/day.ts"
import { newestBegun, todayAnywhere, todayOf } from "../place/today.ts"
import type { RowFilter } from "./filter.ts"
import type { RecentSpan } from "./options.ts"
import type { ReadNote } from "./row.ts"

/** Days back from today, and most events. */
export interface Span {
  readonly at: number
  /** The reader's own date at that moment. */
  readonly ownDay: string
  readonly days: number
  /** Days that ended before this one are not even opened. */
  readonly earliest: string
  readonly limit: number
}

/** An event of a day may have happened on the day before or after it in UTC, and its reader may live elsewhere too. */
const zoneMs = 48 * 60 * 60 * 1_000

/** @throws TypeError naming `caller`. */
export const findSpan = (
  caller: string,
  { days, limit, at }: RecentSpan,
  { fromMs, toMs }: RowFilter,
  limitDefault: number
): Span => {
  const now = Date.now()
  const moment = Number(at ?? (toLocalDay(toMs) === 0 ? now : Math.min(now, toMs)))
  const earliest = dayText(toLocalDay(fromMs - zoneMs))
  const daysDefault = Number.isFinite(fromMs) ? Number.POSITIVE_INFINITY : 7
  return {
    at: moment,
    ownDay: dayBack(caller, at ?? moment, 0),
    days: checkCount(caller, "days", days ?? daysDefault),
    earliest: earliest === "unknown" ? "" : earliest,
    limit: checkCount(caller, "limit", limit ?? limitDefault)
  }
}

/** The files of a span. Those of days that have not begun anywhere are not in it, and are noted. */
export const filesInSpan = <File extends { readonly path: string; readonly day: string }>(
  files: readonly File[],
  { at, ownDay, days, earliest }: Span,
  onNote: ((note: ReadNote) => void) | undefined
): readonly File[] => {
  if (days === 0) return []
  const today = todayOf(at, ownDay, newestBegun(at, files))
  const first = dayBefore(today.first, days - 1)
  const begun = todayAnywhere(Date.now()).last
  return files.filter(({ path, day }) => {
    if (day >= first && day >= earliest && day <= today.last) return true
    if (day > begun && day !== "unknown") onNote?.({ note: "future day", file: path, offset: 0 })
    return false
  })
}

const checkCount = (caller: string, option: string, count: number): number => {
  if (count === Number.POSITIVE_INFINITY || (Number.isInteger(count) && count >= 0)) return count
  throw new TypeError(`${caller}: option "${option}" must be a whole number from 0 on, got ${count}`)
}

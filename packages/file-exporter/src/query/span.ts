// How far back a reader looks: the first and the last day, and how many events at most.
// Wrong numbers are refused here, at the call.
import { toLocalDay } from "@daybook/core"
import { dayBack, dayText } from "../place/day.ts"
import type { RowFilter } from "./filter.ts"
import type { RecentSpan } from "./options.ts"

/** First and last day, and most events. */
export interface Span {
  readonly first: string
  readonly last: string
  readonly limit: number
}

/** An event of a day may have happened on the day before or after it in UTC, and its reader may live elsewhere too. */
const zoneMs = 48 * 60 * 60 * 1_000

/** @throws TypeError naming `caller`. */
export const findSpan = (
  caller: string,
  { days = 7, limit, at = Date.now() }: RecentSpan,
  { fromMs }: RowFilter,
  limitDefault: number
): Span => {
  const last = dayBack(caller, at, 0)
  const count = checkCount(caller, "days", days)
  const first = count === 0 ? "no day" : dayBack(caller, at, count - 1)
  // Days that ended before the wanted time are not even opened.
  const earliest = dayText(toLocalDay(fromMs - zoneMs))
  return {
    first: earliest !== "unknown" && earliest > first ? earliest : first,
    last,
    limit: checkCount(caller, "limit", limit ?? limitDefault)
  }
}

/** Days are compared as texts. "unknown" is later than every day. */
export const isInSpan = ({ first, last }: Span, { day }: { readonly day: string }): boolean =>
  day >= first && day <= last

const checkCount = (caller: string, option: string, count: number): number => {
  if (count === Number.POSITIVE_INFINITY || (Number.isInteger(count) && count >= 0)) return count
  throw new TypeError(`${caller}: option "${option}" must be a whole number from 0 on, got ${count}`)
}

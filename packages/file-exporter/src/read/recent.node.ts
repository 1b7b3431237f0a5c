// Reading from today backwards, newest first, and no more of the files than what is asked for: the end of a gigabyte is as
// near as that of a kilobyte. Everybody's files at once are read-all-users.node.ts's business.

import { toLocalDay } from "@daybook/core"
import { dayText } from "../place/day.ts"
import type { ReadOptions } from "./day.node.ts"
import { ReadFiles } from "./open-files.ts"
import { nodeReadLayer } from "../disk/read-layer.node.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { mergeRows } from "./merge.ts"
import { checkCount, type DayFile, dayBack, findPlace, listDayFiles } from "../place/place.node.ts"
import { iterableRows } from "../query/rows.ts"
import { backwardSource } from "./source.ts"
import type { Row } from "../query/row.ts"
import { makeRowFilter, type RowFilter } from "../query/filter.ts"

/** How far back, and how much. */
export interface RecentSpan {
  /** Days of the calendar, today among them. Default 7. */
  readonly days?: number | undefined
  /** Most events. Marks and damage come along and do not count. Default 200, and 500 for all users. */
  readonly limit?: number | undefined
  /** What is today. Default: now. */
  readonly at?: Date | number | undefined
}

export interface ReadRecentOptions extends ReadOptions, RecentSpan {}

/**
 * The newest lines first: each file backwards from its end, today's before yesterday's, and files of one day merged by
 * time. Reads only what it gives. Events without a clock have no day: `readDay({ day: "unknown" })` reads them.
 *
 * A file that cannot be read is a row `unreadable`. Iterating rejects when a directory is there and cannot be listed.
 *
 * @throws TypeError for a count that is none, a moment without a date, or a filter that is none.
 */
export const readRecent = (options: ReadRecentOptions): AsyncIterable<Row> =>
  readRecentOn(nodeReadLayer, options)

/** The same on any read layer. */
export const readRecentOn = (layer: ReadLayer, options: ReadRecentOptions): AsyncIterable<Row> => {
  const place = findPlace("readRecent", options)
  const filter = makeRowFilter("readRecent", { ...options, user: place.userField })
  const span = findSpan("readRecent", options, filter, 200)
  const isBeyond = (time: number): boolean => time < filter.fromMs
  const beyond = options.from === undefined ? undefined : { linesMax: readLimits.beyondLinesMax, isBeyond }
  return iterableRows(async function* (ends) {
    let left = span.limit
    if (left === 0) return
    const files = (await listDayFiles(layer, place)).filter(
      (file) => isInSpan(span, file) && (file.session === undefined || filter.passesSession(file.session))
    )
    const open = new ReadFiles(layer)
    try {
      for (const sameDay of daysBackwards(files)) {
        const how = { onNote: options.onNote, filesAtOnce: sameDay.length, beyond, ends }
        const sources = sameDay.map(({ path }) => backwardSource(open.file(path), how))
        for await (const row of mergeRows(sources, "backwards", filter)) {
          yield row
          if (!("damage" in row) && row.kind === "event") left -= 1
          if (left === 0) return
        }
      }
    } finally {
      await open.closeAll()
    }
  })
}

/** First and last day, and most events. */
export interface FoundSpan {
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
): FoundSpan => {
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
export const isInSpan = ({ first, last }: FoundSpan, { day }: DayFile): boolean => day >= first && day <= last

/** Files by day, the latest day first. */
export const daysBackwards = (files: readonly DayFile[]): readonly (readonly DayFile[])[] => {
  const days = new Map<string, DayFile[]>()
  for (const file of files) {
    const sameDay = days.get(file.day)
    if (sameDay === undefined) days.set(file.day, [file])
    else sameDay.push(file)
  }
  return [...days].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, sameDay]) => sameDay)
}

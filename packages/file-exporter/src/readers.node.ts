// The readers under their names. Options are checked here, at the call; the code that reads is loaded with the first row,
// because every log would pay for it at its start, and few ever read.

import { setTimeout as wait } from "node:timers/promises"
import { nodeReadLayer } from "./disk/read-layer.node.ts"
import type { ReadLayer } from "./disk/read-layer.ts"
import { readLimits } from "./limits.ts"
import { checkDay } from "./place/day.ts"
import { checkPlaceOptions } from "./place/option-rules.node.ts"
import { findPlace } from "./place/place.node.ts"
import { makeRowFilter } from "./query/filter.ts"
import { readerRules } from "./query/option-rules.node.ts"
import type {
  FollowClock,
  FollowOptions,
  ReadAllUsersOptions,
  ReadDayOptions,
  ReadRecentOptions
} from "./query/options.ts"
import type { Row } from "./query/row.ts"
import { iterableRows } from "./query/rows.ts"
import { findSpan } from "./query/span.ts"

/**
 * The lines of one day in the order in which they were written. Where sessions have files of their own, these are merged
 * by time, each in its own order. A day without a file is empty. May be iterated again: it then reads again.
 *
 * A file that cannot be read is a row `unreadable`. Iterating rejects when a directory is there and cannot be listed.
 *
 * @throws TypeError when `day` is not a day: it becomes part of a path. Also for a filter that is none.
 */
export const readDay = (options: ReadDayOptions): AsyncIterable<Row> => readDayOn(nodeReadLayer, options)

/** The same on any read layer. */
export const readDayOn = (layer: ReadLayer, options: ReadDayOptions): AsyncIterable<Row> => {
  checkPlaceOptions("readDay", options, readerRules.readDay)
  const day = checkDay("readDay", options.day)
  const place = findPlace("readDay", options)
  const filter = makeRowFilter("readDay", { ...options, user: place.userField })
  const { onNote } = options
  return iterableRows(async (ends) => {
    const { dayRows } = await import("./read/day.node.ts")
    return dayRows(layer, { day, place, filter, onNote, ends })
  })
}

/**
 * The newest lines first: each file backwards from its end, today's before yesterday's, and files of one day merged by
 * time. Today is also what is today where the log is written. Reads only what it gives. Events without a clock have no day: `readDay({ day: "unknown" })` reads them.
 *
 * A file that cannot be read is a row `unreadable`. Iterating rejects when a directory is there and cannot be listed.
 *
 * @throws TypeError for a count that is none, a moment without a date, or a filter that is none.
 */
export const readRecent = (options: ReadRecentOptions): AsyncIterable<Row> =>
  readRecentOn(nodeReadLayer, options)

/** The same on any read layer. */
export const readRecentOn = (layer: ReadLayer, options: ReadRecentOptions): AsyncIterable<Row> => {
  checkPlaceOptions("readRecent", options, readerRules.readRecent)
  const place = findPlace("readRecent", options)
  const filter = makeRowFilter("readRecent", { ...options, user: place.userField })
  const span = findSpan("readRecent", options, filter, 200)
  const { onNote } = options
  return iterableRows(async (ends) => {
    const { recentRows } = await import("./read/recent.node.ts")
    return recentRows(layer, { place, filter, span, onNote, ends })
  })
}

/**
 * The newest lines of all users that have files of their own below `dir`, by falling instant, whatever offset their `ts`
 * is written with. Damage comes first, in the order in which it is found; it has no time. Holds up to twice `limit` rows.
 * A line that stands in its file before 256 older ones in a row may be missed.
 *
 * A user's files that cannot be read are rows `unreadable`. Links are not followed. Iterating rejects when `dir` is there
 * and cannot be listed.
 *
 * @throws TypeError for a count that is none, a moment without a date, or a filter that is none.
 */
export const readRecentAllUsers = (options: ReadAllUsersOptions): AsyncIterable<Row> =>
  readAllUsersOn(nodeReadLayer, options)

/** The same on any read layer. */
export const readAllUsersOn = (layer: ReadLayer, options: ReadAllUsersOptions): AsyncIterable<Row> => {
  checkPlaceOptions("readRecentAllUsers", options, readerRules.readRecentAllUsers)
  const { app, dir, env, onNote } = options
  const place = findPlace("readRecentAllUsers", { app, dir, env })
  const filter = makeRowFilter("readRecentAllUsers", options)
  const span = findSpan("readRecentAllUsers", options, filter, 500)
  return iterableRows(async (ends) => {
    const { allUsersRows } = await import("./read/all-users.node.ts")
    return allUsersRows(layer, { dir: place.dir, filter, span, onNote, ends })
  })
}

/**
 * The lines of a log as they are written, and those of the next days as well. A line is given when its newline is there.
 *
 * At each look these files are looked at: those of days that are today anywhere on Earth, because a process may live in
 * another zone, of the newest day that has begun, and of later days, which wrong clocks name. Yesterday's are looked at once
 * a minute then: lines come late. A file that was renamed is read to its end before the one that took its name. A file that became shorter is a row `truncated`,
 * and is read again from its front; one that was cut and has grown past the old end between two looks is not noticed.
 * A file that cannot be read is one row `unreadable`, until it can.
 *
 * Ends when the signal aborts, or when the loop is left. Iterating rejects when a directory cannot be listed.
 *
 * @throws TypeError for a filter or a `pollMs` that is none.
 */
export const follow = (options: FollowOptions): AsyncIterable<Row> => followOn(nodeReadLayer, options)

/** The same on any read layer. */
export const followOn = (layer: ReadLayer, options: FollowOptions): AsyncIterable<Row> => {
  checkPlaceOptions("follow", options, readerRules.follow)
  const { pollMs = readLimits.pollMs, begin = "now", clock = systemClock, onNote, signal } = options
  if (!(pollMs > 0 && pollMs <= 2 ** 31 - 1))
    throw new TypeError(`follow: option "pollMs" must be a time in milliseconds above 0, got ${pollMs}`)
  const place = findPlace("follow", options)
  const filter = makeRowFilter("follow", { ...options, user: place.userField })
  return iterableRows(async (ends) => {
    const { followedRows } = await import("./read/follow.node.ts")
    return followedRows(layer, { place, filter, begin, pollMs, clock, onNote, ends })
  }, signal)
}

const systemClock: FollowClock = {
  now: Date.now,
  wait: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

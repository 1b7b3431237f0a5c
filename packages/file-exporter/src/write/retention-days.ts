// What the dates of files are worth, and what is old by them. No single reading of a clock decides: the days of the other
// files have a say, and so has what earlier sweeps saw. Pure. What is done with it is retention.node.ts.

import { dayBefore } from "../place/day.ts"
import type { SeenDay } from "../state/retention-note.node.ts"

/** A clock that is behind by no more days than this counts as right: days are sometimes seen late, after a weekend. */
const lateDaysMax = 4

/**
 * The day from which ages are counted: today by the clock, but never later than two days after the second newest day
 * before it that has a file, nor later than the newest one, unless that was yesterday. So neither a wrong reading nor the
 * file of one wrong day makes anything old. Absent where there are fewer than two such days.
 */
export const referenceDay = (today: string, days: Iterable<string>): string | undefined => {
  const [second, newest] = [...new Set(days)]
    .filter((day) => day < today)
    .sort()
    .slice(-2)
  if (second === undefined || newest === undefined) return undefined
  const isYesterday = newest === dayBefore(today, 1)
  return [today, dayBefore(second, -2), isYesterday ? today : newest].sort()[0]
}

/** What is known of a day when a sweep looks at it. */
export interface LookedAt {
  readonly day: string
  /** Of all its files. */
  readonly bytes: number
  readonly today: string
  /** `reference` and the clock agree on what is today. */
  readonly isTodayProved: boolean
  /** The folder has no sign of a session of ours: what is in it is old, and its names are believed. */
  readonly isStrange: boolean
  readonly known: SeenDay | undefined
}

/**
 * Since when the lines of a day are there. That is the day itself, if it was seen in time. Lines that came later to an old
 * day, or to one that is no day, are as young as the sweep that sees them first: a clock was wrong when they were written.
 */
export const seenSince = ({ day, bytes, today, isTodayProved, isStrange, known }: LookedAt): SeenDay => {
  const isInTime = day !== "unknown" && (isStrange || today <= dayBefore(day, -lateDaysMax))
  if (known === undefined) return { bytes, since: isInTime ? day : today }
  // A day in the future comes down when it is known again what is today.
  const since = isTodayProved && known.since > today ? today : known.since
  return { bytes, since: bytes > known.bytes && today > since ? today : since }
}

// Which lines have come: for each session the stretches of `seq` that are settled, so that a line that comes again is known, and
// one that never came is missing. Bounded: the session that was not heard of for the longest time is forgotten first.
import { ingestLimits } from "./limits.ts"
import { RecentMap } from "./recent-map.ts"

const { sessionsMax, stretchesMax } = ingestLimits

interface SeenSession {
  readonly user: string
  /** The first 8 hex digits of its stream key, as people see it. */
  readonly session: string
  /** First and last of each stretch, rising: `[1, 40, 42, 97]`. */
  readonly ends: number[]
  /** Lines in stretches that were forgotten. */
  forgotten: number
  /** The highest `seq` that the page spoke of. */
  recorded: number
}

/** A session of which not all has come. */
export interface MissingEvents {
  readonly user: string
  readonly session: string
  /** Events that its page recorded, and that are neither here nor in one of its gap claims. */
  readonly count: number
}

export class SeenLines {
  private readonly sessions = new RecentMap<SeenSession>(sessionsMax)

  /** Sessions that are known. */
  get size(): number {
    return this.sessions.size
  }

  /** True when all from `first` to `last` is settled. */
  has(user: string, streamKey: string, first: number, last: number): boolean {
    const ends = this.sessions.get(keyOf(user, streamKey))?.ends
    if (ends === undefined) return false
    const at = stretchFrom(ends, first)
    return at < ends.length && (ends[at] as number) <= first && (ends[at + 1] as number) >= last
  }

  /** Settles all from `first` to `last`. */
  add(user: string, streamKey: string, first: number, last: number): void {
    const seen = this.touch(user, streamKey)
    if (last > seen.recorded) seen.recorded = last
    addStretch(seen.ends, first, last)
    if (seen.ends.length <= 2 * stretchesMax) return
    // The oldest: what comes again from there is recorded again, with the same `origin.id`. To fill a hole would lose lines.
    const [from = 0, to = 0] = seen.ends.splice(0, 2)
    seen.forgotten += to - from + 1
  }

  /** A page said how many it has recorded. */
  tell(user: string, streamKey: string, recorded: number): void {
    const seen = this.touch(user, streamKey)
    if (recorded > seen.recorded) seen.recorded = recorded
  }

  missing(): readonly MissingEvents[] {
    const missing: MissingEvents[] = []
    for (const { user, session, ends, forgotten, recorded } of this.sessions.all()) {
      let settled = forgotten
      for (let at = 0; at < ends.length; at += 2)
        settled += (ends[at + 1] as number) - (ends[at] as number) + 1
      if (settled < recorded) missing.push({ user, session, count: recorded - settled })
    }
    return missing
  }

  private touch(user: string, streamKey: string): SeenSession {
    const key = keyOf(user, streamKey)
    const seen = this.sessions.get(key) ?? {
      user,
      session: streamKey.slice(0, 8),
      ends: [],
      forgotten: 0,
      recorded: 0
    }
    this.sessions.set(key, seen)
    return seen
  }
}

// A stream key has no other form than its 15 digits, so the user behind it may be any text.
const keyOf = (user: string, streamKey: string): string => streamKey + user

/** The place of the first stretch that ends at `seq` or behind it. */
const stretchFrom = (ends: readonly number[], seq: number): number => {
  // Lines come in their order, so it is the last one, or behind it.
  if (ends.length === 0 || (ends.at(-1) as number) < seq) return ends.length
  let low = 0
  let high = ends.length / 2 - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[2 * middle + 1] as number) < seq) low = middle + 1
    else high = middle
  }
  return 2 * low
}

// Neighbours become one stretch.
const addStretch = (ends: number[], first: number, last: number): void => {
  const at = stretchFrom(ends, first - 1)
  let end = at
  let [from, to] = [first, last]
  while (end < ends.length && (ends[end] as number) <= last + 1) {
    from = Math.min(from, ends[end] as number)
    to = Math.max(to, ends[end + 1] as number)
    end += 2
  }
  ends.splice(at, end - at, from, to)
}

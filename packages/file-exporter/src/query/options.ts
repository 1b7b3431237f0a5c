// What readers take: where, whose, which lines, how far back. Types only; what is wrong with values is said by
// place/place.node.ts, query/filter.ts and query/span.ts, at the call.
import type { Env } from "../place/audit-log-path.node.ts"
import type { Layout } from "../place/layout.node.ts"
import type { RowFilters } from "./filter.ts"
import type { ReadNote } from "./row.ts"

/** What every reader takes. */
export interface ReadOptions extends RowFilters {
  readonly app: string
  /** Absolute. Default: where `fileExporter()` writes, by `env`. */
  readonly dir?: string | undefined
  /** Default: the process's. */
  readonly env?: Env | undefined
  /** Only this user's lines. */
  readonly user?: string | undefined
  /**
   * Where a user's lines are: in files of the user's own (`user`, the default when `user` is given), or in the files of
   * all, where the field `user` says so (`daily`, `session`).
   */
  readonly layout?: Layout | undefined
  /** Gets what is worth knowing of a file and no damage, each once a file. */
  readonly onNote?: ((note: ReadNote) => void) | undefined
}

export interface ReadDayOptions extends ReadOptions {
  /** "YYYY-MM-DD", a moment of that local day, or "unknown" for events without a clock. */
  readonly day: string | Date | number
}

/** How far back, and how much. */
export interface RecentSpan {
  /**
   * Days of the calendar, today among them; `readDay` gives exactly one. Today is the reader's date and, of the days that
   * are today somewhere on Earth, the newest that has a file. Default 7, or as far back as `from` goes.
   */
  readonly days?: number | undefined
  /** Most events. Marks and damage come along and do not count. Default 200, and 500 for all users. */
  readonly limit?: number | undefined
  /** The moment from which on days are counted back. Default: now, or `to` where that is earlier. */
  readonly at?: Date | number | undefined
}

export interface ReadRecentOptions extends ReadOptions, RecentSpan {}

export interface ReadAllUsersOptions extends Omit<ReadOptions, "user" | "layout">, RecentSpan {}

/** The time of a follower, and how it is waited for. */
export interface FollowClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after this time, and at once when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export interface FollowOptions extends ReadOptions {
  /**
   * `now`: only what is written from now on, the default. `today`: the lines of today first; today is the reader's date and, of
   * the days that are today somewhere on Earth, the newest that has a file.
   */
  readonly begin?: "now" | "today" | undefined
  /** How long to wait between two looks. Default 500 ms. */
  readonly pollMs?: number | undefined
  /** Ends the rows, without an error. */
  readonly signal?: AbortSignal | undefined
  /** Default: the system's. Its timers keep the process alive, because a reader waits for rows. */
  readonly clock?: FollowClock | undefined
}

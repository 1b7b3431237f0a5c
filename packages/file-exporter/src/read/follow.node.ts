// Following a log as it grows: which files belong to it at each look, when a file is begun and when it is given up, and
// how the looking ends. How one file is followed is follow-tail.ts's business.

//   look ──▶ list the days since yesterday ──▶ files that lost their name, for the last time
//    ▲       then each day, the oldest first, its files merged by time
//    └──────────────────────────── wait `pollMs` ◀───────────┘

import { setTimeout as wait } from "node:timers/promises"
import { FileTail } from "./follow-tail.ts"
import type { ReadOptions } from "./day.node.ts"
import { ReadFiles } from "./open-files.ts"
import { nodeReadLayer } from "../disk/read-layer.node.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { type Lines, mergeRows, RowSource } from "./merge.ts"
import { type DayFile, dayBack, type FoundPlace, findPlace, listDayFiles } from "../place/place.node.ts"
import { iterableRows } from "../query/rows.ts"
import { type ReadNote, type Row, RowDecoder } from "../query/row.ts"
import { makeRowFilter, type RowFilter } from "../query/filter.ts"

/** The time of whoever follows, and how it is waited for. */
export interface FollowClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after this time, and at once when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export interface FollowOptions extends ReadOptions {
  /** `now`: only what is written from now on, the default. `today`: the lines of today first. */
  readonly begin?: "now" | "today" | undefined
  /** How long to wait between two looks. Default 500 ms. */
  readonly pollMs?: number | undefined
  /** Ends the rows, without an error. */
  readonly signal?: AbortSignal | undefined
  /** Default: the system's. Its timers hold the process, because somebody waits for rows. */
  readonly clock?: FollowClock | undefined
}

/**
 * The lines of a log as they are written, and those of the next days as well. A line is given when its newline is there.
 *
 * Yesterday's files are looked at as well, all day long: lines come late, and a writer may live in another zone. A file
 * that was renamed is read to its end before the one that took its name. A file that became shorter is a row `truncated`,
 * and is read again from its front; one that was cut and has grown past the old end between two looks is not noticed.
 * A file that cannot be read is one row `unreadable`, until it can.
 *
 * Ends when the signal aborts, or when whoever reads stops. Iterating rejects when a directory cannot be listed.
 *
 * @throws TypeError for a filter or a `pollMs` that is none.
 */
export const follow = (options: FollowOptions): AsyncIterable<Row> => followOn(nodeReadLayer, options)

/** The same on any read layer. */
export const followOn = (layer: ReadLayer, options: FollowOptions): AsyncIterable<Row> => {
  const { pollMs = readLimits.pollMs, signal } = options
  if (!(pollMs > 0 && pollMs <= 2 ** 31 - 1))
    throw new TypeError(`follow: option "pollMs" must be a time in milliseconds above 0, got ${pollMs}`)
  // What is wrong with the options is told here, and not by the first row.
  new Follower(layer, options)
  return iterableRows((ends) => new Follower(layer, options).rows(pollMs, ends), signal)
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

/** A tail, and what decodes its lines. */
interface Followed {
  readonly tail: FileTail
  readonly decoder: RowDecoder
}

class Follower {
  private readonly layer: ReadLayer
  private readonly place: FoundPlace
  private readonly filter: RowFilter
  private readonly begin: "now" | "today"
  private readonly clock: FollowClock
  private readonly onNote: ((note: ReadNote) => void) | undefined
  private readonly files: ReadFiles
  private readonly followed = new Map<string, Followed>()
  /** Files whose name is another one's now. They are looked at once more. */
  private gone: Followed[] = []
  /** Files of earlier days are not begun any more. */
  private since = ""

  constructor(layer: ReadLayer, options: FollowOptions) {
    this.layer = layer
    this.files = new ReadFiles(layer)
    this.place = findPlace("follow", options)
    this.filter = makeRowFilter("follow", { ...options, user: this.place.userField })
    this.begin = options.begin ?? "now"
    this.clock = options.clock ?? systemClock
    this.onNote = options.onNote
  }

  async *rows(pollMs: number, ends: AbortSignal): AsyncGenerator<Row, void> {
    try {
      for (let isFirst = true; !ends.aborted; isFirst = false) {
        for await (const row of this.look(isFirst, ends)) {
          yield row
          if (ends.aborted) return
        }
        await this.clock.wait(pollMs, ends)
      }
    } finally {
      await this.files.closeAll()
    }
  }

  private async *look(isFirst: boolean, ends: AbortSignal): AsyncGenerator<Row, void> {
    const now = this.clock.now()
    const yesterday = dayBack("follow", now, 1)
    await this.beginFiles(isFirst, isFirst ? yesterday : this.since, dayBack("follow", now, 0))
    // A reader that was stopped for days still gives what was written meanwhile; a clock that steps back gives nothing twice.
    if (yesterday > this.since) this.since = yesterday
    const last = this.gone
    this.gone = []
    for (const { tail } of last) tail.end()
    for (const [path, { tail }] of this.followed) {
      if (tail.day < this.since) tail.end()
      if ((await tail.look()) === "gone") this.replace(path)
    }
    yield* this.merge(last, ends)
    for (const { tail } of last) await tail.file.close()
    yield* this.merge(this.gone, ends)
    for (const sameDay of byDay([...this.followed.values()])) yield* this.merge(sameDay, ends)
    for (const [path, { tail }] of this.followed) {
      if (tail.day >= this.since) continue
      this.followed.delete(path)
      await tail.file.close()
    }
  }

  private async beginFiles(isFirst: boolean, since: string, today: string): Promise<void> {
    for (const file of await listDayFiles(this.layer, this.place)) {
      const isWanted = file.session === undefined || this.filter.passesSession(file.session)
      if (file.day < since || !isWanted || this.followed.has(file.path)) continue
      const { tail, decoder } = this.follow(file)
      if (this.gone.some((old) => old.tail.file.path === file.path)) decoder.tell("replaced", 0)
      const isRead = !isFirst || (this.begin === "today" && file.day === today)
      if (!isRead) await tail.beginAtEnd()
    }
  }

  private follow({ path, day }: Pick<DayFile, "path" | "day">): Followed {
    const tail = new FileTail(this.layer, this.files.file(path), day)
    const followed = { tail, decoder: new RowDecoder(path, this.onNote) }
    this.followed.set(path, followed)
    return followed
  }

  // The new file is begun at the next look, when it is listed: by then the old one was read to its end.
  private replace(path: string): void {
    const old = this.followed.get(path)
    this.followed.delete(path)
    if (old !== undefined) this.gone.push(old)
  }

  private merge(followed: readonly Followed[], ends: AbortSignal): AsyncGenerator<Row, void> {
    const sources = followed.map(({ tail, decoder }) => {
      const lines: Lines = { next: async () => (ends.aborted ? undefined : tail.next()) }
      return new RowSource(lines, decoder, Number.NEGATIVE_INFINITY)
    })
    return mergeRows(sources, "forwards", this.filter)
  }
}

const byDay = (all: readonly Followed[]): readonly (readonly Followed[])[] => {
  const days = new Map<string, Followed[]>()
  for (const followed of all) {
    const sameDay = days.get(followed.tail.day)
    if (sameDay === undefined) days.set(followed.tail.day, [followed])
    else sameDay.push(followed)
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sameDay]) => sameDay)
}

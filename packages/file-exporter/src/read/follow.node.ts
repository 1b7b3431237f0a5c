// Following a log as it grows: which files belong to it at each look, when a file is begun and when it is given up, and
// how the looking ends. How one file is followed is follow-tail.ts.

//   look ──▶ which files are there, since yesterday or since the newest day before it
//    ▲       ──▶ those that lost their name, for the last time
//    │       ──▶ each day that has grown, the oldest first, its files merged by time
//    └── wait `pollMs` ◀──┘     (days that are over everywhere are looked at once a minute)
//
//   a file   unknown ──its day is wanted──▶ followed ──its day is over──▶ left, with how far it was read
//                                              ▲                            │ a clock that was wrong comes back
//                                              └────────────────────────────┘

import type { ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { dayBack } from "../place/day.ts"
import { byDay, type DayFile } from "../place/list.node.ts"
import type { Place } from "../place/place.node.ts"
import { type DaySpan, newestBegun, todayAnywhere, todayOf } from "../place/today.ts"
import type { RowFilter } from "../query/filter.ts"
import type { FollowClock } from "../query/options.ts"
import type { Row } from "../query/row.ts"
import { FileTail } from "./follow-tail.ts"
import { Listing } from "./listing.ts"
import { type LineChunks, mergeRows, RowSource } from "./merge.ts"
import { ReadFiles } from "./open-files.ts"
import { RowDecoder } from "./row-decoder.ts"
import type { Reading } from "./source.ts"

/** What is followed, and how. */
export interface Followed extends Reading {
  readonly place: Place
  readonly filter: RowFilter
  readonly begin: "now" | "today"
  readonly pollMs: number
  readonly clock: FollowClock
}

/** The rows for `follow`. */
export const followedRows = (layer: ReadLayer, followed: Followed): AsyncGenerator<Row, void> =>
  new Follower(layer, followed).rows()

/** A tail, and what decodes its lines. */
interface FollowedFile {
  readonly tail: FileTail
  readonly decoder: RowDecoder
  lookedAt: number
}

class Follower {
  private readonly layer: ReadLayer
  private readonly options: Followed
  private readonly files: ReadFiles
  private readonly listing: Listing
  private readonly followed = new Map<string, FollowedFile>()
  /** Files that another file took the name of. They are looked at once more. */
  private gone: FollowedFile[] = []
  /** Files whose day is over, by their path: a clock that comes back leads to them again. Those that are there only. */
  private left = new Map<string, FollowedFile>()
  /** Files that were there, and were over, when following began. They are followed from their end, if ever. */
  private before = new Set<string>()
  /** Yesterday, by the last look. Files of earlier days are not looked at. */
  private since = ""

  constructor(layer: ReadLayer, options: Followed) {
    this.layer = layer
    this.options = options
    this.files = new ReadFiles(layer)
    this.listing = new Listing(layer, options.place)
  }

  async *rows(): AsyncGenerator<Row, void> {
    const { clock, pollMs, ends } = this.options
    try {
      for (let isFirst = true; !ends.aborted; isFirst = false) {
        for await (const row of this.look(isFirst)) {
          yield row
          if (ends.aborted) return
        }
        await clock.wait(pollMs, ends)
      }
    } finally {
      await this.files.closeAll()
    }
  }

  private async *look(isFirst: boolean): AsyncGenerator<Row, void> {
    const now = this.options.clock.now()
    const listed = await this.listing.files(now)
    const newest = newestBegun(now, listed)
    const { first } = todayAnywhere(now)
    // Where a clock is wrong, or nothing was written for long, the newest day is older than yesterday.
    const since = earliest(dayBack("follow", now, 1), first, newest)
    // A reader that was stopped for days still gives what was written meanwhile.
    const from = isFirst || since < this.since ? since : this.since
    await this.beginFiles(listed, from, isFirst, todayOf(now, dayBack("follow", now, 0), newest))
    this.since = since
    const last = this.gone
    this.gone = []
    for (const { tail } of last) tail.end()
    for (const [path, followed] of this.followed) {
      const { tail, lookedAt } = followed
      if (tail.day < this.since) tail.end()
      else if (tail.day < first && tail.day !== newest && isWithin(lookedAt, now)) continue
      followed.lookedAt = now
      if ((await tail.look()) === "gone") this.replace(path)
    }
    yield* this.merge(last)
    for (const { tail } of last) await tail.file.close()
    yield* this.merge(this.gone)
    const grown = [...this.followed.values()].filter(({ tail }) => tail.hasMore)
    for (const sameDay of byDay(grown, ({ tail }) => tail.day)) yield* this.merge(sameDay)
    for (const [path, followed] of this.followed) {
      const { tail } = followed
      if (tail.day >= this.since) continue
      this.followed.delete(path)
      await tail.rest()
      this.left.set(path, followed)
    }
  }

  private async beginFiles(
    listed: readonly DayFile[],
    since: string,
    isFirst: boolean,
    today: DaySpan
  ): Promise<void> {
    const { filter, begin } = this.options
    this.forget(listed)
    for (const file of listed) {
      const isWanted = file.session === undefined || filter.passesSession(file.session)
      if (isFirst && file.day < since) this.before.add(file.path)
      if (file.day < since || !isWanted || this.followed.has(file.path)) continue
      const known = this.left.get(file.path)
      if (known !== undefined) {
        this.left.delete(file.path)
        this.followed.set(file.path, known)
        continue
      }
      const { tail, decoder } = this.follow(file)
      if (this.gone.some((old) => old.tail.file.path === file.path)) decoder.note("replaced", 0)
      const isNew = !isFirst && !this.before.delete(file.path)
      const isToday = file.day >= today.first && file.day <= today.last
      if (!isNew && !(begin === "today" && isToday)) await tail.beginAtEnd()
    }
  }

  // What is gone from the directory needs no memory: as many files are remembered as are there.
  private forget(files: readonly DayFile[]): void {
    if (this.left.size + this.before.size === 0) return
    const paths = new Set(files.map(({ path }) => path))
    for (const path of this.left.keys()) if (!paths.has(path)) this.left.delete(path)
    for (const path of this.before) if (!paths.has(path)) this.before.delete(path)
  }

  private follow({ path, day }: Pick<DayFile, "path" | "day">): FollowedFile {
    const tail = new FileTail(this.layer, this.files.file(path), day)
    const decoder = new RowDecoder(path, this.options.onNote)
    const followed = { tail, decoder, lookedAt: Number.NEGATIVE_INFINITY }
    this.followed.set(path, followed)
    return followed
  }

  // The new file is begun at the next look, when it is listed: by then the old one was read to its end.
  private replace(path: string): void {
    const old = this.followed.get(path)
    this.followed.delete(path)
    this.listing.forget()
    if (old !== undefined) this.gone.push(old)
  }

  private merge(followed: readonly FollowedFile[]): AsyncGenerator<Row, void> {
    const { filter, ends } = this.options
    const sources = followed.map(({ tail, decoder }) => {
      const lines: LineChunks = { next: async () => (ends.aborted ? undefined : tail.next()) }
      return new RowSource(lines, decoder, Number.NEGATIVE_INFINITY)
    })
    return mergeRows(sources, "forwards", filter)
  }
}

const isWithin = (lookedAt: number, now: number): boolean =>
  now >= lookedAt && now < lookedAt + readLimits.pollOlderMs

const earliest = (...days: readonly string[]): string =>
  days.filter((day) => day !== "").reduce((one, other) => (one < other ? one : other))

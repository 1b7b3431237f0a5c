// One sweep's deletions: which files go for which reason, and what the marks say of them. What is old is known before
// (retention.node.ts). Never today's file, never a link's target; what a delivery holds stays, whatever the reason.

//   each file   old ──────────────────────────────▶ held? ──no──▶ age
//               its day is over, and delivered ──────────────────▶ delivered
//   then, by day, while the folder has too many bytes ▶ held? ──no──▶ budget
//   beyond the bound of undelivered bytes the oldest days are not held any more; what then goes undelivered is counted

import { join } from "node:path"
import type { LogIdentity, RetentionFields, RetentionReason } from "@daybook/core"
import { codeOf } from "../disk/errno.ts"
import type { NameFacts } from "../disk/file-layer.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { retentionLimits } from "../limits.ts"
import { byDay } from "../place/list.node.ts"
import { counted } from "../words.ts"
import { type Holder, roughlyUnsettled, unsettledIn } from "./holds.node.ts"
import type { LastEvent } from "./last-event.ts"
import type { Stream, StreamFile } from "./streams.node.ts"

/** What a sweep knows, and what was asked for. */
export interface SweepPlan {
  readonly dir: string
  readonly streams: readonly Stream[]
  readonly today: string
  /** Days before this one are over. */
  readonly reference: string
  /** Files named or seen before this day are old. */
  readonly oldest: string
  /** How many days are kept. */
  readonly days: number
  /** Since when the lines of each day are there that is old. */
  readonly since: ReadonlyMap<string, string>
  /** What was found at the ends of their files. */
  readonly ends: ReadonlyMap<string, LastEvent>
  /** What this session has announced is not for this session to delete. */
  readonly announced: ReadonlySet<string>
  readonly holders: readonly Holder[]
  /** Beyond so many undelivered bytes holds lapse. */
  readonly undeliveredMax: number
  /** How many bytes the folder may have. */
  readonly bytesMax: number
  readonly sweepDelivered: boolean
  markFileOf(day: string): string
  lastAppendMs(path: string): number | undefined
}

/** Files that were deleted from one stream of files, and the file that gets the mark of it. */
export interface SweptFiles {
  readonly markFile: string
  readonly fields: RetentionFields
  /** The mark's message. */
  readonly text: string
}

/** What came of a sweep. */
export interface Swept {
  readonly files: readonly SweptFiles[]
  readonly paths: ReadonlySet<string>
  /** Days whose files went before they were old. */
  readonly early: ReadonlySet<string>
}

interface Gone {
  readonly days: string[]
  undelivered: number
}

const dayMs = 24 * 60 * 60 * 1_000

export class Sweep {
  private readonly plan: SweepPlan
  private readonly log: Pick<LogIdentity, "now" | "monotonicMs" | "notice">
  private readonly files: readonly StreamFile[]
  private readonly facts = new Map<string, NameFacts>()
  private lapsed: ReadonlySet<string> = new Set()
  private readonly paths = new Set<string>()
  private readonly early = new Set<string>()
  private readonly gone = new Map<Stream, Map<RetentionReason, Gone>>()
  /** Deliveries that will not get what was deleted. */
  private readonly losers = new Set<string>()

  constructor(plan: SweepPlan, log: Pick<LogIdentity, "now" | "monotonicMs" | "notice">) {
    this.plan = plan
    this.log = log
    this.files = plan.streams.flatMap(({ files }) => files)
  }

  *run(): DiskWork<Swept> {
    const { streams, holders, bytesMax, sweepDelivered } = this.plan
    if (holders.length > 0 || sweepDelivered || bytesMax < Number.POSITIVE_INFINITY) yield* this.lookAt()
    this.lapsed = this.lapsedDays()
    for (const stream of streams)
      for (const file of stream.files) {
        const reason = this.isOld(file)
          ? "age"
          : this.isOver(file) && sweepDelivered
            ? "delivered"
            : undefined
        if (reason !== undefined) yield* this.take(stream, file, reason)
      }
    if (bytesMax < Number.POSITIVE_INFINITY) yield* this.keepBudget()
    this.tellUndelivered()
    return { files: streams.flatMap((stream) => this.marksOf(stream)), paths: this.paths, early: this.early }
  }

  private *lookAt(): DiskWork<void> {
    for (const { path } of this.files) {
      try {
        this.facts.set(path, yield* step((disk) => disk.nameFacts(path)))
      } catch {
        // It is gone, or cannot be known: then only its age counts.
      }
    }
  }

  // Of what nobody fetches the oldest days give way, so that the disk does not fill for a far end's sake.
  private lapsedDays(): ReadonlySet<string> {
    const { holders, undeliveredMax } = this.plan
    const held = this.files.flatMap(({ path, file, day, isPacked }) => {
      const facts = this.facts.get(path)
      const isRead = facts?.isFile === true && !isPacked
      return isRead ? [{ day, bytes: roughlyUnsettled({ file, size: facts.size }, holders) }] : []
    })
    let left = held.reduce((sum, { bytes }) => sum + bytes, 0)
    const lapsed = new Set<string>()
    for (const sameDay of byDay(held, ({ day }) => day)) {
      if (left <= undeliveredMax) break
      lapsed.add(sameDay[0]?.day ?? "")
      left -= sameDay.reduce((sum, { bytes }) => sum + bytes, 0)
    }
    return lapsed
  }

  private isOld({ path, day }: StreamFile): boolean {
    const { since, oldest, today, days, ends, announced } = this.plan
    if (announced.has(day) || !since.has(day)) return false
    const appendedMs = this.plan.lastAppendMs(path)
    if (appendedMs !== undefined && !(this.log.monotonicMs() - appendedMs >= days * dayMs)) return false
    const last = ends.get(path)?.day
    // A day to come is no day that a line can be of.
    return last !== undefined && !(last >= oldest && last <= today)
  }

  // Lines come to a day for a moment after it is over. "unknown" is later than every day.
  private isOver({ path, day }: StreamFile): boolean {
    const { reference, announced } = this.plan
    const facts = this.facts.get(path)
    if (announced.has(day) || !(day < reference) || facts?.isFile !== true) return false
    return Math.abs(this.log.now() - facts.changedMs) >= retentionLimits.quietMs
  }

  private *take(stream: Stream, file: StreamFile, reason: RetentionReason): DiskWork<void> {
    const { holders } = this.plan
    const { path, day } = file
    if (reason === "delivered" && !this.seemsDelivered(file)) return
    const unsettled = file.isPacked ? { bytes: 0, names: [] } : yield* unsettledIn(file, holders)
    if (unsettled === undefined) return
    const { bytes, names } = unsettled
    if (bytes > 0 && (reason === "delivered" || !this.lapsed.has(day))) return
    if (!(yield* this.remove(path))) return
    if (reason !== "age") this.early.add(day)
    for (const name of names) this.losers.add(name)
    const gone = this.goneFrom(stream, reason)
    gone.days.push(day === "unknown" ? (this.plan.since.get(day) ?? this.plan.today) : day)
    gone.undelivered += bytes
  }

  // Before anything is opened: a file whose name tells otherwise waits until its delivery has saved the right one.
  private seemsDelivered({ path, file, isPacked }: StreamFile): boolean {
    const { holders } = this.plan
    const size = this.facts.get(path)?.size
    return (
      !isPacked && holders.length > 0 && size !== undefined && roughlyUnsettled({ file, size }, holders) === 0
    )
  }

  // Whole days, so that what is left has no holes; today's file may be larger than all that was asked for.
  private *keepBudget(): DiskWork<void> {
    const { streams, bytesMax } = this.plan
    const sizeOf = ({ path }: StreamFile): number => {
      const facts = this.paths.has(path) ? undefined : this.facts.get(path)
      return facts?.isFile === true ? facts.size : 0
    }
    let left = this.files.reduce((sum, file) => sum + sizeOf(file), 0)
    const all = streams.flatMap((stream) => stream.files.map((file) => ({ stream, file })))
    for (const sameDay of byDay(all, ({ file }) => file.day)) {
      if (left <= bytesMax) return
      for (const { stream, file } of sameDay) {
        const size = sizeOf(file)
        if (this.paths.has(file.path) || !this.isOver(file)) continue
        yield* this.take(stream, file, "budget")
        if (this.paths.has(file.path)) left -= size
      }
    }
  }

  private *remove(path: string): DiskWork<boolean> {
    try {
      yield* step((disk) => disk.remove(path))
      this.paths.add(path)
      return true
    } catch (error) {
      // Another process was first, and marks it.
      if (codeOf(error) === "ENOENT") this.paths.add(path)
      return false
    }
  }

  private goneFrom(stream: Stream, reason: RetentionReason): Gone {
    const byReason = this.gone.get(stream) ?? new Map<RetentionReason, Gone>()
    this.gone.set(stream, byReason)
    const gone = byReason.get(reason) ?? { days: [], undelivered: 0 }
    byReason.set(reason, gone)
    return gone
  }

  private marksOf(stream: Stream): readonly SweptFiles[] {
    const { today, days, bytesMax } = this.plan
    const gone = [...(this.gone.get(stream) ?? [])]
    const markFile = gone.length === 0 ? undefined : this.markFileOf(stream, today)
    // A user of whom nothing is left has no file for a mark.
    if (markFile === undefined) return []
    return gone.flatMap(([reason, { days: named, undelivered }]) => {
      const span = spanOf(named)
      if (span === undefined) return []
      const fields: RetentionFields = {
        ...span,
        ...(reason === "age" ? { days } : {}),
        reason,
        ...(undelivered === 0 ? {} : { undelivered_bytes: undelivered })
      }
      const why =
        reason === "age"
          ? whatIsOld({ ...span, days })
          : `${filesOf(span)} ${span.count === 1 ? "is" : "are"} ${reason === "delivered" ? "over and delivered" : `beyond the ${counted(bytesMax, "byte")} that the folder may have`}`
      const lost = undelivered === 0 ? "" : `, with ${counted(undelivered, "byte")} that were not delivered`
      return [{ markFile, fields, text: `${why} and deleted${lost}` }]
    })
  }

  private markFileOf({ userDir, files }: Stream, today: string): string | undefined {
    if (userDir === undefined) return this.plan.markFileOf(today)
    const newest = files
      .filter(({ path, day, isPacked }) => !this.paths.has(path) && day <= today && !isPacked)
      .map(({ day }) => day)
      .sort()
      .at(-1)
    return newest === undefined ? undefined : join(userDir, `${newest}.jsonl`)
  }

  private tellUndelivered(): void {
    const all = [...this.gone.values()].flatMap((byReason) => [...byReason.values()])
    const lost = all.filter(({ undelivered }) => undelivered > 0)
    const span = spanOf(lost.flatMap(({ days }) => days))
    if (span === undefined) return
    const bytes = lost.reduce((sum, { undelivered }) => sum + undelivered, 0)
    const to = [...this.losers].map((name) => JSON.stringify(name)).join(", ")
    this.log.notice(
      `${JSON.stringify(this.plan.dir)}: ${filesOf(span)} ${span.count === 1 ? "was" : "were"} deleted with ${counted(bytes, "byte")} that were not delivered to ${to}: more than ${counted(this.plan.undeliveredMax, "byte")} waited there; the option "undelivered" says how much may`
    )
  }
}

type Span = Pick<RetentionFields, "count" | "oldest" | "newest">

/** How many files of which days; `undefined` for none. */
export const spanOf = (days: readonly string[]): Span | undefined => {
  const sorted = days.toSorted()
  const [oldest, newest] = [sorted[0], sorted.at(-1)]
  if (oldest === undefined || newest === undefined) return undefined
  return { count: days.length, oldest, newest }
}

/** `3 files of 2026-01-31 to 2026-02-02` */
export const filesOf = ({ count, oldest, newest }: Span): string =>
  `${counted(count, "file")} of ${oldest === newest ? oldest : `${oldest} to ${newest}`}`

/** `3 files of 2026-01-31 to 2026-02-02 are older than 7 days` */
export const whatIsOld = (span: Span & { readonly days: number }): string =>
  `${filesOf(span)} ${span.count === 1 ? "is" : "are"} older than ${counted(span.days, "day")}`

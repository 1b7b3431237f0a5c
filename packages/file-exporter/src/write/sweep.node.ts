// One sweep's deletions: which files go for which reason, and what the marks say of them, which are written before anything goes.
// What is old is known before (retention.node.ts). Never today's file, never a link's target; what a delivery holds stays,
// whatever the reason.

//   each file   old ──────────────────────────────▶ held? ──no──▶ age
//               its day is over, and delivered ──────────────────▶ delivered
//   then, by day, while the folder has too many bytes ▶ held? ──no──▶ budget
//   beyond the bound of undelivered bytes the oldest days are not held any more; what then goes undelivered is counted

import { gunzipSync } from "node:zlib"
import type { LogIdentity, RetentionFields, RetentionReason, RetiredFile } from "@daybook/core"
import { codeOf } from "../disk/errno.ts"
import type { NameFacts } from "../disk/file-layer.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { retentionLimits, sealLimits } from "../limits.ts"
import { byDay } from "../place/list.node.ts"
import { newestSeals } from "../seal/seen.node.ts"
import { counted } from "../words.ts"
import { type Holder, roughlyUnsettled, unsettledIn } from "./holds.node.ts"
import type { LastEvent } from "./last-event.ts"
import { endOf } from "./sight.node.ts"
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
  lastAppendMs(path: string): number | undefined
}

/** A mark of a deletion that is to come. */
export interface DeletionMark {
  readonly fields: RetentionFields
  /** The mark's message. */
  readonly text: string
}

/** What came of a sweep. */
export interface Swept {
  readonly paths: ReadonlySet<string>
  /** Days whose files went before they were old. */
  readonly early: ReadonlySet<string>
}

/** A file that is to go. */
interface Doomed {
  readonly file: StreamFile
  /** The day that the mark tells. */
  readonly day: string
  readonly reason: RetentionReason
  /** Bytes of it that were not delivered, and to whom. */
  readonly undelivered: number
  readonly losers: readonly string[]
  readonly retired: RetiredFile
}

const dayMs = 24 * 60 * 60 * 1_000

export class Sweep {
  private readonly plan: SweepPlan
  private readonly log: Pick<LogIdentity, "now" | "monotonicMs" | "notice">
  private readonly files: readonly StreamFile[]
  private readonly facts = new Map<string, NameFacts>()
  private lapsed: ReadonlySet<string> = new Set()
  private readonly doomed = new Map<string, Doomed>()

  constructor(plan: SweepPlan, log: Pick<LogIdentity, "now" | "monotonicMs" | "notice">) {
    this.plan = plan
    this.log = log
    this.files = plan.streams.flatMap(({ files }) => files)
  }

  /** Decides what goes. Deletes nothing. */
  *decide(): DiskWork<void> {
    const { streams, holders, bytesMax, sweepDelivered } = this.plan
    if (holders.length > 0 || sweepDelivered || bytesMax < Number.POSITIVE_INFINITY) yield* this.lookAt()
    this.lapsed = this.lapsedDays()
    for (const { files } of streams)
      for (const file of files) {
        const reason = this.isOld(file)
          ? "age"
          : this.isOver(file) && sweepDelivered
            ? "delivered"
            : undefined
        if (reason !== undefined) yield* this.take(file, reason)
      }
    if (bytesMax < Number.POSITIVE_INFINITY) yield* this.keepBudget()
  }

  /** What is to be written before: of files that `marked` does not know as they are. */
  marks(marked: ReadonlyMap<string, number>): readonly DeletionMark[] {
    const news = [...this.doomed.values()].filter(
      ({ file: { path }, retired }) => marked.get(path) !== retired.size
    )
    const reasons = [...new Set(news.map(({ reason }) => reason))]
    return reasons.flatMap((reason) =>
      this.marksOf(
        reason,
        news.filter((one) => one.reason === reason)
      )
    )
  }

  /** The files that are to go, and their sizes. */
  get sizes(): ReadonlyMap<string, number> {
    return new Map([...this.doomed].map(([path, { retired }]) => [path, retired.size]))
  }

  /** Deletes them, as far as they are still as the marks say. */
  *carryOut(): DiskWork<Swept> {
    const gone: Doomed[] = []
    for (const one of this.doomed.values()) if (yield* this.remove(one)) gone.push(one)
    this.tellUndelivered(gone)
    return {
      paths: new Set(gone.map(({ file }) => file.path)),
      early: new Set(gone.flatMap(({ file, reason }) => (reason === "age" ? [] : [file.day])))
    }
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

  private *take(file: StreamFile, reason: RetentionReason): DiskWork<void> {
    const { holders, since, today } = this.plan
    const { path, day } = file
    if (reason === "delivered" && !this.seemsDelivered(file)) return
    const unsettled = file.isPacked ? { bytes: 0, names: [] } : yield* unsettledIn(file, holders)
    if (unsettled === undefined) return
    const { bytes, names } = unsettled
    if (bytes > 0 && (reason === "delivered" || !this.lapsed.has(day))) return
    const size = yield* sizeOf(path)
    if (size === undefined) return
    this.doomed.set(path, {
      ...{ file, reason, undelivered: bytes, losers: names },
      day: day === "unknown" ? (since.get(day) ?? today) : day,
      retired: { file: file.file, size, seals: yield* sealsOf(file) }
    })
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
      const facts = this.doomed.has(path) ? undefined : this.facts.get(path)
      return facts?.isFile === true ? facts.size : 0
    }
    let left = this.files.reduce((sum, file) => sum + sizeOf(file), 0)
    const all = streams.flatMap(({ files }) => files)
    for (const sameDay of byDay(all, ({ day }) => day)) {
      if (left <= bytesMax) return
      for (const file of sameDay) {
        const size = sizeOf(file)
        if (this.doomed.has(file.path) || !this.isOver(file)) continue
        yield* this.take(file, "budget")
        if (this.doomed.has(file.path)) left -= size
      }
    }
  }

  private *remove({ file: { path }, retired }: Doomed): DiskWork<boolean> {
    try {
      // A line that came late is not among what the mark tells.
      if ((yield* step((disk) => disk.nameFacts(path))).size !== retired.size) return false
      yield* step((disk) => disk.remove(path))
      return true
    } catch (error) {
      // Another process was first, and has marked it as well.
      return codeOf(error) === "ENOENT"
    }
  }

  // As many as one line has room for.
  private marksOf(reason: RetentionReason, doomed: readonly Doomed[]): readonly DeletionMark[] {
    const parts: Doomed[][] = []
    let room = 0
    for (const one of doomed) {
      const bytes = JSON.stringify(one.retired).length
      if (bytes > room) {
        parts.push([])
        room = retentionLimits.markFilesBytesMax
      }
      parts.at(-1)?.push(one)
      room -= bytes
    }
    return parts.flatMap((part) => this.markOf(reason, part))
  }

  private markOf(reason: RetentionReason, doomed: readonly Doomed[]): readonly DeletionMark[] {
    const { days, bytesMax } = this.plan
    const span = spanOf(doomed.map(({ day }) => day))
    if (span === undefined) return []
    const undelivered = doomed.reduce((sum, one) => sum + one.undelivered, 0)
    const fields: RetentionFields = {
      ...span,
      ...(reason === "age" ? { days } : {}),
      reason,
      ...(undelivered === 0 ? {} : { undelivered_bytes: undelivered }),
      files: doomed.map(({ retired }) => retired)
    }
    const why =
      reason === "age"
        ? `older than ${counted(days, "day")}`
        : reason === "delivered"
          ? "over and delivered"
          : `beyond the ${counted(bytesMax, "byte")} that the folder may have`
    const lost = undelivered === 0 ? "" : `, with ${counted(undelivered, "byte")} that were not delivered`
    return [{ fields, text: `Deleting ${filesOf(span)}: ${why}${lost}` }]
  }

  private tellUndelivered(gone: readonly Doomed[]): void {
    const lost = gone.filter(({ undelivered }) => undelivered > 0)
    const span = spanOf(lost.map(({ day }) => day))
    if (span === undefined) return
    const bytes = lost.reduce((sum, { undelivered }) => sum + undelivered, 0)
    const losers = new Set(lost.flatMap((one) => one.losers))
    const to = [...losers].map((name) => JSON.stringify(name)).join(", ")
    this.log.notice(
      `${JSON.stringify(this.plan.dir)}: ${filesOf(span)} ${span.count === 1 ? "was" : "were"} deleted with ${counted(bytes, "byte")} that were not delivered to ${to}: more than ${counted(this.plan.undeliveredMax, "byte")} waited there; the option "undelivered" says how much may`
    )
  }
}

// Of a file, or of a link in its place: no directory is deleted.
function* sizeOf(path: string): DiskWork<number | undefined> {
  try {
    const { size, isDirectory } = yield* step((disk) => disk.nameFacts(path))
    return isDirectory ? undefined : size
  } catch {
    return undefined
  }
}

// What was packed is unpacked at once, as far as it is no more than a day usually is.
function* sealsOf(file: StreamFile): DiskWork<RetiredFile["seals"]> {
  const end = yield* endOf(file, sealLimits.sawBytesMax)
  if (end === undefined) return []
  if (!file.isPacked) return newestSeals(end)
  try {
    if (!end.isWhole) return []
    const bytes = gunzipSync(end.bytes, { maxOutputLength: retentionLimits.unpackedBytesMax })
    return newestSeals({ file: file.file, bytes, isWhole: true })
  } catch {
    return []
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

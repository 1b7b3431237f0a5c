// Deleting files: what is old, and what else may go. No single reading of a clock deletes anything: what is old is decided in
// retention-days.ts, what sweeps keep for each other stands in retention-note.node.ts, what deliveries hold is holds.node.ts,
// and what goes of it, and why, is sweep.node.ts.

//   names ──▶ reference day ──▶ the note: what was asked for, what was seen ──▶ are they files of sessions of ours?
//                                                                  no  │           │ yes
//          a notice says what the next start deletes, and nothing goes ◀┘           ▼
//   days that are old, each file's last event and our own last append, and the places of deliveries ──▶ one sweep

import { join } from "node:path"
import type { LogIdentity } from "@daybook/core"
import { toLocalDay } from "@daybook/core"
import { describeDiskError } from "../disk/errno.ts"
import type { DiskWork } from "../disk/work.ts"
import { deliveryLimits, retentionLimits } from "../limits.ts"
import { dayBefore, dayText } from "../place/day.ts"
import type { Layout } from "../place/layout.node.ts"
import { byDay } from "../place/list.node.ts"
import { deliveriesDir } from "../state/delivery-place.node.ts"
import {
  claim,
  type FoundNote,
  greatestAsked,
  notePath,
  noteText,
  type RetentionNote,
  readNote,
  type SeenDay,
  writeNote
} from "../state/retention-note.node.ts"
import { type Holder, judgeHolders, readHolders } from "./holds.node.ts"
import { type LastEvent, lastEventIn } from "./last-event.ts"
import { referenceDay, seenSince } from "./retention-days.ts"
import { listStreams, type StreamFile } from "./streams.node.ts"
import { type DeletionMark, filesOf, Sweep, type Swept, spanOf, whatIsOld } from "./sweep.node.ts"

/** What is kept of files that deliveries have yet to deliver. */
export interface UndeliveredOptions {
  /** So many bytes at most, of the delivery that is furthest behind. Default: 1 GiB. */
  readonly bytesMax?: number | undefined
  /**
   * "sweep" (the default): beyond it files go at their age all the same, the oldest day first, which is counted and noticed.
   * "refuse": events are refused, until the delivery has caught up.
   */
  readonly full?: "sweep" | "refuse" | undefined
}

/** What a sweep looks at. */
export interface Kept {
  readonly app: string
  readonly dir: string
  readonly layout: Layout
  /** How many days the application asks for. */
  readonly asked: number | undefined
  /** How many bytes all files may have. */
  readonly bytesMax: number | undefined
  readonly sweepDelivered: boolean
  readonly undelivered: UndeliveredOptions
  /** When this session appended an event to the file last, in ms of the monotonic clock. */
  lastAppendMs(path: string): number | undefined
}

/** What a sweep is going to delete. */
export interface PlannedSweep {
  /** They must be down before. */
  readonly marks: readonly DeletionMark[]
  readonly sweep: Sweep
  /** Writes for later sweeps what this one has seen and deleted. */
  keep(swept: Swept): DiskWork<boolean>
}

export class Retention {
  private readonly kept: Kept
  private readonly log: Pick<LogIdentity, "now" | "monotonicMs" | "notice" | "session">
  /** Beside their age, files go for other reasons. */
  private readonly isMoreAsked: boolean
  /** Days of which this session has announced what the next one deletes. */
  private announced: ReadonlySet<string> = new Set()
  private readonly said = new Set<string>()
  /** Files of which a mark of this session says that they go, and their sizes then. */
  private marked: ReadonlyMap<string, number> = new Map()
  /** Files that the last sweep deleted. */
  deletedCount = 0
  /** Deliveries whose places hold nothing any more, and when they were saved. */
  private ended: ReadonlyMap<string, string> = new Map()

  constructor(kept: Kept, log: Pick<LogIdentity, "now" | "monotonicMs" | "notice" | "session">) {
    this.kept = kept
    this.log = log
    this.isMoreAsked = kept.sweepDelivered || kept.bytesMax !== undefined
  }

  /** Decides what is to go; absent where nothing is. A file or folder that cannot be read is left where it is. */
  *plan(): DiskWork<PlannedSweep | undefined> {
    const { app, dir, layout, asked } = this.kept
    this.deletedCount = 0
    const today = dayText(toLocalDay(this.log.now()))
    // Without a clock it is not known what is old. Users' files are kept for ever, unless somebody asks for less.
    const isNothingAsked = layout === "user" && asked === undefined && !this.isMoreAsked
    if (today === "unknown" || isNothingAsked) return undefined
    const streams = yield* listStreams(app, dir, layout)
    const files = streams.flatMap((stream) => stream.files)
    const path = notePath(dir, app)
    if (files.length === 0) yield* claim(path)
    const dates = files.flatMap(({ day }) => (day === "unknown" ? [] : day))
    const isAsked = asked !== undefined || this.isMoreAsked
    if (!isAsked && referenceDay(today, dates) === undefined) return undefined
    const found = yield* readNote(path)
    const reference = referenceDay(today, [...dates, ...found.note.gone])
    if (!this.isUsable(path, found)) return undefined
    const seenBefore = found.note.days ?? (found.isOurs ? new Map() : undefined)
    const note = this.withWishes({ ...found.note, days: seenBefore }, today, reference)
    const days = reference === undefined ? 0 : this.daysKept(note, reference)
    if (reference === undefined || (days === Number.POSITIVE_INFINITY && !this.isMoreAsked)) {
      yield* this.isKept(path, found, note, false)
      return undefined
    }
    const oldest = dayBefore(reference, days)
    const isStrange = note.days === undefined
    const { seen, ends } = yield* this.look(files, note, { today, reference, oldest, isStrange })
    const since = oldDays(seen, oldest)
    if (isStrange) this.announce(files, { since, days, reference })
    const isAllAnnounced = [...since.keys()].every((day) => this.announced.has(day))
    const judged = isAllAnnounced && !this.isMoreAsked ? undefined : yield* this.holders(note, reference)
    const places = judged?.doubted ?? note.places
    if (!(yield* this.isKept(path, found, { ...note, days: seen, places }, since.size > 0))) return undefined
    if (judged === undefined) return undefined
    // Another process may have asked for more meanwhile.
    const again = yield* readNote(path)
    if (this.daysKept(again.note, reference) > days) return undefined
    const sweep = new Sweep(
      {
        ...this.kept,
        ...{ streams, today, reference, oldest, days, since, ends, announced: this.announced },
        holders: judged.holding,
        undeliveredMax: greatestAsked(again.note.held, reference, retentionLimits.undeliveredBytesMax),
        bytesMax: this.kept.bytesMax ?? Number.POSITIVE_INFINITY
      },
      this.log
    )
    yield* sweep.decide()
    const marks = sweep.marks(this.marked)
    const keep = (swept: Swept): DiskWork<boolean> => {
      const rest = {
        ...again.note,
        days: without(swept.paths, files, seen, ends),
        gone: [...new Set([...again.note.gone, ...swept.early])].sort().slice(-2)
      }
      return this.isKept(path, again, this.withWishes(rest, today, reference), false)
    }
    return { marks, sweep, keep }
  }

  /** Deletes what was planned, when its marks are down. What cannot be deleted is left where it is. */
  *carryOut({ sweep, keep }: PlannedSweep): DiskWork<void> {
    this.marked = sweep.sizes
    const swept = yield* sweep.carryOut()
    this.deletedCount = swept.paths.size
    yield* keep(swept)
  }

  /** Deliveries that hold, without those whose end a sweep has found. */
  *holding(): DiskWork<readonly Holder[]> {
    const { app, dir } = this.kept
    const holders = yield* readHolders(dir, app)
    return holders.filter(({ name, place }) => place === undefined || this.ended.get(name) !== place.saved)
  }

  private *holders(note: RetentionNote, reference: string): DiskWork<ReturnType<typeof judgeHolders>> {
    const { app, dir } = this.kept
    const judged = judgeHolders(yield* readHolders(dir, app), note.places, reference)
    const placeOf = (name: string): string => JSON.stringify(join(deliveriesDir(dir, app), name))
    for (const { name, trouble } of judged.holding)
      if (trouble !== undefined)
        this.say(
          `The place in ${placeOf(name)} cannot be used: ${trouble}; all files count as not delivered until it can`
        )
    for (const { name, place } of judged.ended)
      this.say(
        `The place in ${placeOf(name)} was not saved for more than ${deliveryLimits.holdDays} days, the last time at ${place?.saved}: what is not delivered there is not kept for it any more`
      )
    this.ended = new Map(judged.ended.map(({ name, place }) => [name, place?.saved ?? ""]))
    return judged
  }

  private daysKept({ asked }: RetentionNote, reference: string): number {
    // Somebody who asked for days in another layout did not mean users' files.
    if (this.kept.layout === "user" && this.kept.asked === undefined) return Number.POSITIVE_INFINITY
    return greatestAsked(asked, reference, retentionLimits.daysDefault)
  }

  private isUsable(path: string, { trouble, isNewer }: FoundNote): boolean {
    if (trouble !== undefined)
      this.say(`Cannot read ${JSON.stringify(path)}: ${trouble}; it counts as absent, and is written anew`)
    if (isNewer === true)
      this.say(`${JSON.stringify(path)} is of a newer version of Daybook: this one deletes no old files`)
    return isNewer !== true
  }

  // A day in the future stands until it is known again what is today; one from a clock that is behind replaces none.
  private withWishes(note: RetentionNote, today: string, reference: string | undefined): RetentionNote {
    const current = (
      wishes: ReadonlyMap<number, string>,
      own: number | undefined
    ): ReadonlyMap<number, string> => {
      const asked = new Map(wishes)
      if (reference !== undefined)
        for (const [count, day] of asked) {
          if (day > today && reference === today) asked.set(count, today)
          if (day < dayBefore(reference, retentionLimits.askedDays)) asked.delete(count)
        }
      if (own !== undefined && (asked.get(own) ?? "") < today) asked.set(own, today)
      return asked
    }
    const { bytesMax, full } = this.kept.undelivered
    // What is refused needs no bound at which holds lapse.
    const held = full === "refuse" ? Number.POSITIVE_INFINITY : bytesMax
    return { ...note, asked: current(note.asked, this.kept.asked), held: current(note.held, held) }
  }

  // Files are looked into whose day is old, and once when their day is over.
  private *look(
    files: readonly StreamFile[],
    note: RetentionNote,
    at: {
      readonly today: string
      readonly reference: string
      readonly oldest: string
      readonly isStrange: boolean
    }
  ): DiskWork<{
    readonly seen: ReadonlyMap<string, SeenDay>
    readonly ends: ReadonlyMap<string, LastEvent>
  }> {
    const { today, reference, oldest, isStrange } = at
    const ends = new Map<string, LastEvent>()
    const over = dayBefore(reference, 2)
    const seen = new Map<string, SeenDay>()
    const isTodayProved = reference === today
    for (const sameDay of byDay(files, ({ day }) => day)) {
      const [{ day } = { day: "" }] = sameDay
      const known = note.days?.get(day)
      if (day === "unknown" || day < oldest || (known === undefined && day <= over)) {
        let bytes = 0
        for (const { path } of sameDay) {
          const last = yield* lastEventIn(path)
          bytes += last.endsAt
          if (day === "unknown" || day < oldest) ends.set(path, last)
        }
        seen.set(day, seenSince({ day, bytes, today, isTodayProved, isStrange, known }))
      } else if (known !== undefined) seen.set(day, known)
    }
    return { seen, ends }
  }

  // Files that no sweep of ours has seen may be somebody's only copy.
  private announce(
    files: readonly StreamFile[],
    {
      since,
      days,
      reference
    }: { readonly since: ReadonlyMap<string, string>; readonly days: number; readonly reference: string }
  ): void {
    const dir = JSON.stringify(this.kept.dir)
    const named = files.map(({ day }) => day)
    const old = spanOf(named.flatMap((day) => (since.has(day) ? day : [])))
    if (old !== undefined)
      this.log.notice(
        `${dir}: ${whatIsOld({ ...old, days })}. The next start deletes what is so old, unless the option "retentionDays" keeps it`
      )
    const over = this.isMoreAsked ? named.filter((day) => day < reference) : []
    const rest = spanOf(over)
    if (rest !== undefined)
      this.log.notice(
        `${dir}: ${filesOf(rest)} ${rest.count === 1 ? "is" : "are"} of no session of ours. From the next start on they may be deleted, because of ${this.whatMore}`
      )
    this.announced = new Set([...since.keys(), ...over])
  }

  private get whatMore(): string {
    const { sweepDelivered, bytesMax } = this.kept
    if (!sweepDelivered) return 'the option "bytesMax"'
    return bytesMax === undefined
      ? 'the option "sweepDelivered"'
      : 'the options "sweepDelivered" and "bytesMax"'
  }

  // What cannot be kept for the next sweep cannot be relied on by this one.
  private *isKept(path: string, found: FoundNote, note: RetentionNote, isNeeded: boolean): DiskWork<boolean> {
    const text = noteText(note)
    if (text === found.text) return true
    try {
      yield* writeNote(path, this.log.session, text)
      return true
    } catch (error) {
      const why = describeDiskError(error)
      if (isNeeded) this.say(`Cannot write ${JSON.stringify(path)}: ${why}; no old files are deleted`)
      return false
    }
  }

  private say(text: string): void {
    if (!this.said.has(text)) this.log.notice(text)
    this.said.add(text)
  }
}

// Days whose lines are all as old as their name says, and those whose name says nothing and whose lines are old.
const oldDays = (seen: ReadonlyMap<string, SeenDay>, oldest: string): ReadonlyMap<string, string> => {
  const isOld = (day: string, since: string): boolean => since < oldest && (day < oldest || day === "unknown")
  return new Map([...seen].flatMap(([day, { since }]) => (isOld(day, since) ? [[day, since]] : [])))
}

// What was seen, without the files that are gone: a day that comes again is another one. Of a file that was not looked into
// the bytes count as none: then the day is as young as the next look at it.
const without = (
  gone: ReadonlySet<string>,
  files: readonly StreamFile[],
  seen: ReadonlyMap<string, SeenDay>,
  ends: ReadonlyMap<string, LastEvent>
): ReadonlyMap<string, SeenDay> => {
  const rest = new Map(seen)
  for (const day of new Set(files.flatMap((file) => (gone.has(file.path) ? file.day : [])))) {
    const left = files.filter((file) => file.day === day && !gone.has(file.path))
    const bytes = left.reduce((sum, { path }) => sum + (ends.get(path)?.endsAt ?? 0), 0)
    const before = seen.get(day)
    if (left.length === 0 || before === undefined) rest.delete(day)
    else rest.set(day, { ...before, bytes })
  }
  return rest
}

// Deleting files that are too old. No single reading of a clock deletes anything: what is old is decided in
// retention-days.ts, and what sweeps keep for each other stands in retention-note.node.ts. Only names of our own making
// are deleted, never a link's target, and never today's file.

//   names ──▶ reference day ──▶ the note: what was asked for, what was seen ──▶ are they files of sessions of ours?
//                                                                  no  │           │ yes
//          a notice says what the next start deletes, and nothing goes ◀┘           ▼
//   of the days that are old, each file's last event and our own last append ──▶ deleted, and a mark says so

import { join } from "node:path"
import type { LogIdentity, RetentionFields } from "@daybook/core"
import { toLocalDay } from "@daybook/core"
import { codeOf, describeDiskError } from "../disk/error.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { retentionLimits } from "../limits.ts"
import { dayBefore, dayText } from "../place/day.ts"
import {
  type FileName,
  isUserFolder,
  type Layout,
  readFileName,
  readUserFileName,
  stateDir,
  userFolderName
} from "../place/layout.node.ts"
import { byDay } from "../place/list.node.ts"
import {
  daysThatCount,
  type FoundNote,
  notePath,
  noteText,
  type RetentionNote,
  readNote,
  type SeenDay,
  writeNote
} from "../state/retention-note.node.ts"
import { counted } from "../words.ts"
import { type LastEvent, lastEventIn } from "./last-event.ts"
import { referenceDay, seenSince } from "./retention-days.ts"

/** What a sweep looks at. */
export interface Swept {
  readonly app: string
  readonly dir: string
  readonly layout: Layout
  /** How many days the application asks for. */
  readonly asked: number | undefined
  /** The file of a day that gets the mark of what was deleted beside it. */
  markFileOf(day: string): string
  /** When this session appended an event to the file last, in ms of the monotonic clock. */
  lastAppendMs(path: string): number | undefined
}

/** Files that were deleted from one stream of files, and the file that gets the mark of it. */
export interface SweptFiles {
  readonly markFile: string
  readonly fields: RetentionFields
}

interface Found {
  readonly path: string
  readonly day: string
}

/** Files of one directory: the log's, or a user's. */
interface Stream {
  /** Absent for the log's own. */
  readonly userDir?: string
  readonly files: readonly Found[]
}

/** Days of files that are old, by what was seen of them. */
interface Old {
  /** Files named or seen before this day are old. */
  readonly oldest: string
  readonly days: number
  readonly today: string
  /** Since when the lines of each of them are there. */
  readonly since: ReadonlyMap<string, string>
  /** What was found at the ends of their files. */
  readonly ends: ReadonlyMap<string, LastEvent>
}

const dayMs = 24 * 60 * 60 * 1_000

export class Retention {
  private readonly swept: Swept
  private readonly log: Pick<LogIdentity, "now" | "monotonicMs" | "notice" | "session">
  /** What this session has announced is not for this session to delete. */
  private announced: ReadonlySet<string> = new Set()
  private readonly said = new Set<string>()
  /** Files that the last sweep deleted. */
  deletedCount = 0

  constructor(swept: Swept, log: Pick<LogIdentity, "now" | "monotonicMs" | "notice" | "session">) {
    this.swept = swept
    this.log = log
  }

  /** Deletes what is too old. A file or folder that cannot be read or deleted is left where it is. */
  *sweep(): DiskWork<readonly SweptFiles[]> {
    const { app, dir, layout, asked } = this.swept
    this.deletedCount = 0
    const today = dayText(toLocalDay(this.log.now()))
    // Without a clock it is not known what is old. Users' files are kept for ever, unless somebody asks for less.
    if (today === "unknown" || (layout === "user" && asked === undefined)) return []
    const streams = yield* this.streams()
    const dates = streams.flatMap(({ files }) => files.flatMap(({ day }) => (day === "unknown" ? [] : day)))
    const reference = referenceDay(today, dates)
    const files = streams.flatMap((stream) => stream.files)
    if (files.length === 0) yield* this.claim()
    if (reference === undefined && asked === undefined) return []
    const path = notePath(dir, app)
    const found = yield* readNote(path)
    if (!this.isUsable(path, found)) return []
    const seenBefore = found.note.days ?? (found.isOurs ? new Map() : undefined)
    const note = this.withWish({ ...found.note, days: seenBefore }, today, reference)
    const days = reference === undefined ? 0 : daysThatCount(note, reference, retentionLimits.daysDefault)
    if (reference === undefined || days === Number.POSITIVE_INFINITY) {
      yield* this.isKept(path, found, note, false)
      return []
    }
    const oldest = dayBefore(reference, days)
    const isStrange = note.days === undefined
    const { seen, ends } = yield* this.look(files, note, { today, reference, oldest, isStrange })
    const old = { oldest, days, today, since: oldDays(seen, oldest), ends }
    if (isStrange) this.announce(files, old)
    if (!(yield* this.isKept(path, found, { ...note, days: seen }, old.since.size > 0))) return []
    if ([...old.since.keys()].every((day) => this.announced.has(day))) return []
    // Another process may have asked for more meanwhile.
    const again = yield* readNote(path)
    if (daysThatCount(again.note, reference, days) > days) return []
    const swept: SweptFiles[] = []
    const gone = new Set<string>()
    for (const stream of streams) swept.push(...(yield* this.sweepStream(stream, old, gone)))
    const rest = this.withWish({ ...again.note, days: without(gone, files, seen, old) }, today, reference)
    yield* this.isKept(path, again, rest, false)
    return swept
  }

  private *streams(): DiskWork<readonly Stream[]> {
    const { app, dir, layout } = this.swept
    const found: Stream[] = [{ files: yield* filesIn(dir, (name) => readFileName(app, name)) }]
    if (layout !== "user") return found
    for (const user of (yield* namesIn(dir)).filter(isUserFolder)) {
      const userDir = join(dir, user, userFolderName)
      if (!((yield* isDirectory(join(dir, user))) && (yield* isDirectory(userDir)))) continue
      found.push({ userDir, files: yield* filesIn(userDir, readUserFileName) })
    }
    return found
  }

  // What comes to a folder that is empty now is of sessions of ours.
  private *claim(): DiskWork<void> {
    const { app, dir } = this.swept
    try {
      yield* step((disk) => disk.makeDir(stateDir(dir, app)))
    } catch {
      // Then its files are announced before they are deleted.
    }
  }

  private isUsable(path: string, { trouble, isNewer }: FoundNote): boolean {
    if (trouble !== undefined)
      this.say(`Cannot read ${JSON.stringify(path)}: ${trouble}; it counts as absent, and is written anew`)
    if (isNewer === true)
      this.say(`${JSON.stringify(path)} is of a newer version of Daybook: this one deletes no old files`)
    return isNewer !== true
  }

  // A day in the future stands until it is known again what is today; one from a clock that is behind replaces none.
  private withWish(note: RetentionNote, today: string, reference: string | undefined): RetentionNote {
    const asked = new Map(note.asked)
    if (reference !== undefined)
      for (const [count, day] of asked) {
        if (day > today && reference === today) asked.set(count, today)
        if (day < dayBefore(reference, retentionLimits.askedDays)) asked.delete(count)
      }
    const own = this.swept.asked
    if (own !== undefined && (asked.get(own) ?? "") < today) asked.set(own, today)
    return { ...note, asked }
  }

  // Files are looked into whose day is old, and once when their day is over.
  private *look(
    files: readonly Found[],
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
  private announce(files: readonly Found[], { since, days }: Old): void {
    const fields = retentionFields(
      files.flatMap(({ day }) => (since.has(day) ? day : [])),
      days
    )
    if (fields === undefined) return
    this.announced = new Set(since.keys())
    this.log.notice(
      `${JSON.stringify(this.swept.dir)}: ${whatIsOld(fields)}. The next start deletes what is so old, unless the option "retentionDays" keeps it`
    )
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

  private *sweepStream(
    { files, userDir }: Stream,
    old: Old,
    paths: Set<string>
  ): DiskWork<readonly SweptFiles[]> {
    const gone: string[] = []
    const left: string[] = []
    for (const { path, day } of files) {
      const since = this.announced.has(day) ? undefined : old.since.get(day)
      if (since !== undefined && (yield* this.isGone(path, old, paths)))
        gone.push(day === "unknown" ? since : day)
      else left.push(day)
    }
    const fields = retentionFields(gone, old.days)
    if (fields === undefined) return []
    if (userDir === undefined) return [{ markFile: this.swept.markFileOf(old.today), fields }]
    // A user of whom nothing is left has no file for a mark.
    const newest = left
      .filter((day) => day <= old.today)
      .sort()
      .at(-1)
    return newest === undefined ? [] : [{ markFile: join(userDir, `${newest}.jsonl`), fields }]
  }

  private *isGone(path: string, { days, oldest, today, ends }: Old, paths: Set<string>): DiskWork<boolean> {
    const appendedMs = this.swept.lastAppendMs(path)
    if (appendedMs !== undefined && !(this.log.monotonicMs() - appendedMs >= days * dayMs)) return false
    const last = ends.get(path)?.day
    // A day to come is no day that a line can be of.
    if (last === undefined || (last >= oldest && last <= today)) return false
    try {
      yield* step((disk) => disk.remove(path))
      paths.add(path)
      this.deletedCount += 1
      return true
    } catch (error) {
      // Another process was first, and marks it.
      if (codeOf(error) === "ENOENT") paths.add(path)
      return false
    }
  }

  private say(text: string): void {
    if (!this.said.has(text)) this.log.notice(text)
    this.said.add(text)
  }
}

/** `3 files of 2026-01-31 to 2026-02-02 are older than 7 days` */
export const whatIsOld = ({ count, oldest, newest, days }: RetentionFields): string => {
  const of = oldest === newest ? oldest : `${oldest} to ${newest}`
  return `${counted(count, "file")} of ${of} ${count === 1 ? "is" : "are"} older than ${counted(days, "day")}`
}

// Days whose lines are all as old as their name says, and those whose name says nothing and whose lines are old.
const oldDays = (seen: ReadonlyMap<string, SeenDay>, oldest: string): ReadonlyMap<string, string> => {
  const isOld = (day: string, since: string): boolean => since < oldest && (day < oldest || day === "unknown")
  return new Map([...seen].flatMap(([day, { since }]) => (isOld(day, since) ? [[day, since]] : [])))
}

// What was seen, without the files that are gone: a day that comes again is another one.
const without = (
  gone: ReadonlySet<string>,
  files: readonly Found[],
  seen: ReadonlyMap<string, SeenDay>,
  { since, ends }: Old
): ReadonlyMap<string, SeenDay> => {
  const rest = new Map(seen)
  for (const day of since.keys()) {
    const left = files.filter((file) => file.day === day && !gone.has(file.path))
    const bytes = left.reduce((sum, { path }) => sum + (ends.get(path)?.endsAt ?? 0), 0)
    const before = seen.get(day)
    if (left.length === 0 || before === undefined) rest.delete(day)
    else rest.set(day, { ...before, bytes })
  }
  return rest
}

const retentionFields = (gone: readonly string[], days: number): RetentionFields | undefined => {
  const sorted = gone.toSorted()
  const [oldest, newest] = [sorted[0], sorted.at(-1)]
  if (oldest === undefined || newest === undefined) return undefined
  return { count: gone.length, oldest, newest, days }
}

function* filesIn(dir: string, read: (name: string) => FileName | undefined): DiskWork<readonly Found[]> {
  return (yield* namesIn(dir)).flatMap((name) => {
    const said = read(name)
    return said === undefined ? [] : [{ path: join(dir, name), day: said.day }]
  })
}

function* namesIn(dir: string): DiskWork<readonly string[]> {
  try {
    return yield* step((disk) => disk.list(dir))
  } catch {
    return []
  }
}

function* isDirectory(path: string): DiskWork<boolean> {
  try {
    return (yield* step((disk) => disk.dirFacts(path))).isDirectory
  } catch {
    return false
  }
}

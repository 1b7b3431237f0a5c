// Writes lines into files, each write with the seals that are due, and finds out what of it arrived: by what the system
// says, or by looking. Which lines of which batch they are is file-appender.node.ts's business.

import { dirname } from "node:path"
import { describeThrown, type LogIdentity } from "@daybook/core"
import { describeDiskError } from "../disk/error.ts"
import { type DiskWork, step } from "../disk/work.ts"
import type { NewSeal, SealAnchor } from "../seal/key.node.ts"
import type { Sealer } from "../seal/sealer.node.ts"
import { type DoorOptions, FileDoor, type OpenFile } from "./file-door.node.ts"
import { firstLine, fragmentBytes, isFirstGlued, linesArrived } from "./file-tail.ts"
import {
  type Arrived,
  arrivedWithin,
  dayOf,
  gather,
  isUnfinished,
  type KnownFile,
  type Planned,
  type Run,
  unsealed,
  withLead
} from "./known-file.ts"

/** What a plan says of a seal instead of the line that was given. */
const sealSource = -1

export interface WriterOptions extends Omit<DoorOptions, "onDrop" | "onReturn"> {
  readonly log: LogIdentity
  /** "batch": on the disk itself before it is confirmed. */
  readonly sync: "none" | "interval" | "batch"
  readonly sealer: Sealer | undefined
  /** Gets each seal that is in its file. One that throws has told nothing. */
  readonly anchor?: SealAnchor | undefined
}

export class LineWriter {
  /** The file whose write was handed to the system and has not come back. */
  issued: KnownFile | undefined
  private readonly options: WriterOptions
  private readonly door: FileDoor
  /** Of the file that was written last. */
  private day = ""
  /** Files with a write of which it is not known how it ended. */
  private readonly unsettled = new Set<KnownFile>()

  constructor(options: WriterOptions) {
    this.options = options
    const { sealer } = options
    this.door = new FileDoor({
      ...options,
      onChange: (file) => {
        this.unsettled.delete(file)
        options.onChange(file)
      },
      onDrop: ({ name }) => sealer?.drop(name),
      onReturn: ({ name }) => sealer?.beginAnew(name)
    })
  }

  /** Files with lines that a power cut could still take. */
  get dirtyFiles(): readonly KnownFile[] {
    return [...this.door.files.values()].filter(({ isDirty }) => isDirty)
  }

  /** Writes what is left of a run. `isLast`: nothing may come after it, so it ends with a seal. */
  *runWork(run: Run, isLast: boolean): DiskWork<void> {
    yield* this.leaveOtherDays(run.path)
    const self = this
    yield* this.door.onFile(run.path, function* (open) {
      yield* self.settleArrived(open)
      if (isUnfinished(run)) yield* self.write(open, run, [], isLast)
      if (open.file.gluedLine !== undefined)
        yield* self.write({ ...open, facts: yield* step((disk) => disk.facts(open.fd)) }, run, [], isLast)
      if (self.options.sync === "batch") yield* self.syncRun(open, run)
    })
  }

  /** Writes lines of our own, of no batch, and a seal if asked: on a failure they are not tried again. */
  *ownWork(path: string, marks: readonly Uint8Array[], closing: boolean): DiskWork<void> {
    const self = this
    yield* this.door.onFile(path, function* (open) {
      yield* self.settleArrived(open)
      yield* self.write(open, undefined, marks, closing)
    })
  }

  /** Until the lines of a file survive a power cut; told when they may not. */
  *syncWork(file: KnownFile): DiskWork<void> {
    try {
      yield* this.door.onFile(file.path, ({ fd }) => this.sync(fd, file))
    } catch (error) {
      file.isDirty = false
      this.door.tell(
        file.path,
        `it could not be synced, a power cut may take its last lines: ${describeDiskError(error)}`
      )
    }
  }

  /** Paths of files whose newest lines are under no seal yet, with the time (ms since 1970) at which one is due. */
  openStretches(): readonly { readonly path: string; readonly dueMs: number }[] {
    const dueByName = new Map(this.options.sealer?.openStretches().map(({ file, dueMs }) => [file, dueMs]))
    return [...this.door.files.values()].flatMap(({ path, name, isUnended, gluedLine }) => {
      const dueMs = isUnended || gluedLine !== undefined ? 0 : dueByName.get(name)
      return dueMs === undefined ? [] : [{ path, dueMs }]
    })
  }

  // What an attempt that failed, or that nobody waited for, has left: its lines are looked for, not written again.
  private *settleArrived({ fd, facts, file }: OpenFile): DiskWork<void> {
    const { planned } = file
    if (planned === undefined) return
    this.settle(file, planned, yield* linesArrived(fd, facts.size, planned), facts.size)
  }

  /** What is known of a write by now. */
  settle(file: KnownFile, planned: Planned, { lines, standing }: Arrived, end: number): void {
    const { append, run, from, marks } = planned
    this.anchorAll(append.settle(standing))
    this.setPlanned(file, undefined)
    file.isWhole = false
    file.isUnended = standing > lines
    file.end = end
    if (standing > 0 && this.options.sync !== "none") file.isDirty = true
    if (run === undefined) return
    for (let line = lines - 1; line >= 0; line--) {
      const source = (append.source[line] ?? -1) - marks
      if (source < 0) continue
      // The exit hook may have gone on behind this run before its write came back.
      run.next = Math.max(run.next, from + source + 1)
      return
    }
  }

  // The first write of a new day closes what is open in the files of other days. One that cannot be closed now keeps its
  // stretch, and holds up nobody.
  private *leaveOtherDays(path: string): DiskWork<void> {
    const day = dayOf(path)
    if (day === this.day) return
    this.day = day
    for (const file of [...this.door.files.values()]) {
      if (file.day === day) continue
      try {
        if (this.isOpen(file)) yield* this.ownWork(file.path, [], true)
        if (file.isDirty) yield* this.syncWork(file)
        // A write may have taken only a part, or had to wait for another file's seal.
        if (!this.isOpen(file) && file.planned === undefined) this.door.leave(file)
      } catch {
        // It is told of when its own lines cannot be written, or with the seals that are due.
      }
    }
  }

  private isOpen({ name, isUnended, gluedLine }: KnownFile): boolean {
    return isUnended || gluedLine !== undefined || this.options.sealer?.isOpen(name) === true
  }

  /** A line of this file is still to be written again. */
  isOwing(path: string): boolean {
    return this.door.files.get(path)?.gluedLine !== undefined
  }

  private setPlanned(file: KnownFile, planned: Planned | undefined): void {
    file.planned = planned
    if (planned === undefined) this.unsettled.delete(file)
    else this.unsettled.add(file)
  }

  // One write: what a fragment at the end of the file asks for, the lines, and the seals that are due.
  private *write(
    { fd, facts, file }: OpenFile,
    run: Run | undefined,
    own: readonly Uint8Array[],
    closing: boolean
  ): DiskWork<void> {
    const isGrown = facts.size !== file.end
    const fragment = isGrown || !file.isWhole ? yield* fragmentBytes(fd, facts.size) : 0
    const isFirst = file.end === 0
    if (isGrown && !isFirst) file.isShared = true
    const isForeign = fragment > 0 && isGrown && !(yield* isGrowing(fd, facts.size))
    const found = isForeign ? [this.recoveredMark(file, fragment)] : []
    const glued = file.gluedLine === undefined ? [] : [file.gluedLine]
    const marks = [...found, ...glued, ...own]
    const given = gather(run, marks)
    const holdsBack = !(yield* this.settleOtherSeals(file))
    const append = this.options.sealer?.plan(file.name, given, { closing, holdsBack }) ?? unsealed(given)
    if (append.ends.length === 0 && !file.isUnended) return
    // Between this look and the write, another process may leave a fragment there. A blank line means nothing to readers;
    // a line that is glued to a fragment is lost.
    const mayBeTorn = file.isShared || (isFirst && isGrown)
    const lead = fragment > 0 || file.isDoubtful || mayBeTorn ? 1 : 0
    const from = run?.next ?? 0
    const planned: Planned = { append, lead, position: facts.size, run, from, marks: marks.length }
    this.setPlanned(file, planned)
    const written = yield* this.issue(file, fd, withLead(append.bytes, lead))
    if (written > 0) file.isDoubtful = false
    const arrived = arrivedWithin(planned, written)
    this.settle(file, planned, arrived, facts.size + written)
    file.isWhole = arrived.lines === append.ends.length
    if (glued.length > 0 && arrived.lines > append.source.indexOf(found.length)) file.gluedLine = undefined
    if (lead === 0) yield* this.lookForOthers(fd, file, planned, written)
    if (file.isWhole) append.release()
  }

  // The first time that somebody else writes here, and just then: their fragment may stand where our first line begins. It
  // is damage now, so the line is written again.
  private *lookForOthers(fd: number, file: KnownFile, planned: Planned, written: number): DiskWork<void> {
    const { size } = yield* step((disk) => disk.facts(fd))
    if (size === planned.position + written) return
    file.isShared = true
    if (yield* isFirstGlued(fd, size, planned)) file.gluedLine = firstLine(planned)
  }

  // A seal that nobody knows to have arrived holds back all others: two with one number would fork the chain.
  private *settleOtherSeals(file: KnownFile): DiskWork<boolean> {
    for (const other of this.unsettled) {
      if (other === file || other.planned?.append.source.includes(sealSource) !== true) continue
      try {
        yield* this.door.onFile(other.path, (open) => this.settleArrived(open))
      } catch {
        return false
      }
    }
    return true
  }

  private *issue(file: KnownFile, fd: number, bytes: Uint8Array): DiskWork<number> {
    this.issued = file
    try {
      return yield* step((disk) => disk.append(fd, bytes))
    } finally {
      this.issued = undefined
    }
  }

  // After a failed fdatasync the system may call the pages clean: asking again would be answered with a lie. The lines
  // are appended again, with the same ids, behind a newline: what was not synced may read as NUL after a power cut.
  private *syncRun({ fd, file }: OpenFile, run: Run): DiskWork<void> {
    try {
      if (file.isDirty) yield* this.sync(fd, file)
      run.synced = run.next
    } catch (error) {
      file.isDirty = false
      run.next = run.synced
      throw error
    }
  }

  private *sync(fd: number, file: KnownFile): DiskWork<void> {
    file.isDoubtful = true
    yield* step((disk) => disk.sync(fd))
    file.isDoubtful = false
    if (!file.isNamed) yield* this.syncNames(file)
    file.isDirty = false
  }

  // A name that was never synced is one that a power cut takes back: the file's, and that of a directory we made.
  private *syncNames(file: KnownFile): DiskWork<void> {
    const dir = dirname(file.path)
    yield* step((disk) => disk.syncDir(dir))
    yield* step((disk) => disk.syncDir(dirname(dir)))
    file.isNamed = true
  }

  private anchorAll(seals: readonly NewSeal[]): void {
    for (const seal of seals) {
      try {
        this.options.anchor?.(seal)
      } catch (error) {
        this.options.log.notice(`the option "anchor" threw for a seal: ${describeThrown(error).message}`)
      }
    }
  }

  private recoveredMark(file: KnownFile, bytes: number): Uint8Array {
    const message = `${bytes} bytes of a line that was never finished stand before this one`
    return this.options.log.mark("recovered", message, { file: file.name, bytes })
  }
}

// A system shows a large write page by page: what ends in the middle of a line may be somebody's write on its way.
function* isGrowing(fd: number, size: number): DiskWork<boolean> {
  return (yield* step((disk) => disk.facts(fd))).size !== size
}

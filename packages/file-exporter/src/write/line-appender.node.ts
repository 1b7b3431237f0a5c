// Appends lines to files, each write with the seals that are due, and finds out what of it arrived: by what the system
// says, or by looking. Which lines of which batch they are is decided in batch-appender.node.ts.

import { dirname } from "node:path"
import { errorInWords, type LogIdentity } from "@daybook/core"
import { describeDiskError } from "../disk/errno.ts"
import { isUnsyncable } from "../disk/error.ts"
import type { FileLayer } from "../disk/file-layer.ts"
import { type DiskWork, doAtOnce, step } from "../disk/work.ts"
import { fileLimits } from "../limits.ts"
import type { NewSeal, SealAnchor } from "../seal/key.node.ts"
import type { Sealer } from "../seal/sealer.node.ts"
import type { Sight } from "../seal/seen.node.ts"
import { type DoorOptions, FileDoor, type OpenFile } from "./file-door.node.ts"
import { firstLine, fragmentBytes, isFirstGlued, linesArrived } from "./file-tail.ts"
import { dayOf, type KnownFile } from "./known-file.ts"
import { type Arrived, arrivedWithin, type Planned, runLinesWithin, unsealed, withLead } from "./planned.ts"
import { gather, isUnfinished, type Run } from "./run.ts"

/** What a plan says of a seal instead of the line that was given. */
const sealSource = -1

/** What ends with a write: nothing, the open stretch of its file, or all that the session writes. */
export type Ending = "open" | "stretch" | "session"

export interface LineAppenderOptions extends Omit<DoorOptions, "onDrop" | "onReturn"> {
  readonly log: LogIdentity
  /** "batch": on the disk itself before it is confirmed. */
  readonly sync: "none" | "interval" | "batch"
  readonly sealer: Sealer | undefined
  /** What others have sealed, for the first seal. */
  lookAround(): DiskWork<Sight>
  /** Gets each seal that is in its file. One that throws is reported, and nothing else. */
  readonly anchor?: SealAnchor | undefined
}

export class LineAppender {
  /** The file whose write was handed to the system and has not come back. */
  private issued: KnownFile | undefined
  private readonly options: LineAppenderOptions
  private readonly door: FileDoor
  /** Of the file that was written last. */
  private day = ""
  /** When an event of ours was appended last to a file, on the monotonic clock. The newest append is last. */
  private readonly appendedMs = new Map<string, number>()
  /** Files with a write of which it is not known how it ended. */
  private readonly unsettled = new Set<KnownFile>()
  private isUnsyncedDirTold = false

  constructor(options: LineAppenderOptions) {
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
  get unsyncedFiles(): readonly KnownFile[] {
    return [...this.door.files.values()].filter(({ isUnsynced }) => isUnsynced)
  }

  /** Writes what is left of a run. `isLast`: nothing may come after it, so it ends with a seal. */
  *runWork(run: Run, isLast: boolean): DiskWork<void> {
    yield* this.leaveOtherDays(run.path)
    const self = this
    yield* this.door.onFile(run.path, function* (open) {
      yield* self.settleArrived(open)
      const ending = isLast ? "stretch" : "open"
      if (isUnfinished(run)) yield* self.append(open, run, [], ending)
      if (open.file.owedLine !== undefined)
        yield* self.append({ ...open, facts: yield* step((disk) => disk.facts(open.fd)) }, run, [], ending)
      if (self.options.sync === "batch") yield* self.syncRun(open, run)
    })
  }

  /** Writes lines of our own, of no batch, and a seal if asked: on a failure they are not tried again. */
  *ownWork(path: string, marks: readonly Uint8Array[], ending: Ending): DiskWork<void> {
    const self = this
    yield* this.door.onFile(path, function* (open) {
      yield* self.settleArrived(open)
      // What was in doubt may have been the seal that is asked for.
      if (ending === "session" && self.options.sealer?.isClosed === true) return
      yield* self.append(open, undefined, marks, ending)
    })
  }

  /** Looks what of a failed write is in its file. True when it is known, and none of the run's lines is there. */
  *isUntouched(run: Run): DiskWork<boolean> {
    try {
      yield* this.door.onFile(run.path, (open) => this.settleArrived(open))
    } catch {
      // What was never issued is not there either.
    }
    return run.next === 0 && this.door.files.get(run.path)?.planned === undefined
  }

  /** Until the lines of a file survive a power cut; a notice says when they may not. */
  *syncWork(file: KnownFile): DiskWork<void> {
    try {
      yield* this.door.onFile(file.path, ({ fd }) => this.sync(fd, file))
    } catch (error) {
      // A name is tried again with the next lines: to ask each second would be to tell each second.
      if (file.areBytesSynced) file.synced()
      else file.syncFailed()
      this.door.notice(
        file.path,
        `it could not be synced, a power cut may take its last lines: ${describeDiskError(error)}`
      )
    }
  }

  /** Paths of files whose newest lines are under no seal yet, with the time (ms since 1970) at which one is due. */
  openStretches(): readonly { readonly path: string; readonly dueMs: number }[] {
    const dueByName = new Map(this.options.sealer?.openStretches().map(({ file, dueMs }) => [file, dueMs]))
    return [...this.door.files.values()].flatMap((file) => {
      const dueMs = hasRest(file) ? 0 : dueByName.get(file.name)
      return dueMs === undefined ? [] : [{ path: file.path, dueMs }]
    })
  }

  /** When this session appended an event to the file last, in ms of the monotonic clock; absent where it has not. */
  lastAppendMs(path: string): number | undefined {
    return this.appendedMs.get(path)
  }

  /** A line of this file is still to be written again. */
  isOwing(path: string): boolean {
    return this.door.files.get(path)?.owedLine !== undefined
  }

  /**
   * Waits, blocking, until a write that is under way is in its file: the pool's thread finishes it meanwhile. False when
   * it is not there in time.
   */
  awaitIssued(layer: FileLayer, endsAt: number): boolean {
    const { planned, path = "" } = this.issued ?? {}
    while (this.issued !== undefined && planned !== undefined) {
      if (performance.now() >= endsAt) return false
      const { arrived, size } = doAtOnce(lookFor(path, planned), layer.now)
      if (arrived.lines === planned.append.ends.length) {
        this.settle(this.issued, planned, arrived, size)
        break
      }
      layer.now.pause(fileLimits.exitPauseMs)
    }
    this.issued = undefined
    return true
  }

  // What an attempt that failed, or that timed out, has left: its lines are looked for, not written again.
  private *settleArrived({ fd, facts, file }: OpenFile): DiskWork<void> {
    const { planned } = file
    if (planned === undefined) return
    this.settle(file, planned, yield* linesArrived(fd, facts.size, planned), facts.size)
  }

  // What is known of a write by now. The exit hook may have settled it before its answer came back.
  private settle(file: KnownFile, planned: Planned, arrived: Arrived, size: number, written?: number): void {
    if (file.planned !== planned) return
    const { append, run } = planned
    this.anchorAll(append.settle(arrived.standing))
    file.arrive(arrived, size, written, this.options.sync !== "none")
    this.unsettled.delete(file)
    if (run === undefined) return
    run.next = Math.max(run.next, runLinesWithin(planned, arrived.lines))
    if (arrived.lines > 0) this.noteAppend(file.path)
  }

  private noteAppend(path: string): void {
    this.appendedMs.delete(path)
    this.appendedMs.set(path, this.options.log.monotonicMs())
    const [oldest] = this.appendedMs.size > fileLimits.leftFilesMax ? this.appendedMs.keys() : []
    if (oldest !== undefined) this.appendedMs.delete(oldest)
  }

  // The first write of a new day closes what is open in the files of other days. One that cannot be closed now keeps its
  // stretch, and holds up nothing.
  private *leaveOtherDays(path: string): DiskWork<void> {
    const day = dayOf(path)
    if (day === this.day) return
    this.day = day
    for (const file of [...this.door.files.values()]) {
      if (file.day === day) continue
      try {
        if (this.isOpen(file)) yield* this.ownWork(file.path, [], "stretch")
        if (file.isUnsynced) yield* this.syncWork(file)
        // A write may have taken only a part, or had to wait for another file's seal.
        if (!this.isOpen(file) && file.planned === undefined) this.door.leave(file)
      } catch {
        // It is reported when its own lines cannot be written, or with the seals that are due.
      }
    }
  }

  private isOpen(file: KnownFile): boolean {
    return hasRest(file) || this.options.sealer?.isOpen(file.name) === true
  }

  // One write: what a fragment at the end of the file asks for, the lines, and the seals that are due.
  private *append(
    { fd, facts, file }: OpenFile,
    run: Run | undefined,
    own: readonly Uint8Array[],
    ending: Ending
  ): DiskWork<void> {
    const isGrown = facts.size !== file.size
    const fragment = isGrown || !file.isWhole ? yield* fragmentBytes(fd, facts.size) : 0
    const isFirst = file.size === 0
    if (isGrown && !isFirst) file.share()
    const isForeign = fragment > 0 && isGrown && !(yield* isGrowing(fd, facts.size))
    const found = isForeign ? [this.recoveredMark(file, fragment)] : []
    const owed = file.owedLine === undefined ? [] : [file.owedLine]
    const marks = [...found, ...owed, ...own]
    const given = gather(run, marks)
    const holdsBack = !(yield* this.settleOtherSeals(file))
    const closing = ending !== "open"
    const last = ending === "session"
    const { sealer } = this.options
    const append = sealer?.plan(file.name, given, { closing, holdsBack, last }) ?? unsealed(given)
    if (sealer?.isBlind(append) === true) {
      append.release()
      sealer.see(yield* this.options.lookAround())
      // Others may have written meanwhile.
      yield* this.append({ fd, facts: yield* step((disk) => disk.facts(fd)), file }, run, own, ending)
      return
    }
    if (append.ends.length === 0 && !file.isUnended) return
    // Between this look and the write, another process may leave a fragment there. A blank line means nothing to readers;
    // a line that is glued to a fragment is lost.
    const mayBeTorn = file.isShared || (isFirst && isGrown)
    const lead = fragment > 0 || file.isDoubtful || mayBeTorn ? 1 : 0
    const from = run?.next ?? 0
    const planned: Planned = { append, lead, position: facts.size, run, from, marks: marks.length }
    const written = yield* this.issue(file, fd, planned)
    const arrived = arrivedWithin(planned, written)
    this.settle(file, planned, arrived, facts.size + written, written)
    if (owed.length > 0 && arrived.lines > append.source.indexOf(found.length)) file.settleOwed()
    if (lead === 0) yield* this.lookForOthers(fd, file, planned, written)
    if (file.isWhole) append.release()
  }

  private *issue(file: KnownFile, fd: number, planned: Planned): DiskWork<number> {
    const bytes = withLead(planned.append.bytes, planned.lead)
    file.issue(planned)
    this.unsettled.add(file)
    this.issued = file
    try {
      return yield* step((disk) => disk.append(fd, bytes))
    } finally {
      this.issued = undefined
    }
  }

  // The first time that another process writes here, and just then: its fragment may stand where our first line begins. It
  // is damage now, so the line is written again.
  private *lookForOthers(fd: number, file: KnownFile, planned: Planned, written: number): DiskWork<void> {
    const { size } = yield* step((disk) => disk.facts(fd))
    if (size === planned.position + written) return
    file.share()
    if (yield* isFirstGlued(fd, size, planned)) file.owe(firstLine(planned))
  }

  // A seal that is not known to have arrived holds back all others: two with one number would fork the chain.
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

  // After a failed fdatasync the system may call the pages clean: asking again would be answered with a lie. The lines
  // are appended again, with the same ids, behind a newline: what was not synced may read as NUL after a power cut.
  private *syncRun({ fd, file }: OpenFile, run: Run): DiskWork<void> {
    try {
      if (file.isUnsynced) yield* this.sync(fd, file)
      run.synced = run.next
    } catch (error) {
      // The bytes are safe where only their file's name is not: that is tried again, and nothing is appended twice.
      if (!file.areBytesSynced) run.next = run.synced
      file.syncFailed()
      throw error
    }
  }

  private *sync(fd: number, file: KnownFile): DiskWork<void> {
    file.beginSync()
    yield* step((disk) => disk.sync(fd))
    file.bytesSynced()
    if (!file.isNameSynced) yield* this.syncNames(file)
    file.synced()
  }

  // A name that was never synced is one that a power cut takes back: the file's, and that of a directory we made.
  private *syncNames(file: KnownFile): DiskWork<void> {
    const dir = dirname(file.path)
    yield* this.syncDir(dir)
    yield* this.syncDir(dirname(dir))
    file.nameSynced()
  }

  // Some file systems do not sync directories, and say so; nor can one be synced that we may write to and not read. Then
  // names are as safe as they can be there.
  private *syncDir(dir: string): DiskWork<void> {
    // Windows syncs a file's name with the file, and has no way to sync a directory.
    if (!this.options.ownership.hasUsers) return
    try {
      yield* step((disk) => disk.syncDir(dir))
    } catch (error) {
      if (!isUnsyncable(error)) throw error
      if (!this.isUnsyncedDirTold)
        this.door.notice(
          dir,
          `the directory cannot be synced: ${describeDiskError(error)}; a power cut may take the name of a new file there, and with it the file`
        )
      this.isUnsyncedDirTold = true
    }
  }

  private anchorAll(seals: readonly NewSeal[]): void {
    for (const seal of seals) {
      try {
        this.options.anchor?.(seal)
      } catch (error) {
        this.options.log.notice(`the option "anchor" threw for a seal: ${errorInWords(error)}`)
      }
    }
  }

  private recoveredMark(file: KnownFile, bytes: number): Uint8Array {
    const message = `${bytes} bytes of a line that was never finished stand before this one`
    return this.options.log.mark("recovered", message, { file: file.name, bytes })
  }
}

/** Something of ours is still to be written into it, whatever is sealed. */
const hasRest = ({ isUnended, owedLine }: KnownFile): boolean => isUnended || owedLine !== undefined

// A system shows a large write page by page: what ends in the middle of a line may be another process's write on its way.
function* isGrowing(fd: number, size: number): DiskWork<boolean> {
  return (yield* step((disk) => disk.facts(fd))).size !== size
}

function* lookFor(
  path: string,
  planned: Planned
): DiskWork<{ readonly arrived: Arrived; readonly size: number }> {
  try {
    const fd = yield* step((disk) => disk.openAppend(path))
    try {
      const { size } = yield* step((disk) => disk.facts(fd))
      return { arrived: yield* linesArrived(fd, size, planned), size }
    } finally {
      yield* step((disk) => disk.close(fd))
    }
  } catch {
    return { arrived: { lines: 0, standing: 0 }, size: 0 }
  }
}

// The way into a file: opened anew for each piece of work, looked at, and left again. Refuses what is not ours alone, and
// notices what others did to it meanwhile. What is written there is decided in line-appender.node.ts.

import { dirname } from "node:path"
import type { LogIdentity } from "@daybook/core"
import { codeOf, describeDiskError, diskRefusal, toDiskError } from "../disk/error.ts"
import type { FileFacts } from "../disk/file-layer.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { fileLimits } from "../limits.ts"
import { refuseOthers } from "./file-owner.ts"
import { KnownFile } from "./known-file.ts"

const fileMode = 0o600

/** What is to be known of a place before a file in it is opened. */
export interface DoorOptions {
  readonly log: Pick<LogIdentity, "notice">
  /** What a seal calls a file: its path below the log directory. */
  nameOf(path: string): string
  readonly ownUid: number | undefined
  /** Where a file's directory may be a link that leads elsewhere: refuses it. */
  readonly checkDir?: ((dir: string) => DiskWork<void>) | undefined
  /** The file under this path is another one, or was cut short: what we knew of it no longer holds. */
  onChange(file: KnownFile): void
  /** A file that was left is no longer remembered. */
  onDrop(file: KnownFile): void
  /** A file is met that may be one of those. */
  onReturn(file: KnownFile): void
  /** Default 16,384. Only tests set it. */
  readonly leftMax?: number | undefined
}

/** A file while it is open. */
export interface OpenFile {
  readonly fd: number
  readonly facts: FileFacts
  readonly file: KnownFile
}

export class FileDoor {
  /** The files that are written to, by path. */
  readonly files = new Map<string, KnownFile>()
  /** Those that were left, because their day is over. A clock that steps back leads to them again. */
  private readonly left = new Map<string, KnownFile>()
  /** Days of files that are no longer remembered. */
  private readonly droppedDays = new Set<string>()
  private readonly options: DoorOptions

  constructor(options: DoorOptions) {
    this.options = options
  }

  // Opens, looks, works, closes. The path is looked at anew each time: a file or a folder that was moved away under an
  // open descriptor would swallow everything without an error.
  *onFile(path: string, work: (open: OpenFile) => DiskWork<void>): DiskWork<void> {
    try {
      const known = this.files.get(path) ?? this.left.get(path)
      const { fd, isDirMade } = yield* this.open(path)
      try {
        const facts = yield* step((disk) => disk.facts(fd))
        refuseOthers(path, facts, this.options.ownUid)
        const file = known ?? this.meet(path, facts)
        this.left.delete(path)
        this.files.set(path, file)
        this.noticeChange(file, facts, isDirMade)
        if ((facts.mode & ~fileMode) !== 0) yield* this.tighten(fd, file, facts)
        yield* work({ fd, facts, file })
      } finally {
        yield* step((disk) => disk.close(fd))
      }
    } catch (error) {
      throw toDiskError("append to", path, error)
    }
  }

  /** Ends the work on a file, which is whole and sealed. What it was is remembered, as long as there is room. */
  leave(file: KnownFile): void {
    this.files.delete(file.path)
    this.left.set(file.path, file)
    const [oldest] =
      this.left.size > (this.options.leftMax ?? fileLimits.leftFilesMax) ? this.left.values() : []
    if (oldest === undefined) return
    this.left.delete(oldest.path)
    this.droppedDays.add(oldest.day)
    this.options.onDrop(oldest)
  }

  private meet(path: string, { identity }: FileFacts): KnownFile {
    const file = new KnownFile(path, this.options.nameOf(path), identity)
    if (this.droppedDays.has(file.day)) this.options.onReturn(file)
    return file
  }

  private *open(path: string): DiskWork<{ readonly fd: number; readonly isDirMade: boolean }> {
    const checkDir = this.options.checkDir ?? nothing
    yield* checkDir(dirname(path))
    try {
      return { fd: yield* step((disk) => disk.openAppend(path)), isDirMade: false }
    } catch (error) {
      if (codeOf(error) === "EACCES") yield* this.explainDenial(path, error)
      if (codeOf(error) !== "ENOENT") throw error
      yield* step((disk) => disk.makeDir(dirname(path)))
      yield* checkDir(dirname(path))
      return { fd: yield* step((disk) => disk.openAppend(path)), isDirMade: true }
    }
  }

  // Who may write there is the first thing that a reader of the notice will ask.
  private *explainDenial(path: string, error: unknown): DiskWork<void> {
    const { uid, mode } = yield* step((disk) => disk.dirFacts(dirname(path)))
    const us = this.options.ownUid === undefined ? "" : `we are user ${this.options.ownUid}, and `
    const whose = `${us}its directory is user ${uid}'s with mode 0${mode.toString(8)}`
    throw diskRefusal("append to", path, `${describeDiskError(error)}; ${whose}`, error)
  }

  // A file that was moved away is a rotation, and no news; one that became shorter lost lines, and one whose
  // directory or file system is gone may have taken all of them along.
  private noticeChange(file: KnownFile, { identity, size }: FileFacts, isDirMade: boolean): void {
    const isOther = file.identity !== identity
    if (!isOther && size >= file.size) return
    if (!isOther)
      this.notice(file.path, `another process truncated the file, by at least ${file.size - size} bytes`)
    else if (isDirMade) this.notice(file.path, "its directory was removed, and made again")
    else if (deviceOf(file.identity) !== deviceOf(identity))
      this.notice(file.path, "it is on another file system now; the one with its earlier lines was unmounted")
    file.replacedBy(identity)
    this.options.onChange(file)
  }

  private *tighten(fd: number, file: KnownFile, { mode }: FileFacts): DiskWork<void> {
    if (!file.reportMode()) return
    const loose = `other users could read or write it (mode 0${mode.toString(8)})`
    try {
      yield* step((disk) => disk.setMode(fd, fileMode))
      this.notice(file.path, `${loose}; its mode is 0600 now`)
    } catch (error) {
      this.notice(file.path, `${loose}, and its mode cannot be changed: ${describeDiskError(error)}`)
    }
  }

  /** Says to people what happened to a file. */
  notice(path: string, what: string): void {
    this.options.log.notice(`${JSON.stringify(path)}: ${what}`)
  }
}

const deviceOf = (identity: string): string => identity.slice(0, identity.indexOf(":"))

function* nothing(): DiskWork<void> {}

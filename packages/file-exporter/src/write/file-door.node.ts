// The way into a file: opened anew for each piece of work, looked at, and left again. Refuses what is not ours alone, and
// notices what others did to it meanwhile. What is written there is decided in line-appender.node.ts.

import { dirname } from "node:path"
import type { LogIdentity } from "@daybook/core"
import { codeOf, describeDiskError } from "../disk/errno.ts"
import { diskRefusal, toDiskError } from "../disk/error.ts"
import type { FileFacts } from "../disk/file-layer.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { fileLimits } from "../limits.ts"
import { FileIdentities, type Identity } from "./file-identity.ts"
import { KnownFile } from "./known-file.ts"
import { modeText, type Ownership } from "./ownership.ts"

/** What is to be known of a place before a file in it is opened. */
export interface DoorOptions {
  readonly log: Pick<LogIdentity, "notice">
  /** What a seal calls a file: its path below the log directory. */
  nameOf(path: string): string
  readonly ownership: Ownership
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
  private readonly identities = new FileIdentities()
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
        const file = known ?? this.meet(path, facts)
        yield* this.refuseOthers(file, facts)
        this.left.delete(path)
        this.files.set(path, file)
        this.noticeChange(file, facts, isDirMade)
        yield* this.setMode(fd, file, facts)
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

  private meet(path: string, facts: FileFacts): KnownFile {
    const file = new KnownFile(path, this.options.nameOf(path), facts)
    if (this.droppedDays.has(file.day)) this.options.onReturn(file)
    return file
  }

  private *open(path: string): DiskWork<{ readonly fd: number; readonly isDirMade: boolean }> {
    const { checkDir = nothing, ownership } = this.options
    const { modes } = ownership
    yield* checkDir(dirname(path))
    try {
      return { fd: yield* step((disk) => disk.openAppend(path, modes.file)), isDirMade: false }
    } catch (error) {
      if (codeOf(error) === "EACCES" && ownership.hasUsers) yield* this.explainDenial(path, error)
      if (codeOf(error) !== "ENOENT") throw error
      yield* step((disk) => disk.makeDir(dirname(path), modes.dir))
      yield* checkDir(dirname(path))
      return { fd: yield* step((disk) => disk.openAppend(path, modes.file)), isDirMade: true }
    }
  }

  // Who may write there is the first thing that a reader of the notice will ask.
  private *explainDenial(path: string, error: unknown): DiskWork<void> {
    const { uid, mode } = yield* step((disk) => disk.nameFacts(dirname(path)))
    const whose = `${this.options.ownership.us}its directory is user ${uid}'s with mode ${modeText(mode)}`
    throw diskRefusal("append to", path, `${describeDiskError(error)}; ${whose}`, error)
  }

  // A file that was moved away is a rotation, and no news; one that became shorter lost lines, and one whose
  // directory or file system is gone may have taken all of them along.
  private noticeChange(file: KnownFile, facts: FileFacts, isDirMade: boolean): void {
    const { size } = facts
    const before = file.identity
    const isOther = !this.identities.isSame({ ...identityOf(before), size: file.size }, facts)
    file.seenAgain(identityOf(facts))
    if (!isOther && size >= file.size) return
    if (!isOther)
      this.notice(file.path, `another process truncated the file, by at least ${file.size - size} bytes`)
    else if (isDirMade) this.notice(file.path, "its directory was removed, and made again")
    else if (deviceOf(before) !== deviceOf(facts))
      this.notice(file.path, "it is on another file system now; the one with its earlier lines was unmounted")
    file.replacedBy(identityOf(facts))
    this.options.onChange(file)
  }

  // What is not ours alone may be a trap.
  private *refuseOthers(file: KnownFile, facts: FileFacts): DiskWork<void> {
    const { path } = file
    const { ownership } = this.options
    if (!facts.isFile) throw diskRefusal("append to", path, "it is not a regular file")
    if (!file.isOwnerJudged(facts) && !(yield* ownership.isOurs(dirname(path), facts.uid)))
      throw diskRefusal("append to", path, ownership.whose(facts.uid))
    file.judgeOwner(facts.uid)
    if (facts.links > 1)
      throw diskRefusal("append to", path, `it has ${facts.links} names; a log file has one`)
  }

  // Each time: a mode that somebody loosened while we write is set back, with a notice. One that cannot be set makes one notice.
  private *setMode(fd: number, file: KnownFile, { mode }: FileFacts): DiskWork<void> {
    const { ownership } = this.options
    if (!ownership.hasUsers) return
    const wanted = ownership.modes.file
    const isLoose = (mode & ~wanted) !== 0
    // The umask, or an earlier run for the owner only, may have left out what the group is to have.
    const isShut = (wanted & 0o040 & ~mode) !== 0
    if (!isLoose && !isShut) return file.judgeMode(undefined)
    if (file.isModeJudged(mode)) return
    const what = isLoose ? "other users could read or write it" : "its group cannot read it"
    let failure = "it stays so"
    try {
      yield* step((disk) => disk.setMode(fd, wanted))
      const { mode: now } = yield* step((disk) => disk.facts(fd))
      if (now === wanted) {
        if (isLoose)
          this.notice(file.path, `${what} (mode ${modeText(mode)}); its mode is ${modeText(wanted)} now`)
        return
      }
    } catch (error) {
      failure = describeDiskError(error)
    }
    file.judgeMode(mode)
    if (yield* ownership.keepsModes(dirname(file.path)))
      this.notice(file.path, `${what} (mode ${modeText(mode)}), and its mode cannot be changed: ${failure}`)
  }

  /** Says to people what happened to a file. */
  notice(path: string, what: string): void {
    this.options.log.notice(`${JSON.stringify(path)}: ${what}`)
  }
}

const identityOf = ({ identity, bornMs, changedMs }: Identity): Identity => ({ identity, bornMs, changedMs })

const deviceOf = ({ identity }: Identity): string => identity.slice(0, identity.indexOf(":"))

function* nothing(): DiskWork<void> {}

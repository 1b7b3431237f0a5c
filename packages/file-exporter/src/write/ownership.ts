// Whose a file or a directory is, and whether modes mean something there. A mount may show one owner and one mode for all
// that it holds (CIFS, Azure Files, vfat, NFS with all_squash), so what it shows of a file that we make there and then is
// what ours look like. On other file systems that is us, and a file of another user stays another's.

import { diskRefusal } from "../disk/error.ts"
import type { NameFacts, ProbeFacts } from "../disk/file-layer.ts"
import { type DiskWork, step } from "../disk/work.ts"

/** For whom files are readable, and the modes that follow. */
export interface Modes {
  readonly file: number
  readonly dir: number
}

export const modesFor = {
  owner: { file: 0o600, dir: 0o700 },
  group: { file: 0o640, dir: 0o750 }
} as const

export const modeText = (mode: number): string => `0${mode.toString(8).padStart(3, "0")}`

export interface OwnershipOptions {
  /** See `ownUser`. */
  ownUid(): number | undefined
  readonly modes: Modes
  notice(text: string): void
}

export class Ownership {
  private readonly options: OwnershipOptions
  private areModesTold = false

  constructor(options: OwnershipOptions) {
    this.options = options
  }

  /** True for what a file system shows as ours. What cannot be found out is not ours. */
  *isOurs(dir: string, uid: number): DiskWork<boolean> {
    const own = this.options.ownUid()
    if (own === undefined || uid === own) return true
    return (yield* probeIn(dir))?.uid === uid
  }

  /** False where there are no users to tell apart, and modes mean nothing. */
  get hasUsers(): boolean {
    return this.options.ownUid() !== undefined
  }

  get modes(): Modes {
    return this.options.modes
  }

  /** In words: "it belongs to user 12, and we are user 13". */
  whose(uid: number): string {
    return `it belongs to user ${uid}${this.isKnown ? `, and we are user ${this.options.ownUid()}` : ""}`
  }

  /** "we are user 13, and ", where that is known. */
  get us(): string {
    return this.isKnown ? `we are user ${this.options.ownUid()}, and ` : ""
  }

  private get isKnown(): boolean {
    const own = this.options.ownUid()
    return own !== undefined && !Number.isNaN(own)
  }

  /** False where the file system shows a loose mode for each file, which makes one notice. */
  *keepsModes(dir: string): DiskWork<boolean> {
    return this.tellLoose(dir, yield* probeIn(dir))
  }

  /** Throws for the directory in the one for temporary files if others may have made it, or may use it. */
  *refuseShared(dir: string, parent: string): DiskWork<void> {
    const { isDirectory, uid, mode } = yield* step((disk) => disk.nameFacts(dir))
    const isAlone = isDirectory && (!this.hasUsers || (mode & ~this.options.modes.dir) === 0)
    // In a directory that is not ours a file of ours proves nothing: the probe is made beside it, where all may write.
    if (isAlone && (yield* this.isOurs(parent, uid))) return
    const wanted = `wanted: our own directory, mode ${modeText(this.options.modes.dir)}`
    throw diskRefusal("use the directory", dir, `it is not ours alone (${wanted})`)
  }

  /** Says once what is wrong with a directory that the application, or its environment, has chosen. */
  *lookAt(dir: string): DiskWork<void> {
    const own = this.options.ownUid()
    if (own === undefined) return
    const facts = yield* step((disk) => disk.nameFacts(`${dir}/.`))
    const isOpen = (facts.mode & 0o002) !== 0
    if (isOpen || (facts.uid !== own && facts.uid !== rootUid)) {
      const probe = yield* probeIn(dir)
      if (!this.tellLoose(dir, probe)) return
      this.tellShared(dir, facts, facts.uid !== rootUid && facts.uid !== (probe?.uid ?? own), isOpen)
    }
    const isShut = this.options.modes.dir === modesFor.group.dir && (facts.mode & 0o050) !== 0o050
    if (isShut)
      this.options.notice(
        `${JSON.stringify(dir)}: its group cannot look into it (mode ${modeText(facts.mode)}), so it cannot read the files; chmod g+rx`
      )
  }

  private tellShared(dir: string, { uid, mode }: NameFacts, isForeign: boolean, isOpen: boolean): void {
    const whats = [
      ...(isForeign ? [`belongs to user ${uid}`] : []),
      ...(isOpen ? [`can be written by every user (mode ${modeText(mode)})`] : [])
    ]
    if (whats.length === 0) return
    const to = this.isKnown ? `user ${this.options.ownUid()}` : "the user who writes"
    this.options.notice(
      `${JSON.stringify(dir)}: the directory of the log ${whats.join(" and ")}: others can remove its files, or put theirs in their place. Give it to ${to} with mode ${modeText(this.options.modes.dir)}, or choose another one`
    )
  }

  private tellLoose(dir: string, probe: ProbeFacts | undefined): boolean {
    if (probe === undefined || (probe.mode & 0o077) === 0) return true
    if (!this.areModesTold && this.hasUsers)
      this.options.notice(
        `${JSON.stringify(dir)}: its file system keeps no modes, and shows ${modeText(probe.mode)} for a file that we made for its owner only: who may read the log is decided by the options of its mount`
      )
    this.areModesTold = true
    return false
  }
}

const rootUid = 0

function* probeIn(dir: string): DiskWork<ProbeFacts | undefined> {
  try {
    return yield* step((disk) => disk.probe(dir))
  } catch {
    return undefined
  }
}

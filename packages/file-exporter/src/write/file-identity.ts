// Whether a path still has the file that we knew. An inode is given again, so its time of birth belongs to it; and not every
// system knows that time: without `statx` it is the time of the last change, or 0.
import type { FileFacts } from "../disk/file-layer.ts"

/** What identifies a file. */
export type Identity = Pick<FileFacts, "identity" | "bornMs" | "changedMs">

/** What was learned of this system's times of birth, and what follows from it. */
export class FileIdentities {
  /** Whether a file is said to be older than its last change; unknown until a file was changed that we had seen before. */
  private areBirthsTold: boolean | undefined

  /** Whether these are two looks at one file, of which the earlier one found it in `known`, `size` bytes long. */
  isSame(known: Identity & { readonly size: number }, now: FileFacts): boolean {
    this.learn(now)
    if (known.identity !== now.identity) return false
    if (known.bornMs === now.bornMs || Number.isNaN(now.bornMs)) return true
    if (this.areBirthsTold === true) return false
    // Born anew with each change? A file that is really new is empty: we are the ones who made it.
    const isGrown = now.size > 0 && now.size >= known.size
    if (isGrown && known.size > 0) this.areBirthsTold = false
    return isGrown || this.areBirthsTold === false
  }

  private learn({ bornMs, changedMs }: Identity): void {
    if (bornMs > 0 && bornMs < changedMs) this.areBirthsTold = true
  }
}

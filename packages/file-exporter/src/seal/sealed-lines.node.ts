// The digest over leaves as it is made: lines come in runs, and every 16th closes a block. What is made of it at a seal has
// random salts. How it is checked is in ../verify.

import { createHash, type Hash, hash, randomBytes } from "node:crypto"
import { sealLimits } from "../limits.ts"
import { leafText, leavesText, saltEntry, saltsOf } from "./leaves.ts"

/** Digests of lines so far. Not changed: what follows is another one. */
export interface Blocks {
  /** Of each 16 lines, in hex. */
  readonly whole: readonly string[]
  /** Of the lines behind them; absent where there are none. */
  readonly rest: Hash | undefined
}

export const noBlocks: Blocks = { whole: [], rest: undefined }

/** Goes on behind some blocks, with bytes that stay where they are. */
export class BlockHasher {
  private readonly whole: string[]
  private rest: Hash | undefined
  private lines: number

  constructor({ whole, rest }: Blocks, lines: number) {
    this.whole = [...whole]
    this.rest = rest?.copy()
    this.lines = lines % sealLimits.leafLines
  }

  /** Counts one more line. True when the block ends with it. */
  isFull(): boolean {
    this.lines += 1
    return this.lines === sealLimits.leafLines
  }

  /** The block ends with these bytes, whole or as short as it is. Nothing where it has no line. */
  close(bytes: Uint8Array): void {
    if (this.lines === 0) return
    // One digest at once costs a third less than a Hash, and hex that is not asked for by name a little less.
    this.whole.push(this.rest === undefined ? hash("sha256", bytes) : this.rest.update(bytes).digest("hex"))
    this.rest = undefined
    this.lines = 0
  }

  /** Lines of a block that goes on. */
  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.rest ??= createHash("sha256")
    this.rest.update(bytes)
  }

  get blocks(): Blocks {
    return { whole: this.whole, rest: this.rest }
  }
}

/** A digest over leaves, and what the member `salts` has of them. */
export interface Leaves {
  readonly sha256: string
  readonly entries: readonly string[]
}

/** Random salts, and in vectors known ones. */
export type NewSalts = (count: number) => readonly string[]

export const randomSalts: NewSalts = (count) =>
  saltsOf(count, (bytes) => randomBytes(bytes).toString("base64url"))

/** Of the digests of blocks. */
export const leavesOver = (blocks: readonly string[], newSalts: NewSalts): Leaves => {
  const salts = newSalts(blocks.length)
  const leaves = blocks.map((block, index) => hash("sha256", leafText(salts[index] as string, block)))
  return {
    sha256: hash("sha256", leavesText(leaves)),
    entries: leaves.map((leaf, index) => saltEntry(salts[index] as string, leaf))
  }
}

// The lines of one session in a file as they come, hashed 16 at a time: what the leaves of a seal are made of, and whether they
// are what a seal says.

import { joinedBytes } from "@daybook/core"
import { sealLimits } from "../limits.ts"
import { isBareLeaf, isEntryOf, leafText, leavesText } from "../seal/leaves.ts"
import type { HexDigest, Later } from "./digest.ts"

const encoder = new TextEncoder()
/** Room for one leaf's text, which has always the same length. A digest has taken its bytes when it returns. */
const leafRoom = encoder.encode(leafText("0".repeat(64), "0".repeat(64)))

/** What stands for a block that is not there. */
const noBlock = "0".repeat(64)

/** Digests of the blocks of so many lines; the last block may be short. */
export interface Blocks {
  readonly lines: number
  readonly digests: readonly Later<string>[]
}

export class BlockDigests {
  private readonly digest: HexDigest
  private readonly whole: Later<string>[] = []
  /** Of the open block: copies, and the bytes of lines behind each other that are not copied yet. */
  private held: Uint8Array[] = []
  private run: { readonly bytes: Uint8Array; readonly start: number; end: number } | undefined
  private lines = 0

  constructor(digest: HexDigest) {
    this.digest = digest
  }

  /** A line, valid until `hold`. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const { run } = this
    if (run?.bytes === bytes && run.end === start) run.end = end
    else {
      this.hold()
      this.run = { bytes, start, end }
    }
    this.lines += 1
    if (this.lines % sealLimits.leafLines !== 0) return
    this.whole.push(this.rest())
    this.held = []
    this.run = undefined
  }

  /** The bytes so far are about to be written over. */
  hold(): void {
    if (this.run === undefined) return
    this.held.push(this.run.bytes.slice(this.run.start, this.run.end))
    this.run = undefined
  }

  /** What was added so far. */
  get blocks(): Blocks {
    const isEven = this.lines % sealLimits.leafLines === 0
    return { lines: this.lines, digests: isEven ? [...this.whole] : [...this.whole, this.rest()] }
  }

  private rest(): Later<string> {
    const { held, run } = this
    const last = run === undefined ? [] : [run.bytes.subarray(run.start, run.end)]
    const [only] = held.length === 0 ? last : []
    return this.digest(only ?? joinedBytes([...held, ...last]))
  }
}

/** What a digest over leaves proves of some blocks. */
export interface Proof {
  readonly fits: boolean
  /** Blocks that it covers without their salts: they are not proved. */
  readonly bare: ReadonlySet<number>
  /** The first block that is not as its entry says; -1 where none is. */
  readonly badBlock: number
}

/** Holds blocks against a digest over leaves and the entries of its salts. */
export const prove = async (
  { digests }: Blocks,
  sealed: { readonly sha256: string; readonly entries: readonly string[] },
  digest: HexDigest
): Promise<Proof> => {
  const bare = new Set<number>()
  const leaves: string[] = []
  let badBlock = -1
  for (const [index, entry] of sealed.entries.entries()) {
    if (isBareLeaf(entry)) {
      bare.add(index)
      leaves.push(entry)
      continue
    }
    const block = digests[index]
    const known = typeof block === "string" ? block : ((await block) ?? noBlock)
    encoder.encodeInto(leafText(entry, known), leafRoom)
    const answer = digest(leafRoom)
    const leaf = typeof answer === "string" ? answer : await answer
    if (badBlock < 0 && !isEntryOf(entry, leaf)) badBlock = index
    leaves.push(leaf)
  }
  const fits =
    badBlock < 0 &&
    digests.length === leaves.length &&
    (await digest(encoder.encode(leavesText(leaves)))) === sealed.sha256
  return { fits, bare, badBlock }
}

/** How many of so many lines are in these blocks. */
export const linesIn = (blocks: Iterable<number>, lines: number): number => {
  const { leafLines } = sealLimits
  let count = 0
  for (const block of blocks) count += Math.min(leafLines, lines - block * leafLines)
  return count
}

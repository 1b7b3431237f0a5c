// What verify holds while it reads: over all files what it knows, and of each session in a file the stretch that is open
// there. A stretch ends at a seal, which seal.ts judges.

import type { RetentionFields } from "@daybook/core"
import { sealLimits } from "../limits.ts"
import type { SealVerifyingKey } from "../seal/verifying-key.ts"
import { BlockDigests, type Blocks } from "./blocks.ts"
import type { HexDigest } from "./digest.ts"
import type { FilePosition, Findings, Position } from "./findings.ts"
import type { KnownSeals, KnownTail } from "./known.ts"
import type { SessionTrail } from "./session.ts"

/** What is known over all files. */
export interface VerifyState {
  readonly findings: Findings
  readonly known: KnownSeals
  readonly keys: readonly SealVerifyingKey[]
  readonly digest: HexDigest
  /** By the end of their lines' ids. */
  readonly sessions: Map<string, SessionTrail>
  /** Marks of deletions, from proved lines. Whether they are believed is decided when everything was read. */
  readonly marks: RetentionMark[]
  /** Lines without a session that are JSON all the same. */
  unowned: number
}

/** A sealed mark of a deletion. */
export interface RetentionMark {
  readonly trail: SessionTrail
  /** The seal that covers it. */
  readonly k: number
  readonly at: FilePosition
  /** The day on its line; "" without a time. */
  readonly day: string
  readonly fields: RetentionFields
}

/** What a line says that counts only if its block is proved. */
export interface Statement {
  readonly block: number
  /** `k` is the seal that covers it; 0 where none does. */
  readonly hold: (k: number) => void
  /** It counts without a seal, where its session has none. */
  readonly isHeldUnsealed: boolean
}

/** A stretch as it stands, when its seal comes. */
export interface Stretch {
  readonly blocks: Blocks
  readonly statements: readonly Statement[]
  /** The first line of each block. */
  readonly blockAt: readonly Position[]
  readonly after: Position
  readonly lines: number
  /** The seal before it in this file; 0 without one. */
  readonly k: number
  /** The session's lines in this file before it, by what the seals say. */
  readonly nextSkip: number
  readonly isRewritten: boolean
}

/** What others have seen of a stretch: the most of it that was proved so far. */
export interface Adopted {
  tail: KnownTail | undefined
  bare: ReadonlySet<number>
}

/** The lines of one session since its last seal in this file. */
export class OpenStretch {
  readonly trail: SessionTrail
  /** What all its lines end with. */
  readonly ending: Uint8Array
  k = 0
  lines = 0
  /** Where the last seal stands, or the file begins. */
  after: Position = { line: 1, offset: 0 }
  first: Position & { readonly ms: number } = { line: 0, offset: 0, ms: Number.NaN }
  lastOffset = 0
  /** An editor has changed its line ends. */
  isRewritten = false
  statements: Statement[] = []
  adopted: Adopted = { tail: undefined, bare: new Set() }
  blockAt: Position[] = []
  private nextSkip = 0
  private digests: BlockDigests
  private tails: ReadonlyMap<number, readonly KnownTail[]> | undefined
  private readonly known: KnownSeals
  private readonly digest: HexDigest

  constructor(trail: SessionTrail, ending: Uint8Array, { known, digest }: VerifyState) {
    this.trail = trail
    this.ending = ending
    this.known = known
    this.digest = digest
    this.digests = new BlockDigests(digest)
    this.tails = known.tailsBehind(trail.session, 0)
  }

  add(bytes: Uint8Array, start: number, end: number, at: Position): void {
    if (this.lines % sealLimits.leafLines === 0) this.blockAt.push(at)
    this.lines += 1
    this.lastOffset = at.offset
    this.digests.add(bytes, start, end)
  }

  /** The bytes so far are about to be written over. */
  hold(): void {
    this.digests.hold()
  }

  /** The block that its newest line is in. */
  get block(): number {
    return this.blockAt.length - 1
  }

  /** As it stands: not changed by what follows. */
  get stretch(): Stretch {
    const { statements, blockAt, after, lines, k, nextSkip, isRewritten } = this
    return { blocks: this.digests.blocks, statements, blockAt, after, lines, k, nextSkip, isRewritten }
  }

  /** What others have seen of it, if that is as many lines as there are now. */
  get seenTails(): readonly KnownTail[] | undefined {
    return this.tails?.get(this.lines)
  }

  /** Begins the next stretch, behind a seal. */
  next(k: number, skip: number, after: Position): void {
    this.nextSkip = skip
    this.k = k
    this.lines = 0
    this.after = after
    this.isRewritten = false
    this.statements = []
    this.blockAt = []
    this.adopted = { tail: undefined, bare: new Set() }
    this.digests = new BlockDigests(this.digest)
    this.tails = this.known.tailsBehind(this.trail.session, k)
  }
}

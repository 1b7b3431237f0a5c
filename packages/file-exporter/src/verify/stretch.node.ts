// What verify holds while it reads: over all files what it knows, and of each session in a file the stretch that is open
// there. A stretch ends at a seal, which seal.node.ts judges.

import { createHash, type Hash } from "node:crypto"
import type { SealVerifyingKey } from "../seal/key.node.ts"
import type { Findings, Position } from "./findings.ts"
import type { KnownSeals, KnownTail } from "./known.ts"
import type { SessionTrail } from "./session.ts"

/** What is known over all files. */
export interface VerifyState {
  readonly findings: Findings
  readonly known: KnownSeals
  readonly keys: readonly SealVerifyingKey[]
  /** By the end of their lines' ids. */
  readonly sessions: Map<string, SessionTrail>
  /** The newest day that a sealed retention mark says was deleted; "" without one. */
  retiredUpTo: string
  /** Lines without a session that are JSON all the same. */
  unowned: number
}

/** The lines of one session since its last seal in this file. */
export class OpenStretch {
  readonly trail: SessionTrail
  /** What all its lines end with. */
  readonly ending: Uint8Array
  /** The session's lines in this file before the stretch, by what the seals say. */
  nextSkip = 0
  /** The last seal in this file; 0 without one. */
  k = 0
  lines = 0
  /** Where that seal stands, or the file begins. */
  after: Position = { line: 1, offset: 0 }
  first: Position & { readonly ms: number } = { line: 0, offset: 0, ms: Number.NaN }
  lastOffset = 0
  /** An editor has changed its line ends. */
  isRewritten = false
  /** The newest day that a retention mark in it says was deleted. */
  retiredUpTo = ""
  /** The newest of its lines that another session has seen. */
  tail: KnownTail | undefined
  private hash: Hash | undefined
  private tails: ReadonlyMap<number, readonly KnownTail[]> | undefined
  private readonly known: KnownSeals

  constructor(trail: SessionTrail, ending: Uint8Array, known: KnownSeals) {
    this.trail = trail
    this.ending = ending
    this.known = known
    this.tails = known.tailsBehind(trail.session, 0)
  }

  update(lines: Uint8Array): void {
    this.hash ??= createHash("sha256")
    this.hash.update(lines)
  }

  /** Of no line as well: the seal that closes a session may find nothing left to seal. */
  digest(): string {
    return (this.hash?.copy() ?? createHash("sha256")).digest("hex")
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
    this.retiredUpTo = ""
    this.tail = undefined
    this.hash = undefined
    this.tails = this.known.tailsBehind(this.trail.session, k)
  }
}

// Seals that are known from elsewhere: given to verify as anchors, or remembered by the first seal of another session. Each
// must be met by a seal that is here, or its absence explained.

import type { SeenSeal } from "@daybook/core"
import { leavesOf } from "../seal/leaves.ts"
import type { SealLine } from "../seal/line.ts"

/** One seal that must be here. */
export interface KnownOne {
  readonly session: string
  readonly k: number
  readonly sha256: string
  /** Where it was seen, as far as that was said. */
  file: string | undefined
  /** It was given to verify. */
  isAnchor: boolean
  /** Stream keys of sessions that remember it: a few of them, the first is named in findings. */
  readonly seers: string[]
  /** The stream key of the session that has it. */
  metBy: string | undefined
}

/** Lines after a known seal, which only this knows. */
export interface KnownTail {
  readonly session: string
  /** The seal that they stand behind; 0 for a file's beginning. */
  readonly k: number
  readonly lines: number
  readonly sha256: string
  /** Salts of its leaves. */
  readonly entries: readonly string[]
  readonly file: string | undefined
  readonly seer: string
  metBy: string | undefined
}

/** Of the sessions that remember the same seal, so many are kept. */
const seersMax = 8

export class KnownSeals {
  private readonly seals = new Map<string, KnownOne>()
  private readonly tails = new Map<string, Map<number, KnownTail[]>>()
  /** Stream keys of sessions whose first seal remembers another one. */
  readonly seers = new Set<string>()
  /** Sessions that another one remembers. */
  readonly seen = new Set<string>()

  /** A seal that was given to verify. */
  anchor(seal: SeenSeal): void {
    this.know(seal).isAnchor = true
  }

  /** What a session's first seal remembers. */
  see(seer: string, { saw = [], lines, salts }: SealLine): void {
    let from = leavesOf(lines)
    for (const seal of saw) {
      const to = from + leavesOf(seal.tail?.lines ?? 0)
      this.remember(seer, seal, salts.slice(from, to))
      from = to
    }
  }

  private remember(seer: string, seal: SeenSeal, entries: readonly string[]): void {
    const { session, k, file, tail } = seal
    this.seers.add(seer)
    this.seen.add(session)
    if (k > 0) {
      const { seers } = this.know(seal)
      if (seers.length < seersMax) seers.push(seer)
    }
    if (tail === undefined) return
    const where = `${session} ${k}`
    const byLines = this.tails.get(where) ?? new Map<number, KnownTail[]>()
    this.tails.set(where, byLines)
    const known = byLines.get(tail.lines) ?? []
    byLines.set(tail.lines, known)
    known.push({ session, k, ...tail, entries, file, seer, metBy: undefined })
  }

  /** A seal is here. */
  meet(streamKey: string, session: string, k: number, sha256: string): void {
    const one = this.seals.get(`${session} ${k} ${sha256}`)
    if (one !== undefined) one.metBy = streamKey
  }

  /** What is known of the lines behind a seal, by their number; `undefined`, as a rule, when nothing is. */
  tailsBehind(session: string, k: number): ReadonlyMap<number, readonly KnownTail[]> | undefined {
    return this.tails.get(`${session} ${k}`)
  }

  get all(): Iterable<KnownOne> {
    return this.seals.values()
  }

  get allTails(): Iterable<KnownTail> {
    return [...this.tails.values()].flatMap((byLines) => [...byLines.values()].flat())
  }

  private know({ session, k, sha256, file }: SeenSeal): KnownOne {
    const name = `${session} ${k} ${sha256}`
    const known = this.seals.get(name)
    if (known !== undefined) {
      known.file ??= file
      return known
    }
    const one: KnownOne = { session, k, sha256, file, isAnchor: false, seers: [], metBy: undefined }
    this.seals.set(name, one)
    return one
  }
}

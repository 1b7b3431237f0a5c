// What a log's first seal remembers of other sessions: read from the ends of the files that were changed last, so that
// cutting those files short, or dropping a session from them, is contradicted by a seal of another session.

//   a file   … lines of S ║ SEAL of S, k=7 ║ lines of S │ killed
//                            └── saw: S, 7, sha256 ──┘ └─ tail: 2 lines, sha256 ─┘

import { hash } from "node:crypto"
import { LineSplitter, type SeenSeal } from "@daybook/core"
import { sealLimits } from "../limits.ts"
import { asEnded, keyOf, keyOnLine, readMark, seqOf, toSealLine, withoutSalts } from "./line.ts"
import { BlockHasher, leavesOver, type NewSalts, noBlocks, randomSalts } from "./sealed-lines.node.ts"

/** The end of a file. */
export interface FileEnd {
  /** Its path below the log's directory. */
  readonly file: string
  readonly bytes: Uint8Array
  /** It is all of it. */
  readonly isWhole: boolean
}

/** What the first seal says of other sessions, and the salts of their tails. */
export interface Sight {
  readonly saw: readonly SeenSeal[]
  readonly salts: readonly string[]
}

/**
 * The newest seals of other sessions, newest first, and the lines behind them that are under no seal yet: of a session that was
 * killed no other seal will ever vouch for them. At most 32 in all. `files` are oldest first; `streamKey` is of the log that
 * looks, to which its own seals are no news.
 */
export const seenSeals = (
  files: readonly FileEnd[],
  streamKey: string,
  newSalts: NewSalts = randomSalts
): Sight => {
  const all = seenIn(files, streamKey).slice(0, sealLimits.sawMax)
  const salts: string[] = []
  const saw = all.map(({ session, file, k, sha256, tail }): SeenSeal => {
    if (tail.length === 0) return { session, file, k, sha256 }
    const hasher = new BlockHasher(noBlocks, 0)
    for (const line of tail) {
      hasher.add(line)
      if (hasher.isFull()) hasher.close(nothing)
    }
    hasher.close(nothing)
    const leaves = leavesOver(hasher.blocks.whole, newSalts)
    salts.push(...leaves.entries)
    return { session, file, k, sha256, tail: { lines: tail.length, sha256: leaves.sha256 } }
  })
  return { saw, salts }
}

/** The newest seal of each session, newest first, of at most 32: what tells one file from another of its name. */
export const newestSeals = (
  file: FileEnd
): readonly { readonly session: string; readonly k: number; readonly sha256: string }[] =>
  seenIn([file], "")
    .filter(({ k }) => k > 0)
    .slice(0, sealLimits.sawMax)
    .map(({ session, k, sha256 }) => ({ session, k, sha256 }))

const nothing = new Uint8Array(0)

interface Seen {
  readonly session: string
  readonly file: string
  readonly k: number
  readonly sha256: string
  readonly tail: readonly Uint8Array[]
}

/** What was read of one session in one file. */
interface Part {
  /** Two files may have had the same name one after the other. */
  readonly end: FileEnd
  /** Its newest seal there; 0 as long as none was found. */
  k: number
  seal: Uint8Array | undefined
  /** Its lines since then, where that is known. */
  tail: Uint8Array[] | undefined
  /** Counts lines: greater is newer. */
  newest: number
}

const seenIn = (files: readonly FileEnd[], streamKey: string): readonly Seen[] => {
  const own = keyOnLine(streamKey)
  const sessions = new Map<string, Part[]>()
  let count = 0
  for (const end of files) {
    const { bytes, isWhole } = end
    const splitter = new LineSplitter()
    const lines = splitter.push(bytes)
    const rest = splitter.takeRest()?.bytes
    const last = rest === undefined ? undefined : asEnded(rest)
    const all = last === undefined ? lines : [...lines, { bytes: last }]
    // What stands before the first newline may be the rest of a line.
    for (const { bytes: line } of isWhole ? all : all.slice(1)) {
      const key = line === undefined ? undefined : keyOf(line)
      if (line === undefined || key === undefined || key === own) continue
      const parts = sessions.get(key) ?? []
      sessions.set(key, parts)
      let part = parts.at(-1)
      if (part?.end !== end) {
        part = { end, k: 0, seal: undefined, tail: isWhole ? [] : undefined, newest: 0 }
        parts.push(part)
      }
      part.newest = ++count
      see(part, line)
    }
  }
  return [...sessions]
    .map(([key, parts]) => toSeen(key, parts))
    .sort((one, other) => other.newest - one.newest)
    .flatMap(({ seen }) => seen)
}

const see = (part: Part, line: Uint8Array): void => {
  // Most lines are events: all others are decoded.
  const mark = seqOf(line) === 0 ? readMark(line) : undefined
  const seal = mark === undefined ? undefined : toSealLine(mark)
  const base = seal === undefined ? undefined : withoutSalts(line, seal.salts)
  if (seal !== undefined && base !== undefined) Object.assign(part, { k: seal.k, seal: base, tail: [] })
  // No log leaves more than this without a seal.
  else if (part.tail !== undefined && part.tail.length < sealLimits.stretchLinesMax) part.tail.push(line)
}

// The newest seal of a session, and of its other files what has no seal yet.
const toSeen = (
  key: string,
  parts: readonly Part[]
): { readonly newest: number; readonly seen: readonly Seen[] } => {
  const session = key.replace("-", "").slice(0, 8)
  const last = parts.reduce((most, part) => (part.k > most.k ? part : most), { k: 0 })
  const seen = parts
    .toReversed()
    .filter((part) => (part === last && part.k > 0) || (part.tail ?? []).length > 0)
    .map(({ end, k, seal, tail = [] }) => ({
      ...{ session, file: end.file, k, tail },
      sha256: seal === undefined ? "" : hash("sha256", seal)
    }))
  return { newest: Math.max(...parts.map(({ newest }) => newest)), seen }
}

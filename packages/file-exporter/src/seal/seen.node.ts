// What a log's first seal remembers of other sessions: read from the ends of the newest files, so that
// cutting those files short, or dropping a session from them, is contradicted by a seal of another session.

//   the last day's file   … lines of S ║ SEAL of S, k=7 ║ lines of S │ killed
//                                        └── saw: S, 7, sha256 ──┘ └─ tail: 2 lines, sha256 ─┘

import { createHash } from "node:crypto"
import { basename } from "node:path"
import { LineSplitter, type SeenSeal, type SplitLine } from "@daybook/core"
import { nodeReadLayer } from "../disk/read-layer.node.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { sealLimits } from "../limits.ts"
import { keyOf, keyOnLine, readMark, seqOf, toSealLine } from "./line.ts"

/**
 * The newest seals of other sessions, at most 32, newest first, and the lines after them that are under no seal yet: of
 * a session that was killed no other seal will ever vouch for them. `paths` are the files to look at, oldest first;
 * `streamKey` is of the log that looks, to which its own seals are no news. Of each file the last 8 MiB are read; one
 * that is not there, or is no regular file, is nothing. Rejects when one cannot be read.
 */
export const seenSeals = async (
  paths: readonly string[],
  streamKey: string,
  layer: ReadLayer = nodeReadLayer
): Promise<readonly SeenSeal[]> => {
  const own = keyOnLine(streamKey)
  const sessions = new Map<string, Seen>()
  let count = 0
  for (const path of paths) {
    const part = await readEnd(layer, path)
    for (const { bytes } of part?.lines ?? []) {
      const key = bytes === undefined ? undefined : keyOf(bytes)
      if (part === undefined || bytes === undefined || key === undefined || key === own) continue
      const seen = sessions.get(key) ?? newSeen(key)
      sessions.set(key, seen)
      seen.newest = ++count
      see(seen, part, bytes)
    }
  }
  return [...sessions.values()]
    .sort((one, other) => other.newest - one.newest)
    .map(toSeenSeal)
    .filter((seen) => seen !== undefined)
    .slice(0, sealLimits.sawMax)
}

/** The end of a file, from the beginning of a line on. `isWhole`: it is all of it. */
interface Part {
  readonly file: string
  readonly lines: readonly SplitLine[]
  readonly isWhole: boolean
}

/** What was read of one session so far. */
interface Seen {
  readonly session: string
  /** Its newest seal; 0 as long as none was found. */
  k: number
  seal: { readonly part: Part; readonly line: Uint8Array } | undefined
  /** Its lines since then, all of one file. */
  tail: Uint8Array[]
  /** The part that its newest line is in. */
  part: Part | undefined
  /** Counts lines: greater is newer. */
  newest: number
}

const newSeen = (key: string): Seen => ({
  session: key.replace("-", "").slice(0, 8),
  k: 0,
  seal: undefined,
  tail: [],
  part: undefined,
  newest: 0
})

const see = (seen: Seen, part: Part, line: Uint8Array): void => {
  if (seen.part !== part) seen.tail = []
  seen.part = part
  const mark = seqOf(line) === 0 ? readMark(line) : undefined
  const seal = mark === undefined ? undefined : toSealLine(mark)
  if (seal === undefined || seal.session !== seen.session) {
    seen.tail.push(line)
    return
  }
  seen.k = seal.k
  seen.seal = { part, line }
  seen.tail = []
}

// A tail is remembered where it can be judged: behind a seal in the same file, or from the file's beginning on.
const toSeenSeal = ({ session, k, seal, tail, part }: Seen): SeenSeal | undefined => {
  const isBehindSeal = seal === undefined ? part?.isWhole === true : seal.part === part
  const lines = isBehindSeal ? tail.length : 0
  const file = (seal?.part ?? part)?.file
  if (file === undefined || (seal === undefined && lines === 0)) return undefined
  const sha256 = seal === undefined ? "" : digestOf([seal.line])
  return { session, file, k, sha256, ...(lines === 0 ? {} : { tail: { lines, sha256: digestOf(tail) } }) }
}

const digestOf = (lines: readonly Uint8Array[]): string => {
  const hash = createHash("sha256")
  for (const line of lines) hash.update(line)
  return hash.digest("hex")
}

const readEnd = async (layer: ReadLayer, path: string): Promise<Part | undefined> => {
  const file = await layer.open(path)
  if (file === undefined) return undefined
  try {
    const { kind, size } = await file.facts()
    if (kind !== "file") return undefined
    const from = Math.max(0, size - sealLimits.sawBytesMax)
    const bytes = new Uint8Array(size - from)
    let length = 0
    while (length < bytes.length) {
      const count = await file.read(bytes.subarray(length), from + length)
      if (count === 0) break
      length += count
    }
    const lines = new LineSplitter(from).push(bytes.subarray(0, length))
    // What stands before the first newline may be the rest of a line.
    return { file: basename(path), lines: from === 0 ? lines : lines.slice(1), isWhole: from === 0 }
  } finally {
    await file.close()
  }
}

// Judges every seal in a directory by the bytes that stand there, the way a stranger with coreutils would: which lines
// are a session's is told by their endings, and each stretch is hashed anew. Shares no code with what writes or verifies.
import { Buffer } from "node:buffer"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect } from "vitest"
import { filesBelow, type LineInFile } from "./file-bench.ts"
import { entriesOf, leafDigest, sha256Of, withoutSalts } from "./leaves.ts"

/** One session's seals, over all files. */
export interface SealedSession {
  /** In the order of their numbers. */
  readonly seals: readonly LineInFile[]
  /** Its lines that no seal vouches for. */
  readonly unsealed: number
}

/** Expects each seal to be right, and each chain to be whole. Returns the sessions by their stream keys. */
export const expectSealsRight = (dir: string, where = dir): ReadonlyMap<string, SealedSession> => {
  const sessions = new Map<string, Found>()
  for (const name of filesBelow(dir)) {
    for (const [key, lines] of linesByKey(readFileSync(join(dir, name)))) {
      const session: Found = sessions.get(key) ?? { seals: [], digests: new Map(), unsealed: 0 }
      sessions.set(key, session)
      let from = 0
      for (const [at, line] of lines.entries()) {
        const seal = sealOn(line)
        if (seal === undefined) continue
        const entries = entriesOf(seal.salts as readonly string[], at - from)
        const right = { skip: from, lines: at - from, sha256: leafDigest(lines.slice(from, at), entries) }
        expect(seal, `${where}: seal ${String(seal.k)} in ${name}`).toMatchObject(right)
        session.seals.push(seal)
        session.digests.set(seal.k, sha256Of(Buffer.from(withoutSalts(line.toString("latin1")), "latin1")))
        from = at + 1
      }
      session.unsealed += lines.length - from
    }
  }
  for (const { seals, digests } of sessions.values()) {
    seals.sort((one, other) => Number(one.k) - Number(other.k))
    for (const [index, { k, prev }] of seals.entries()) {
      const right = { k: index + 1, prev: index === 0 ? "" : digests.get(index) }
      expect({ k, prev }, `${where}: chain`).toEqual(right)
    }
  }
  return sessions
}

/** The same, where no line may be left without a seal. Returns how many seals there are. */
export const expectAllSealed = (dir: string, where = dir): number => {
  const sessions = [...expectSealsRight(dir, where).values()]
  const unsealed = sessions.map((session) => session.unsealed)
  expect(unsealed, `${where}: lines without a seal`).toEqual(sessions.map(() => 0))
  return sessions.reduce((sum, { seals }) => sum + seals.length, 0)
}

/** What was found of one session so far. */
interface Found {
  readonly seals: LineInFile[]
  /** SHA-256 of each seal's line, by its number. */
  readonly digests: Map<unknown, string>
  unsealed: number
}

const ending = /([0-9a-f]{3}-[0-9a-f]{12})"}\n$/

/** Lines as they stand in the file, newline included, by the stream key that they end with. */
const linesByKey = (bytes: Buffer): ReadonlyMap<string, readonly Buffer[]> => {
  const byKey = new Map<string, Buffer[]>()
  let start = 0
  for (let end = bytes.indexOf("\n"); end !== -1; end = bytes.indexOf("\n", start)) {
    const line = bytes.subarray(start, end + 1)
    start = end + 1
    const key = ending.exec(line.toString("latin1"))?.[1]
    if (key === undefined) continue
    const known = byKey.get(key) ?? []
    byKey.set(key, known)
    known.push(line)
  }
  return byKey
}

const sealOn = (bytes: Buffer): LineInFile | undefined => {
  if (!bytes.includes('"category":"seal"')) return undefined
  const line = JSON.parse(bytes.toString()) as LineInFile
  return line.category === "seal" && line.seq === undefined ? line : undefined
}

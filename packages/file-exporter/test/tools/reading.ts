// What the tests of the readers share: lines with chosen times and fields, files of users and sessions, rows in short, a
// read layer that counts what is asked of it, and random numbers that can be had again.
import { Buffer } from "node:buffer"
import { appendFileSync, mkdirSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import process from "node:process"
import { onTestFinished } from "vitest"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import type { ReadFacts, ReadLayer } from "../../src/disk/read-layer.ts"
import type { Row } from "../../src/index.ts"
import { userFilePath } from "../../src/place/layout.node.ts"
import { randomFrom } from "./faulty-file-layer.ts"

/** What a line of a test says beside its time. */
export interface LineContent {
  readonly ts: string
  readonly message: string
  readonly [key: string]: unknown
}

/** One line as this log writes it, with a newline. */
export const line = ({ ts, message, ...rest }: LineContent): string => {
  const { level = "info", category = "load", session = "1a2c3d4e", ...fields } = rest
  return `${JSON.stringify({ ts, level, category, session, message, ...fields, seq: 1, id: `id of ${message}` })}\n`
}

/** A gap mark. */
export const gap = (ts: string, message: string): string =>
  `${JSON.stringify({ ts, level: "warn", category: "gap", session: "1a2c3d4e", message, count: 1, id: "mark" })}\n`

/** Appends to a file, and makes its directory. */
export const write = (path: string, text: string | Uint8Array): string => {
  mkdirSync(dirname(path), { recursive: true })
  appendFileSync(path, text)
  return path
}

export const writeDay = (dir: string, day: string, text: string | Uint8Array): string =>
  write(join(dir, `datatools-${day}.jsonl`), text)

export const writeSession = (dir: string, day: string, session: string, text: string): string =>
  write(join(dir, `datatools-${day}-${session}.jsonl`), text)

export const writeUser = (dir: string, user: string, day: string, text: string | Uint8Array): string =>
  write(userFilePath(dir, user, day), text)

export const rowsFrom = async (rows: AsyncIterable<Row>): Promise<readonly Row[]> => {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

/** The message of a line, or the damage with its offset. */
export const briefly = (row: Row): string =>
  "damage" in row ? `${row.damage} at ${row.offset}` : row.head.message

export const brief = async (rows: AsyncIterable<Row>): Promise<readonly string[]> =>
  (await rowsFrom(rows)).map(briefly)

/** What a reader asked of the disk. */
export interface Asked {
  lists: number
  /** Looks at names. */
  looks: number
  bytes: number
  opened: number
  openNow: number
  openMost: number
}

/** A layer, counted. */
export const countingLayer = (
  counted: ReadLayer = nodeReadLayer
): { readonly layer: ReadLayer; readonly asked: Asked } => {
  const asked: Asked = { lists: 0, looks: 0, bytes: 0, opened: 0, openNow: 0, openMost: 0 }
  const layer: ReadLayer = {
    list: (dir) => {
      asked.lists += 1
      return counted.list(dir)
    },
    facts: (path) => {
      asked.looks += 1
      return counted.facts(path)
    },
    open: async (path) => {
      const file = await counted.open(path)
      if (file === undefined) return undefined
      asked.opened += 1
      asked.openNow += 1
      asked.openMost = Math.max(asked.openMost, asked.openNow)
      return {
        facts: () => file.facts(),
        read: async (into, position) => {
          const count = await file.read(into, position)
          asked.bytes += count
          return count
        },
        close: () => {
          asked.openNow -= 1
          return file.close()
        }
      }
    }
  }
  return { layer, asked }
}

/** The bytes of a file that need not exist all at once. */
export interface Content {
  readonly size: number
  readonly read: (into: Uint8Array, position: number) => number
}

/** A disk in memory, for what a real one would take long to make: thousands of files, or gigabytes. */
export const memoryLayer = (files: ReadonlyMap<string, string | Uint8Array | Content>): ReadLayer => {
  const contents = new Map<string, Content>()
  const dirs = new Map<string, Map<string, boolean>>()
  for (const [path, content] of files) {
    const isContent = typeof content === "object" && "read" in content
    contents.set(path, isContent ? content : contentOf(content))
    for (let name = path; dirname(name) !== name; name = dirname(name)) {
      const entries = dirs.get(dirname(name)) ?? new Map<string, boolean>()
      dirs.set(dirname(name), entries.set(basename(name), name !== path))
    }
  }
  const factsOf = (path: string): ReadFacts | undefined => {
    const size = contents.get(path)?.size
    if (size !== undefined) return { id: path, kind: "file", size, changedMs: 0 }
    return dirs.has(path) ? { id: path, kind: "directory", size: 0, changedMs: 0 } : undefined
  }
  return {
    list: async (dir) => [...(dirs.get(dir) ?? [])].map(([name, isDirectory]) => ({ name, isDirectory })),
    facts: async (path) => factsOf(path),
    open: async (path) => {
      const content = contents.get(path)
      const facts = factsOf(path)
      if (content === undefined || facts === undefined) return undefined
      return {
        facts: async () => facts,
        read: async (into, position) => content.read(into, position),
        close: async () => {}
      }
    }
  }
}

const contentOf = (content: string | Uint8Array): Content => {
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content)
  return { size: bytes.length, read: (into, position) => bytes.copy(into, 0, position) }
}

/** The rest of the test happens in this time zone. */
export const moveTo = (zone: string): void => {
  const before = process.env.TZ
  process.env.TZ = zone
  onTestFinished(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })
}

/** Runs a property for `runs` seeds from `DAYBOOK_SEED`, or from the clock; a failure names its own. */
export const forSeeds = async (
  runs: number,
  property: (below: (limit: number) => number) => Promise<void>
): Promise<void> => {
  const first = Number(process.env.DAYBOOK_SEED ?? Date.now() % 2 ** 31)
  for (let seed = first; seed < first + runs; seed++) {
    try {
      const random = randomFrom(seed)
      await property((limit) => Math.floor(random() * limit))
    } catch (error) {
      throw new Error(`DAYBOOK_SEED=${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
}

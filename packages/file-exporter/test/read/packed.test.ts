// Days that another program packed: readers give the same rows, in bounded memory, and damage in its place.

import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import { type ReadNote, readDay, readRecent, readRecentAllUsers } from "../../src/index.ts"
import { listAllFiles } from "../../src/place/list.node.ts"
import { readDayOn, readRecentOn } from "../../src/readers.node.ts"
import { app, freshDir, noon } from "../tools/file-bench.ts"
import { pack } from "../tools/packing.ts"
import {
  brief,
  countingLayer,
  line,
  rowsFrom,
  write,
  writeDay,
  writeSession,
  writeUser
} from "../tools/reading.ts"

const day = "2026-03-05"
const at = noon
const ts = (second: number): string => new Date(Date.UTC(2026, 2, 5, 9) + second * 1_000).toISOString()
const lines = (from: number, to: number): string => {
  let text = ""
  for (let n = from; n <= to; n++) text += line({ ts: ts(n), message: `event ${n}` })
  return text
}
const names = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `event ${from + index}`)

describe("a packed day", () => {
  it("is read like the file that it was, forwards and backwards, offsets included", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, `${lines(1, 5)}no json\n${lines(6, 9)}`)
    const plain = await rowsFrom(readDay({ app, dir, day }))
    const recent = await rowsFrom(readRecent({ app, dir, at, limit: 4 }))
    pack(path)
    const named = (rows: readonly object[]): readonly object[] =>
      rows.map((row) => ("damage" in row ? { ...row, file: `${path}.gz` } : row))
    expect(plain).toHaveLength(10)
    expect(await rowsFrom(readDay({ app, dir, day }))).toEqual(named(plain))
    expect(await rowsFrom(readRecent({ app, dir, at, limit: 4 }))).toEqual(named(recent))
  })

  it("is merged with others: of sessions, of users, and of what came late to the same day", async () => {
    const dir = freshDir()
    pack(writeDay(dir, day, lines(1, 2) + lines(5, 5)))
    pack(writeSession(dir, day, "1a2c3d4e", lines(3, 4)))
    writeDay(dir, day, lines(6, 6))
    expect(await brief(readDay({ app, dir, day }))).toEqual(names(1, 6))
    expect(await brief(readRecent({ app, dir, at }))).toEqual(names(1, 6).toReversed())
    pack(writeUser(dir, "ada", day, lines(1, 3)))
    writeUser(dir, "bob", day, lines(4, 4))
    expect(await brief(readDay({ app, dir, day, user: "ada", layout: "user" }))).toEqual(names(1, 3))
    expect(await brief(readRecentAllUsers({ app, dir, at }))).toEqual(names(1, 4).toReversed())
  })

  it("may be of several members, as programs leave it that pack piece by piece", async () => {
    const dir = freshDir()
    const members = [lines(1, 3), lines(4, 4), lines(5, 7)].map((text) => gzipSync(text))
    writeFileSync(join(dir, `datatools-${day}.jsonl.gz`), Buffer.concat(members))
    expect(await brief(readDay({ app, dir, day }))).toEqual(names(1, 7))
  })

  it("is not read beside the file that was packed, which is noted", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, lines(1, 4))
    const text = readFileSync(path)
    for (const packed of [
      gzipSync(text),
      gzipSync(lines(1, 2)),
      gzipSync(text).subarray(0, 5),
      Buffer.alloc(0)
    ]) {
      writeFileSync(`${path}.gz`, packed)
      const notes: ReadNote[] = []
      const onNote = (note: ReadNote): void => void notes.push(note)
      expect(await brief(readDay({ app, dir, day, onNote }))).toEqual(names(1, 4))
      expect(await brief(readRecent({ app, dir, at, onNote }))).toEqual(names(1, 4).toReversed())
      const noted = { note: "packed copy", file: `${path}.gz`, offset: 0 }
      expect(notes).toEqual([noted, noted])
    }
  })

  it("is no file for a delivery, whose places are of bytes as they were written", async () => {
    const dir = freshDir()
    pack(writeDay(dir, day, lines(1, 4)))
    expect(await listAllFiles(nodeReadLayer, { app, dir })).toEqual([])
    expect(await listAllFiles(nodeReadLayer, { app, dir, withPacked: true })).toMatchObject([
      { file: `datatools-${day}.jsonl.gz`, sealedAs: `datatools-${day}.jsonl`, rotation: "" }
    ])
  })
})

describe("F71 a packed day that is damaged", () => {
  it("gives what can be unpacked, and a row for the rest, wherever it was cut", async () => {
    const dir = freshDir()
    const path = join(dir, `datatools-${day}.jsonl.gz`)
    // Hardly packed: so each cut leaves another number of lines.
    const text = lines(1, 40)
    const packed = gzipSync(text, { level: 1 })
    let most = 0
    for (let size = 1; size < packed.length; size += 7) {
      writeFileSync(path, packed.subarray(0, size))
      const rows = await brief(readDay({ app, dir, day }))
      const whole = rows.filter((row) => row.startsWith("event"))
      most = Math.max(most, whole.length)
      expect(whole).toEqual(names(1, whole.length))
      expect(rows.at(-1)).toMatch(/^unreadable at \d+$/)
      const back = await brief(readRecent({ app, dir, at }))
      expect(back[0]).toMatch(/^unreadable at \d+$/)
      expect(back.filter((row) => row.startsWith("event"))).toEqual(names(1, whole.length).toReversed())
    }
    expect(most).toBeGreaterThan(10)
  })

  it("says why", async () => {
    const dir = freshDir()
    const path = join(dir, `datatools-${day}.jsonl.gz`)
    const packed = gzipSync(lines(1, 9))
    writeFileSync(path, packed.subarray(0, -1))
    expect((await rowsFrom(readDay({ app, dir, day }))).at(-1)).toEqual({
      damage: "unreadable",
      file: path,
      offset: Buffer.byteLength(lines(1, 9)),
      reason: "unexpected end of file (Z_BUF_ERROR)"
    })
    writeFileSync(path, "no gzip at all")
    expect(await rowsFrom(readDay({ app, dir, day }))).toMatchObject([
      { damage: "unreadable", offset: 0, reason: "incorrect header check (Z_DATA_ERROR)" }
    ])
    packed[packed.length - 8] = (packed.at(-8) ?? 0) ^ 1
    writeFileSync(path, packed)
    expect((await rowsFrom(readDay({ app, dir, day }))).at(-1)).toMatchObject({
      damage: "unreadable",
      reason: "incorrect data check (Z_DATA_ERROR)"
    })
  })
})

/** Members of a gzip file, one behind the other, of which the whole need never be in memory. */
const manyMembers = (path: string, member: Uint8Array, count: number): string =>
  write(path, Buffer.concat(Array.from({ length: count }, () => member)))

/** A layer that keeps the most memory that there ever was at one of its reads, beyond that of its beginning. */
const measuringLayer = (): { readonly layer: ReadLayer; readonly mostBytes: () => number } => {
  const used = (): number => process.memoryUsage().rss
  const before = used()
  let most = 0
  const layer: ReadLayer = {
    ...nodeReadLayer,
    open: async (path) => {
      const file = await nodeReadLayer.open(path)
      return (
        file && {
          ...file,
          read: (into, position) => {
            most = Math.max(most, used() - before)
            return file.read(into, position)
          }
        }
      )
    }
  }
  return { layer, mostBytes: () => most }
}

describe("F79 a large packed day", () => {
  it("is read backwards by unpacking it once, where the newest lines are asked for", async () => {
    const dir = freshDir()
    const path = join(dir, `datatools-${day}.jsonl.gz`)
    const text = lines(1, 40_000)
    writeFileSync(path, gzipSync(text))
    const { layer, asked } = countingLayer()
    expect(await brief(readRecentOn(layer, { app, dir, at }))).toEqual(names(39_801, 40_000).toReversed())
    expect(asked.bytes).toBe(readFileSync(path).length)
    // All of it, which is more than is kept: unpacked again a few times, and not for each piece.
    const all = await brief(readRecentOn(layer, { app, dir, at, limit: Number.POSITIVE_INFINITY }))
    expect(all).toEqual(names(1, 40_000).toReversed())
    expect(asked.bytes).toBeLessThan(6 * readFileSync(path).length)
    expect(asked.openNow).toBe(0)
  })

  it("fills no memory, were it made for that", async () => {
    const dir = freshDir()
    // 192 MiB of one line, in 190 kB.
    manyMembers(join(dir, `datatools-${day}.jsonl.gz`), gzipSync(Buffer.alloc(16 * 1024 * 1024, 32)), 12)
    const { layer, mostBytes } = measuringLayer()
    expect(await brief(readDayOn(layer, { app, dir, day }))).toEqual(["too long at 0"])
    expect(await brief(readRecentOn(layer, { app, dir, at }))).toEqual(["too long at 0"])
    expect(mostBytes()).toBeLessThan(128 * 1024 * 1024)
  }, 120_000)
})

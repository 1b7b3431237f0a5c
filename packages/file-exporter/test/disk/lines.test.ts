// Cutting bytes into lines, forwards and backwards, against a cut that looks at all bytes at once. The disk is an array
// that gives as few bytes at a time as it likes.

import { readLineBytesMax } from "@daybook/core"
import { describe, expect, it } from "vitest"
import {
  BackwardLines,
  bytesOf,
  ForwardLines,
  isTooLong,
  type PlacedLine,
  type ReadAt
} from "../../src/disk/lines.ts"
import { forSeeds } from "../tools/reading.ts"

/** A line in short: where, what, and whether it has its newline. */
type Cut = readonly [offset: number, text: string | undefined, isTerminated: boolean]

const toCut = (line: PlacedLine): Cut => {
  const text = Buffer.from(bytesOf(line)).toString("latin1")
  if (!isTooLong(line)) expect(line.text ?? text.replace("\n", "")).toBe(text.replace("\n", ""))
  return [line.at, isTooLong(line) ? undefined : text, line.isTerminated]
}

const cutAtOnce = (bytes: Uint8Array): readonly Cut[] => {
  const texts = Buffer.from(bytes)
    .toString("latin1")
    .split(/(?<=\n)/)
  let offset = 0
  return texts.flatMap((text): readonly Cut[] => {
    const begin = offset
    offset += text.length
    const isTerminated = text.endsWith("\n")
    const isTooLong = text.length - Number(isTerminated) > readLineBytesMax
    return text === "" ? [] : [[begin, isTooLong ? undefined : text, isTerminated]]
  })
}

const readFrom =
  (bytes: Uint8Array, atOnce: (wanted: number) => number): ReadAt =>
  async (into, position) => {
    const piece = bytes.subarray(position, position + atOnce(into.length))
    into.set(piece)
    return piece.length
  }

const forwards = async (lines: ForwardLines): Promise<readonly Cut[]> => {
  const all: Cut[] = []
  for (let some = await lines.next(); some !== undefined; some = await lines.next())
    all.push(...some.map(toCut))
  const last = lines.takeUnfinished()
  if (last !== undefined) all.push(toCut(last))
  return all
}

/** The same, where no line is looked at before the last one was read. */
const kept = async (lines: ForwardLines): Promise<readonly Cut[]> => {
  const all: PlacedLine[] = []
  for (let some = await lines.next(); some !== undefined; some = await lines.next()) all.push(...some)
  return [...all, lines.takeUnfinished()].flatMap((line) => (line === undefined ? [] : [toCut(line)]))
}

const backwards = async (lines: BackwardLines): Promise<readonly Cut[]> => {
  const all: Cut[] = []
  for (let some = await lines.next(); some !== undefined; some = await lines.next())
    all.push(...some.map(toCut))
  return all.reverse()
}

const whole = (wanted: number): number => wanted

describe("lines", () => {
  it("F71 F79 are the same forwards and backwards, wherever chunks, short reads and newlines fall", async () => {
    await forSeeds(400, async (below) => {
      const bytes = Uint8Array.from({ length: below(200) }, () => (below(6) === 0 ? 0x0a : 0x61 + below(4)))
      const wanted = cutAtOnce(bytes)
      const chunkBytes = 1 + below(40)
      const shortly = (most: number): number => 1 + below(most)
      expect(await forwards(new ForwardLines(readFrom(bytes, shortly), chunkBytes))).toEqual(wanted)
      expect(await kept(new ForwardLines(readFrom(bytes, shortly), chunkBytes, 0, { isKept: true }))).toEqual(
        wanted
      )
      const read = readFrom(bytes, shortly)
      expect(await backwards(new BackwardLines(read, chunkBytes, bytes.length))).toEqual(wanted)
    })
  })

  it("go on behind the end once the file has grown, with the line that was in progress", async () => {
    await forSeeds(100, async (below) => {
      const bytes = Uint8Array.from({ length: 120 }, () => (below(9) === 0 ? 0x0a : 0x61))
      let size = 0
      const lines = new ForwardLines(async (into, position) => {
        const piece = bytes.subarray(position, Math.min(size, position + into.length))
        into.set(piece)
        return piece.length
      }, 16)
      const all: Cut[] = []
      while (size < bytes.length) {
        size = Math.min(bytes.length, size + below(30))
        for (let some = await lines.next(); some !== undefined; some = await lines.next())
          all.push(...some.map(toCut))
      }
      const last = lines.takeUnfinished()
      expect(last === undefined ? all : [...all, toCut(last)]).toEqual(cutAtOnce(bytes))
      expect(lines.takeUnfinished()).toBeUndefined()
    })
  })

  it.each([
    ["one byte below", readLineBytesMax - 1],
    ["at", readLineBytesMax],
    ["one byte above", readLineBytesMax + 1],
    ["20 MB:", 20_000_000]
  ])("F79 %s the limit of a line, both ways: kept, or only counted", async (_name, length) => {
    const bytes = Buffer.concat([Buffer.from("a\n"), Buffer.alloc(length, "x"), Buffer.from("\nb\n")])
    const wanted = cutAtOnce(bytes)
    for (const chunkBytes of [65_536, 1_000_003]) {
      const read = readFrom(bytes, whole)
      // Not compared as texts of 20 MB: a difference would be printed.
      const sameAs = (cuts: readonly Cut[]): boolean => JSON.stringify(cuts) === JSON.stringify(wanted)
      expect(sameAs(await forwards(new ForwardLines(read, chunkBytes)))).toBe(true)
      expect(sameAs(await backwards(new BackwardLines(read, chunkBytes, bytes.length)))).toBe(true)
    }
  })

  it.each([readLineBytesMax, readLineBytesMax + 1, 20_000_000])(
    "F79 a line of %d bytes has its length, and its end where it is too long",
    async (length) => {
      const bytes = Buffer.concat([Buffer.alloc(length - 5, "x"), Buffer.from("12345\nb\n")])
      for (const size of [bytes.length, length]) {
        const lines = new ForwardLines(readFrom(bytes.subarray(0, size), whole), 65_536)
        let [line]: readonly PlacedLine[] = []
        for (
          let some = await lines.next();
          some !== undefined && line === undefined;
          some = await lines.next()
        )
          line = some[0]
        line ??= lines.takeUnfinished()
        const isWhole = size > length
        expect(line).toMatchObject({ at: 0, length: isWhole ? length + 1 : length, isTerminated: isWhole })
        const end = Buffer.from(bytesOf(line as PlacedLine)).toString()
        expect(end.endsWith(isWhole ? "x12345\n" : "x12345")).toBe(true)
        expect(end.length).toBe(length > readLineBytesMax ? 4_096 : line?.length)
      }
    }
  )

  it("backwards, a file that becomes shorter while it is read is an error, and not an endless loop", async () => {
    const bytes = Buffer.from("a\nb\nc\n")
    const lines = new BackwardLines(readFrom(bytes.subarray(0, 3), whole), 16, bytes.length)
    await expect(lines.next()).rejects.toThrow("it became shorter while it was read")
  })
})

// After a write of which nobody knows how much arrived: the next attempt looks, and writes only what is missing. No event
// is in a file twice, but the one of which just the newline was missing: that line is written again with the same id.

import { readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { auditLogPath } from "../../src/index.ts"
import { diskError, type Fault, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchOf,
  contentsOf,
  expectEachOnce,
  fileBench,
  freshDir,
  linesOf,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { watchedFileLayer } from "../tools/watched-file-layer.ts"

const todayOf = (dir: string): string => auditLogPath({ app, dir, at: noon })

/** An exporter whose appends go wrong one after the other as told, and well after that. */
const failingIn = async (dir: string, ...faults: readonly (Fault | undefined)[]) => {
  let appends = 0
  const layer = watchedFileLayer(
    faultyFileLayer(
      ({ operation }) => (operation === "append" ? faults[appends++] : undefined),
      () => diskError("EIO", -5)
    )
  )
  const log = silentLog()
  const open = await fileBench({ dir, seal: false, layer, log }).open()
  /** What each append was asked to write. */
  const appended = (): readonly string[] =>
    layer.asked.flatMap(({ operation, bytes }) =>
      operation === "append" ? [new TextDecoder().decode(bytes)] : []
    )
  return { open, log, layer, appended }
}

const lengthTo = (line: number): number => linesOf(1, line).length

describe("F7 a write that fails after a part of it arrived", () => {
  it("cut at any byte: each event is there once, and twice only where just its newline was missing", async () => {
    const batch = batchOf(1, 3)
    const length = lengthTo(3)
    const ends = numbersTo(3).map(lengthTo)
    for (let cut = 0; cut <= length; cut++) {
      const dir = freshDir()
      const { open, log } = await failingIn(dir, { tornAt: cut })
      await expect(open.export(batch)).rejects.toThrow("(EIO)")
      await open.export(batch)
      await open.write(4, 4)
      const { seqs, repeated, damaged, lines } = contentsOf(dir)
      expect(seqs, `cut at ${cut}`).toEqual([1, 2, 3, 4])
      const lacksNewline = ends.includes(cut + 1)
      const isBetween = cut === 0 || ends.includes(cut)
      expect(repeated, `cut at ${cut}`).toBe(lacksNewline ? 1 : 0)
      expect(damaged.length, `cut at ${cut}`).toBe(lacksNewline || isBetween ? 0 : 1)
      // No mark: the fragment is our own, and its line follows.
      expect(lines.filter(({ category }) => category === "recovered")).toEqual([])
      expect(log.notices).toEqual([])
    }
  })

  it("whole lines that had arrived are not asked for again", async () => {
    const dir = freshDir()
    const { open, appended } = await failingIn(dir, { tornAt: lengthTo(4) }, { tornAt: lengthTo(2) + 7 })
    const batch = batchOf(1, 10)
    await expect(open.export(batch)).rejects.toThrow("(EIO)")
    await expect(open.export(batch)).rejects.toThrow("(EIO)")
    await open.export(batch)
    expect(appended()).toEqual([linesOf(1, 10), linesOf(5, 10), `\n${linesOf(7, 10)}`])
    expect(contentsOf(dir)).toMatchObject({ seqs: numbersTo(10), repeated: 0 })
  })

  it("a write that arrived whole and failed all the same is found, and nothing is written for it", async () => {
    const dir = freshDir()
    const { open, appended } = await failingIn(dir, { tornAt: lengthTo(10) })
    const batch = batchOf(1, 10)
    await expect(open.export(batch)).rejects.toThrow("(EIO)")
    await open.export(batch)
    expect(appended()).toHaveLength(1)
    expect(readFileSync(todayOf(dir), "utf8")).toBe(linesOf(1, 10))
  })

  it.each([
    ["a line", "theirs, whole\n", []],
    ["a fragment", "theirs, torn", ["theirs, torn"]],
    ["more than is read at a time", `${"their line\n".repeat(20_000)}`, []]
  ])(
    "another process appended %s behind it: only what is missing is written",
    async (_name, theirs, torn) => {
      const dir = freshDir()
      const { open, appended } = await failingIn(dir, { tornAt: lengthTo(4) })
      const batch = batchOf(1, 10)
      await expect(open.export(batch)).rejects.toThrow("(EIO)")
      writeFileSync(todayOf(dir), theirs, { flag: "a" })
      await open.export(batch)
      const { seqs, repeated, damaged } = contentsOf(dir)
      expect(seqs).toEqual(numbersTo(10))
      expect(repeated).toBe(0)
      expect(damaged.filter((line) => !theirs.includes(`${line}\n`))).toEqual(torn)
      expect(appended()[1]).toContain(linesOf(5, 10))
      expect(appended()[1]).not.toContain(linesOf(4, 4))
    }
  )

  it("another log closed our fragment before its own lines: what became a line by that is not written again", async () => {
    const dir = freshDir()
    const { open } = await failingIn(dir, { tornAt: lengthTo(4) - 1 })
    const batch = batchOf(1, 10)
    await expect(open.export(batch)).rejects.toThrow("(EIO)")
    const other = await fileBench({ dir, seal: false, log: silentLog({}, "9a8b7c6d") }).open()
    await other.export(batchOf(1, 2, noon, "9a8b7c6d"))
    await open.export(batch)
    const { lines, damaged, repeated } = contentsOf(dir)
    expect({ damaged, repeated }).toEqual({ damaged: [], repeated: 0 })
    const own = lines.filter(({ session, seq }) => session === "1a2c3d4e" && seq !== undefined)
    expect(own.map(({ seq }) => seq)).toEqual(numbersTo(10))
    expect(lines.filter(({ category }) => category === "recovered")).toHaveLength(1)
  })

  it("the file was moved away meanwhile: nothing is lost, and what stands in both has one id", async () => {
    const dir = freshDir()
    const { open } = await failingIn(dir, { tornAt: lengthTo(4) })
    const batch = batchOf(1, 10)
    await expect(open.export(batch)).rejects.toThrow("(EIO)")
    renameSync(todayOf(dir), `${todayOf(dir)}.1`)
    await open.export(batch)
    expect(readFileSync(todayOf(dir), "utf8")).toBe(linesOf(1, 10))
    expect(contentsOf(dir)).toMatchObject({ seqs: numbersTo(10), damaged: [] })
  })

  it("the file was cut meanwhile: what is gone is written again", async () => {
    const dir = freshDir()
    const { open } = await failingIn(dir, undefined, { tornAt: 700 })
    await open.write(1, 3)
    const batch = batchOf(4, 10)
    await expect(open.export(batch)).rejects.toThrow("(EIO)")
    truncateSync(todayOf(dir), lengthTo(2))
    await open.export(batch)
    expect(contentsOf(dir)).toMatchObject({ seqs: [1, 2, 4, 5, 6, 7, 8, 9, 10], repeated: 0, damaged: [] })
  })
})

describe("F9 F10 an operation that asks to be tried again", () => {
  it.each([
    ["F9 EINTR", diskError("EINTR", -4)],
    ["F10 EAGAIN", diskError("EAGAIN", -11)]
  ])("%s at any operation loses nothing, and is tried by the writer alone", async (_name, error) => {
    for (let k = 1; ; k++) {
      const dir = freshDir()
      const layer = faultyFileLayer(
        ({ number }) => (number === k ? "fail" : undefined),
        () => error
      )
      const exporter = makeFileExporter(layer, { dir, seal: false })
      const open = await fileBench({ dir, exporter })
        .open()
        .catch(() => fileBench({ dir, exporter }).open())
      const before = layer.operations.length
      const batch = batchOf(1, 3)
      const isRefused = await open.export(batch).then(
        () => false,
        () => true
      )
      // No operation was repeated within the attempt: at most open, look, write, look and close.
      expect(layer.operations.length - before).toBeLessThanOrEqual(5)
      if (isRefused) await open.export(batch)
      expectEachOnce(dir, 3)
      if (layer.operations.length < k) break
    }
  })
})

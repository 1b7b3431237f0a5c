// The write path on a disk that goes wrong: at every single operation in turn, and at random. Whatever happens, each
// event is in the file once and whole, and what a fault left behind is one damaged line and never part of a good one.

import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { auditLogPath } from "../../src/index.ts"
import { type Call, diskError, type Fault, faultyFileLayer, randomFrom } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchOf,
  contentsOf,
  expectEachOnce,
  fileBench,
  freshDir,
  linesOf,
  noon,
  numbersTo
} from "../tools/file-bench.ts"
import { atEveryCall, expectHonest, linesOfTen, persist, writeTen } from "../tools/ten-batches.ts"

describe("one fault, at every operation in turn", () => {
  it("F1 F7 F20 F22 an operation that fails: every event is there once, and the failure was told", async () => {
    const operations = await atEveryCall("fail", { seal: false }, ({ dir, layer, errors }) => {
      expectEachOnce(dir, linesOfTen)
      // A sweep that cannot look, or make its folder, leaves everything where it is, and needs no word; nor does a look whose the
      // directory is.
      const isQuiet = ({ operation, number }: Call): boolean =>
        operation === "list" || operation === "nameFacts" || (operation === "makeDir" && number > 1)
      expect(errors).toHaveLength(layer.fired.filter((fired) => !isQuiet(fired)).length)
      expectHonest(errors, dir)
    })
    // mkdir; four operations a run, and a look at the last byte of a file that is not empty.
    expect(operations).toBeGreaterThan(11 * 4)
  })

  it("F2 F12 a short write: the fragment is one damaged line, and its event is written again whole", async () => {
    await atEveryCall("short", { seal: false }, ({ dir, layer, errors }) => {
      const { seqs, repeated, damaged, lines } = contentsOf(dir)
      expect(seqs).toEqual(numbersTo(linesOfTen))
      expect(repeated).toBe(0)
      expect(damaged).toHaveLength(layer.fired.length)
      expect(errors).toEqual([])
      // What is our own needs no mark: a mark tells what somebody left who cannot tell it himself.
      expect(lines).toHaveLength(linesOfTen)
    })
  })

  it("F12 a write that takes nothing and says so is tried again, not believed", async () => {
    await atEveryCall(0, { seal: false }, ({ dir, layer, errors }) => {
      expectEachOnce(dir, linesOfTen)
      expect(errors).toHaveLength(layer.fired.length)
      expectHonest(errors, dir)
    })
  })

  it("F2 F7 a write that takes a part and fails: what arrived is seen, and no event is there twice", async () => {
    await atEveryCall("torn", { seal: false }, ({ dir, layer, errors }) => {
      const { seqs, repeated, damaged, lines } = contentsOf(dir)
      expect(seqs).toEqual(numbersTo(linesOfTen))
      expect(repeated).toBe(0)
      expect(damaged).toHaveLength(layer.fired.length)
      expect(errors).toHaveLength(layer.fired.length)
      expectHonest(errors, dir)
      expect(lines).toHaveLength(linesOfTen)
    })
  })
})

describe("many faults", () => {
  it("F13 when every write is short, progress is made all the same", async () => {
    const dir = freshDir()
    const layer = faultyFileLayer(() => 400)
    const { errors } = await writeTen(layer, dir, 1, { seal: false })
    const { seqs, repeated, damaged } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(linesOfTen))
    expect(repeated).toBe(0)
    expect(damaged.length).toBeGreaterThan(10)
    expect(errors).toEqual([])
  })

  it("F13 when every write takes some lines and fails, progress is made, and no event is there twice", async () => {
    const dir = freshDir()
    let torn = true
    const layer = faultyFileLayer(({ operation }) => {
      if (operation !== "append") return undefined
      torn = !torn
      return torn ? "torn" : 400
    })
    await writeTen(layer, dir, 60, { seal: false })
    const { seqs, repeated } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(linesOfTen))
    expect(repeated).toBe(0)
  })

  it("F1 F2 F12 whatever fails in whatever order, nothing is lost, merged, or there twice", async () => {
    const faults: readonly Fault[] = ["fail", "short", "torn", 0]
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed)
      const dir = join(freshDir(), "logs")
      const layer = faultyFileLayer(() => (random() < 0.3 ? faults[Math.floor(random() * 4)] : undefined))
      await writeTen(layer, dir, 200, { seal: false })
      const { seqs, repeated, damaged } = contentsOf(dir)
      expect(seqs, `seed ${seed}`).toEqual(numbersTo(linesOfTen))
      expect(repeated, `seed ${seed}`).toBe(0)
      const fragments = layer.fired.filter(({ fault }) => fault === "short" || fault === "torn").length
      expect(damaged.length, `seed ${seed}`).toBeLessThanOrEqual(fragments)
    }
  })

  it("F12 a write cut at any byte leaves each event whole, and twice only where just its newline was missing", async () => {
    const batch = batchOf(1, 3)
    const ends = [...batch.columns.end]
    for (let cut = 0; cut < batch.bytes().length; cut++) {
      let writes = 0
      const layer = faultyFileLayer(({ operation }) =>
        operation === "append" && ++writes === 1 ? cut : undefined
      )
      const open = await fileBench({ seal: false, layer }).open()
      await persist(() => open.export(batch), 2)
      const { seqs, repeated, damaged } = open.contents()
      expect(seqs, `cut at ${cut}`).toEqual([1, 2, 3])
      const lacksNewline = ends.includes(cut + 1)
      const isBetween = cut === 0 || ends.includes(cut)
      expect(repeated, `cut at ${cut}`).toBe(lacksNewline ? 1 : 0)
      expect(damaged.length, `cut at ${cut}`).toBe(lacksNewline || isBetween ? 0 : 1)
    }
  })
})

describe("several writers of one file", () => {
  it("F3 a fragment that another process left is never merged with our next line", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    const open = await fileBench({ dir }).open()
    await open.write(1, 3)
    // Another process ran into a full disk half-way through a line. Our next append is confirmed.
    writeFileSync(path, '{"ts":"2026-03-05T', { flag: "a" })
    await open.write(4, 6)
    const { seqs, damaged } = open.contents()
    expect(seqs).toEqual(numbersTo(6))
    expect(damaged).toEqual(['{"ts":"2026-03-05T'])
  })
})

describe("what is said", () => {
  it.each([
    ["F1 F4", "ENOSPC", -28, "disk is full, or out of inodes (ENOSPC)"],
    ["F5", "UNKNOWN", -122, "disk quota exceeded (EDQUOT)"],
    ["F6", "EFBIG", -27, "file size limit reached (EFBIG)"],
    ["F7", "EIO", -5, "input/output error (EIO)"],
    ["F11", "EBUSY", -16, "it is busy (EBUSY)"],
    ["F14", "EROFS", -30, "file system is read-only (EROFS)"],
    ["F16", "EACCES", -13, "permission denied (EACCES)"],
    ["F20", "EMFILE", -24, "too many open files (EMFILE)"],
    ["F21", "UNKNOWN", -116, "stale network file handle (ESTALE)"],
    ["F10", "EAGAIN", -11, "EAGAIN: told to fail (EAGAIN)"]
  ])(
    "%s %s (%i) names the action, the file and the errno, and may be tried again",
    async (_id, code, errno, words) => {
      const layer = faultyFileLayer(
        ({ operation }) => (operation === "append" ? "fail" : undefined),
        () => diskError(code, errno)
      )
      const open = await fileBench({ seal: false, layer }).open()
      const path = open.path()
      await expect(open.write(1, 1)).rejects.toMatchObject({
        reason: `Cannot append to ${JSON.stringify(path)}: ${words}`,
        retryable: true,
        outcome: "failed"
      })
      layer.heal()
      await open.write(1, 1)
      expect(readFileSync(path, "utf8").trimStart()).toBe(linesOf(1, 1))
    }
  )
})

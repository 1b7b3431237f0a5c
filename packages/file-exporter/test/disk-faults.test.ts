// The write path on a disk that goes wrong: at every single operation in turn, and at random. Whatever happens, each
// event is in the file once and whole, and what a fault left behind is one damaged line and never part of a good one.

import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Batch, batchFromLines, ExportError, type OpenExporter } from "@daybook/core"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { makeFileExporter } from "../src/file-exporter.node.ts"
import { nodeFileLayer } from "../src/file-layer.node.ts"
import type { FileLayer } from "../src/file-layer.ts"
import { auditLogPath } from "../src/index.ts"
import {
  app,
  batchOf,
  contentsOf,
  exportNow,
  freshDir,
  linesOf,
  midnight,
  noon,
  numbersTo,
  silentLog
} from "./day-files.ts"
import {
  diskError,
  type Fault,
  type FaultyFileLayer,
  faultyFileLayer,
  randomFrom
} from "./faulty-file-layer.ts"

const linesPerBatch = 20

/** Ten batches; the fifth has lines of two days. */
const tenBatches = (): readonly Batch[] =>
  numbersTo(10).map((number) => {
    const from = (number - 1) * linesPerBatch + 1
    const to = number * linesPerBatch
    if (number !== 5) return batchOf(from, to, number < 5 ? noon : midnight + 1)
    const half = from + linesPerBatch / 2
    const lines = linesOf(from, half - 1, midnight - 1) + linesOf(half, to, midnight)
    return batchFromLines(new TextEncoder().encode(lines))
  })

/** Repeats as the writer does, and returns what was refused meanwhile. More attempts than faults is a standstill. */
const persist = async <A>(
  attempt: () => Promise<A>,
  attemptsMax: number
): Promise<{ value: A; errors: unknown[] }> => {
  const errors: unknown[] = []
  while (errors.length < attemptsMax) {
    try {
      return { value: await attempt(), errors }
    } catch (error) {
      errors.push(error)
    }
  }
  throw new Error(`no progress in ${attemptsMax} attempts: ${String(errors.at(-1))}`)
}

/** Writes the ten batches with up to `attemptsMax` attempts each. Returns what every attempt was refused with. */
const writeTen = async (layer: FileLayer, dir: string, attemptsMax: number): Promise<readonly unknown[]> => {
  const exporter = makeFileExporter(layer, { dir })
  const log = silentLog()
  const opened = await persist<OpenExporter>(
    () => Effect.runPromise(Effect.scoped(exporter.open(log))),
    attemptsMax
  )
  const errors = [...opened.errors]
  for (const batch of tenBatches()) {
    const written = await persist(() => exportNow(opened.value, batch), attemptsMax)
    errors.push(...written.errors)
  }
  return errors
}

const expectHonest = (errors: readonly unknown[], dir: string): void => {
  for (const error of errors) {
    expect(error).toBeInstanceOf(ExportError)
    const { retryable, outcome, reason } = error as ExportError
    expect({ retryable, outcome }).toEqual({ retryable: true, outcome: "failed" })
    expect(reason).toContain(dir)
  }
}

/** Runs the scenario with a fault at call 1, 2, 3 … until it is over before the fault. */
const sweep = async (
  fault: Fault,
  judge: (dir: string, layer: FaultyFileLayer, errors: readonly unknown[]) => void
): Promise<number> => {
  for (let k = 1; ; k++) {
    const dir = join(freshDir(), "logs")
    const layer = faultyFileLayer(({ number }) => (number === k ? fault : undefined))
    const errors = await writeTen(layer, dir, 3)
    judge(dir, layer, errors)
    if (layer.operations.length < k) return k - 1
  }
}

describe("one fault, at every operation in turn", () => {
  it("F1 F7 F20 F22 an operation that fails: every event is there once, and the failure was told", async () => {
    const operations = await sweep("fail", (dir, layer, errors) => {
      const { seqs, repeated, damaged } = contentsOf(dir)
      expect(seqs).toEqual(numbersTo(10 * linesPerBatch))
      expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
      expect(errors).toHaveLength(layer.fired.length)
      expectHonest(errors, dir)
    })
    // mkdir; four operations a run, and a look at the last byte of a file that is met first and not empty.
    expect(operations).toBeGreaterThan(11 * 4)
  })

  it("F2 F12 a short write: the fragment is one damaged line, and its event is written again whole", async () => {
    await sweep("short", (dir, layer, errors) => {
      const { seqs, repeated, damaged } = contentsOf(dir)
      expect(seqs).toEqual(numbersTo(10 * linesPerBatch))
      expect(repeated).toBe(0)
      expect(damaged).toHaveLength(layer.fired.length)
      expect(errors).toEqual([])
    })
  })

  it("F12 a write that takes nothing and says so is tried again, not believed", async () => {
    await sweep(0, (dir, layer, errors) => {
      const { seqs, repeated, damaged } = contentsOf(dir)
      expect(seqs).toEqual(numbersTo(10 * linesPerBatch))
      expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
      expect(errors).toHaveLength(layer.fired.length)
      expectHonest(errors, dir)
    })
  })

  it("F2 a write that fails half-way: nothing is lost, and what is there twice has one id", async () => {
    await sweep("torn", (dir, layer, errors) => {
      const { seqs, damaged } = contentsOf(dir)
      expect(seqs).toEqual(numbersTo(10 * linesPerBatch))
      expect(damaged).toHaveLength(layer.fired.length)
      expect(errors).toHaveLength(layer.fired.length)
    })
  })
})

describe("many faults", () => {
  it("F13 when every write is short, progress is made all the same", async () => {
    const dir = freshDir()
    const layer = faultyFileLayer(() => 400)
    const errors = await writeTen(layer, dir, 1)
    const { seqs, repeated, damaged } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(10 * linesPerBatch))
    expect(repeated).toBe(0)
    expect(damaged.length).toBeGreaterThan(10)
    expect(errors).toEqual([])
  })

  it("F1 F12 whatever fails in whatever order, nothing is lost and nothing is merged", async () => {
    const faults: readonly Fault[] = ["fail", "short", "torn", 0]
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed)
      const dir = join(freshDir(), "logs")
      const layer = faultyFileLayer(() => (random() < 0.3 ? faults[Math.floor(random() * 4)] : undefined))
      await writeTen(layer, dir, 200)
      const { seqs, damaged } = contentsOf(dir)
      expect(seqs, `seed ${seed}`).toEqual(numbersTo(10 * linesPerBatch))
      const fragments = layer.fired.filter((fault) => fault === "short" || fault === "torn").length
      expect(damaged.length, `seed ${seed}`).toBeLessThanOrEqual(fragments)
    }
  })

  it("F12 a write cut at any byte leaves each event whole, and twice only where just its newline was missing", async () => {
    const batch = batchOf(1, 3)
    const ends = [...batch.columns.end]
    for (let cut = 0; cut < batch.bytes().length; cut++) {
      const dir = freshDir()
      let writes = 0
      const layer = faultyFileLayer(({ operation }) =>
        operation === "append" && ++writes === 1 ? cut : undefined
      )
      const exporter = makeFileExporter(layer, { dir })
      const open = await Effect.runPromise(Effect.scoped(exporter.open(silentLog())))
      await persist(() => exportNow(open, batch), 2)
      const { seqs, repeated, damaged } = contentsOf(dir)
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
    const ours = makeFileExporter(nodeFileLayer, { dir })
    const open = await Effect.runPromise(Effect.scoped(ours.open(silentLog())))
    await exportNow(open, batchOf(1, 3))
    // Another process ran into a full disk half-way through a line. Our next append is confirmed.
    writeFileSync(path, '{"ts":"2026-03-05T', { flag: "a" })
    await exportNow(open, batchOf(4, 6))
    const { seqs, damaged } = contentsOf(dir)
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
      const dir = freshDir()
      const layer = faultyFileLayer(
        ({ operation }) => (operation === "append" ? "fail" : undefined),
        () => diskError(code, errno)
      )
      const exporter = makeFileExporter(layer, { dir })
      const open = await Effect.runPromise(Effect.scoped(exporter.open(silentLog())))
      const path = auditLogPath({ app, dir, at: noon })
      await expect(exportNow(open, batchOf(1, 1))).rejects.toMatchObject({
        reason: `Cannot append to ${JSON.stringify(path)}: ${words}`,
        retryable: true,
        outcome: "failed"
      })
      layer.heal()
      await exportNow(open, batchOf(1, 1))
      expect(readFileSync(path, "utf8").trimStart()).toBe(linesOf(1, 1))
    }
  )
})

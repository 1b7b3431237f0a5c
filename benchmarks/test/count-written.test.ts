import { appendFile, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { countNumbers, countWritten } from "../src/count-written.ts"
import { inTempDir } from "../src/processes.ts"

const line = (fields: object): string => `${JSON.stringify(fields)}\n`
const event = (bytes: number): string => line({ ts: "", level: "info", category: "upload", bytes })

describe("countWritten", () => {
  it("counts events of all files below, and neither Daybook's own marks nor other files", () =>
    inTempDir(async (dir) => {
      await mkdir(join(dir, "files-1"))
      await writeFile(join(dir, "a.jsonl"), event(1) + line({ category: "seal" }) + event(2))
      await writeFile(join(dir, "files-1/b.jsonl"), event(3) + line({ category: "gap" }))
      await writeFile(join(dir, "audit.json"), event(4))
      expect((await countWritten(dir)).events).toBe(3)
    }))

  it("does not count a torn line", () =>
    inTempDir(async (dir) => {
      await writeFile(join(dir, "a.jsonl"), event(1) + event(2).slice(0, -1))
      expect((await countWritten(dir)).events).toBe(1)
    }))

  it("counts lines and marks that lie across the pieces in which a large file is read", () =>
    inTempDir(async (dir) => {
      const file = join(dir, "a.jsonl")
      const text = (event(1) + line({ category: "seal", root: "x".repeat(90) })).repeat(10_000)
      for (let part = 0; part < 6; part++) await appendFile(file, text)
      expect((await countWritten(dir)).events).toBe(60_000)
    }))
})

describe("countNumbers", () => {
  it("finds which numbers are there and which are there twice, and leaves out the warm-up's", () =>
    inTempDir(async (dir) => {
      await writeFile(join(dir, "a.jsonl"), event(1) + event(2) + event(1) + event(1_000))
      expect(await countNumbers(dir, 1_000)).toEqual({ kept: 2, repeated: 1 })
    }))
})

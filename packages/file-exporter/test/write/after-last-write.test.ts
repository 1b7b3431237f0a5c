// A process that goes on living after the exit hook wrote, because somebody caught what nobody should have: what the hook
// wrote is not written again, and what it could not write is.

import { mkdirSync, readFileSync, rmdirSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import { auditLogPath } from "../../src/index.ts"
import { answerOf, runChild } from "../tools/child-process.ts"
import {
  app,
  batchOf,
  contentsOf,
  expectEachOnce,
  freshDir,
  linesOf,
  noon,
  numbersTo
} from "../tools/file-bench.ts"
import { hookSubject, lateDisk, twoDays } from "../tools/late-disk.ts"

describe("F42 the process goes on living after the hook", () => {
  it("what the hook could not write is not taken for written: the next attempt writes it", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    const { open, lastWrite } = await hookSubject(nodeFileLayer, dir)
    const batch = batchOf(1, 10)
    mkdirSync(path)
    expect(() => lastWrite(batch, false)).toThrow("EISDIR")
    rmdirSync(path)
    await open.export(batch)
    expectEachOnce(dir, 10)
  })

  it("a write that came back after the hook had given up is not taken for the whole batch", async () => {
    const dir = freshDir()
    const batch = twoDays()
    const disk = lateDisk(Number.POSITIVE_INFINITY)
    const { open, lastWrite } = await hookSubject(disk.layer, dir)
    const exported = open.export(batch)
    await disk.issued
    lastWrite(batch, true, 5)
    disk.land()
    const isConfirmed = await exported.then(
      () => true,
      () => false
    )
    expectEachOnce(dir, isConfirmed ? 60 : 30)
  })

  it("an application that catches what nobody caught keeps its events, and its log tells the truth", async () => {
    const dir = freshDir()
    const { flushed } = answerOf<{
      readonly flushed: { readonly written: number; readonly pending: number }
    }>(await runChild("survives-exception", [dir]))
    // Ten events, and the exception that was told to the hook.
    expect(flushed).toMatchObject({ complete: true, written: 11, pending: 0 })
    expect(contentsOf(dir).seqs).toEqual(numbersTo(11))
  })

  // The hook's limit is 500 ms: of its own work, not of the application's.
  it.each([0, 700])(
    "F42 an application that shuts down %i ms after an error that nobody caught keeps its last event",
    async (ms) => {
      const dir = freshDir()
      const { code, told } = await runChild("shuts-down-slowly", [dir, String(ms)])
      expect({ code, told }).toEqual({ code: 1, told: [] })
      const { lines } = contentsOf(dir)
      expect(lines.filter(({ category }) => category === "load").map(({ message }) => message)).toEqual([
        "before",
        "shutting down"
      ])
    }
  )

  it("what the hook did write is not written again", async () => {
    const dir = freshDir()
    const { open, lastWrite } = await hookSubject(nodeFileLayer, dir, false)
    const batch = batchOf(1, 10)
    expect(lastWrite(batch, false)).toBe(10)
    await open.export(batch)
    await open.write(11, 20)
    expectEachOnce(dir, 20)
    expect(readFileSync(auditLogPath({ app, dir, at: noon }), "utf8")).toBe(linesOf(1, 20))
  })
})

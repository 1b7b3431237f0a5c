// The exit hook's write, at every moment of an ordinary one: what was issued is waited for, what was not is written, and
// nothing stands in the file twice. Whole processes that end are in conformance/exit.conformance.mjs.

import { mkdirSync, readFileSync, rmdirSync } from "node:fs"
import { join } from "node:path"
import { type Batch, batchFromLines, type OpenExporter } from "@daybook/core"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { makeFileExporter } from "../src/file-exporter.node.ts"
import { nodeFileLayer } from "../src/file-layer.node.ts"
import type { FileLayer } from "../src/file-layer.ts"
import { auditLogPath } from "../src/index.ts"
import { answerOf, runChild } from "./child-process.ts"
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
import { type Fault, faultyFileLayer } from "./faulty-file-layer.ts"

const deadlineMs = 10_000

/** One log's exporter, with the exit hook as a function. */
const subject = async (layer: FileLayer, dir: string) => {
  const exporter = makeFileExporter(layer, { dir })
  const log = silentLog()
  const open: OpenExporter = await Effect.runPromise(Effect.scoped(exporter.open(log)))
  const lastWrite = (batch: Batch, inFlight: boolean, limitMs = deadlineMs): number =>
    exporter.lastWrite?.(log, batch, { inFlight, deadlineMs: limitMs }).written ?? Number.NaN
  return { open, lastWrite }
}

/** Sixty lines, half of them of the next day. */
const twoDays = (): Batch =>
  batchFromLines(new TextEncoder().encode(linesOf(1, 30, midnight - 1) + linesOf(31, 60, midnight)))

const expectEachOnce = (dir: string, count: number): void => {
  const { seqs, repeated, damaged } = contentsOf(dir)
  expect(seqs).toEqual(numbersTo(count))
  expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
}

describe("F42 the process ends", () => {
  it("before the exporter was ever opened: the directory is made and everything written", () => {
    const dir = join(freshDir(), "not", "there")
    const exporter = makeFileExporter(nodeFileLayer, { dir })
    const batch = twoDays()
    expect(exporter.lastWrite?.(silentLog(), batch, { inFlight: false, deadlineMs })).toEqual({ written: 60 })
    expectEachOnce(dir, 60)
  })

  it("at any operation of a write under way: everything is there once, whatever that operation still does", async () => {
    let hooks = 0
    for (let k = 1; ; k++) {
      const dir = freshDir()
      const batch = twoDays()
      let written: number | undefined
      let calls = 0
      let hook = (): void => undefined
      // The operation is handed to the pool, whose thread goes on with it while the hook keeps this one busy.
      const at = <A>(issued: Promise<A>): Promise<A> => {
        calls += 1
        if (calls === k) hook()
        return issued
      }
      const layer: FileLayer = {
        ...nodeFileLayer,
        openAppend: (path) => at(nodeFileLayer.openAppend(path)),
        facts: (fd) => at(nodeFileLayer.facts(fd)),
        byteAt: (fd, position) => at(nodeFileLayer.byteAt(fd, position)),
        append: (fd, bytes) => at(nodeFileLayer.append(fd, bytes)),
        close: (fd) => at(nodeFileLayer.close(fd))
      }
      const { open, lastWrite } = await subject(layer, dir)
      hook = () => {
        written = lastWrite(batch, true)
      }
      await exportNow(open, batch)
      expectEachOnce(dir, 60)
      if (written === undefined) break
      hooks += 1
      expect(written, `at call ${k}`).toBe(60)
    }
    // Two runs of open, look, write and close.
    expect(hooks).toBe(8)
  })

  it("while a write is late: the hook waits for it and goes on behind it", async () => {
    const dir = freshDir()
    const batch = twoDays()
    const disk = lateDisk(3)
    const { open, lastWrite } = await subject(disk.layer, dir)
    const exported = exportNow(open, batch)
    await disk.issued
    expect(lastWrite(batch, true)).toBe(60)
    expect(disk.pauses()).toBe(3)
    await exported
    expectEachOnce(dir, 60)
  })

  it("behind a landed write, on a full disk, at two calls: nothing that is down is written again", async () => {
    const dir = freshDir()
    const batch = twoDays()
    const disk = lateDisk(1)
    let appends = 0
    // The hook's first write takes some lines of the second day, its next one none.
    const full = faultyFileLayer(({ operation }) => {
      if (operation !== "now.append") return undefined
      appends += 1
      return appends === 1 ? "short" : appends === 2 ? "fail" : undefined
    })
    const now = { ...full.now, pause: disk.layer.now.pause }
    const { open, lastWrite } = await subject({ ...disk.layer, now }, dir)
    const exported = exportNow(open, batch)
    await disk.issued
    expect(() => lastWrite(batch, true)).toThrow("ENOSPC")
    expect(lastWrite(batch, true)).toBe(60)
    await exported
    const { seqs, repeated, damaged } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(60))
    expect(repeated).toBe(0)
    expect(damaged).toHaveLength(1)
  })

  it("while a write never comes back: the hook gives up at its limit and writes nothing behind it", async () => {
    const dir = freshDir()
    const batch = twoDays()
    const disk = lateDisk(Number.POSITIVE_INFINITY)
    const { open, lastWrite } = await subject(disk.layer, dir)
    const exported = exportNow(open, batch)
    await disk.issued
    expect(lastWrite(batch, true, 5)).toBe(0)
    expect(contentsOf(dir)).toMatchObject({ seqs: [], damaged: [] })
    disk.land()
    await exported.catch(() => undefined)
  })

  it("without any time left: nothing is written and nothing claimed", async () => {
    const dir = freshDir()
    const { lastWrite } = await subject(nodeFileLayer, dir)
    expect(lastWrite(twoDays(), false, 0)).toBe(0)
    expect(contentsOf(dir).seqs).toEqual([])
  })

  it("behind a torn line: the fragment stays one damaged line", async () => {
    const dir = freshDir()
    const layer = faultyFileLayer(({ operation }) => (operation === "append" ? "torn" : undefined))
    const { open, lastWrite } = await subject(layer, dir)
    const batch = batchOf(1, 10)
    await expect(exportNow(open, batch)).rejects.toThrow("ENOSPC")
    expect(lastWrite(batch, false)).toBe(10)
    const { seqs, damaged } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(10))
    expect(damaged).toHaveLength(1)
  })

  it.each<Fault>(["fail", "short"])(
    "on a disk that goes wrong (%s) at any operation of the hook: a second call finishes, and nothing is there twice",
    async (fault) => {
      for (let k = 1; ; k++) {
        const dir = join(freshDir(), "logs")
        const layer = faultyFileLayer(({ number }) => (number === k ? fault : undefined))
        const exporter = makeFileExporter(layer, { dir })
        const log = silentLog()
        const batch = twoDays()
        const call = (): number =>
          exporter.lastWrite?.(log, batch, { inFlight: false, deadlineMs }).written ?? 0
        let first = 0
        try {
          first = call()
        } catch (error) {
          expect(error).toMatchObject({ code: "ENOSPC" })
        }
        expect(contentsOf(dir).seqs.length, `call ${k}`).toBeGreaterThanOrEqual(first)
        expect(call(), `call ${k}`).toBe(60)
        const { seqs, repeated, damaged } = contentsOf(dir)
        expect(seqs).toEqual(numbersTo(60))
        expect(repeated).toBe(0)
        expect(damaged).toHaveLength(fault === "short" ? layer.fired.length : 0)
        if (layer.fired.length === 0 && layer.operations.length < k) break
      }
    }
  )
})

describe("F42 the process goes on living after the hook", () => {
  it("what the hook could not write is not taken for written: the next attempt writes it", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    const { open, lastWrite } = await subject(nodeFileLayer, dir)
    const batch = batchOf(1, 10)
    mkdirSync(path)
    expect(() => lastWrite(batch, false)).toThrow("EISDIR")
    rmdirSync(path)
    await exportNow(open, batch)
    expectEachOnce(dir, 10)
  })

  it("a write that came back after the hook had given up is not taken for the whole batch", async () => {
    const dir = freshDir()
    const batch = twoDays()
    const disk = lateDisk(Number.POSITIVE_INFINITY)
    const { open, lastWrite } = await subject(disk.layer, dir)
    const exported = exportNow(open, batch)
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

  it("what the hook did write is not written again", async () => {
    const dir = freshDir()
    const { open, lastWrite } = await subject(nodeFileLayer, dir)
    const batch = batchOf(1, 10)
    expect(lastWrite(batch, false)).toBe(10)
    await exportNow(open, batch)
    await exportNow(open, batchOf(11, 20))
    expectEachOnce(dir, 20)
    expect(readFileSync(auditLogPath({ app, dir, at: noon }), "utf8")).toBe(linesOf(1, 20))
  })
})

/** A disk whose first append lands at the hook's pause number `landsAt`, or when it is told to. */
const lateDisk = (landsAt: number) => {
  let pauses = 0
  let land: (() => void) | undefined
  let tell = (): void => undefined
  const issued = new Promise<void>((resolve) => {
    tell = resolve
  })
  const landNow = (): void => {
    land?.()
    land = undefined
  }
  const layer: FileLayer = {
    ...nodeFileLayer,
    append: (fd, bytes) =>
      new Promise((resolve) => {
        land = () => resolve(nodeFileLayer.now.append(fd, bytes))
        tell()
      }),
    now: {
      ...nodeFileLayer.now,
      pause: (ms) => {
        pauses += 1
        if (pauses === landsAt) landNow()
        else nodeFileLayer.now.pause(ms)
      }
    }
  }
  return { layer, issued, land: landNow, pauses: () => pauses }
}

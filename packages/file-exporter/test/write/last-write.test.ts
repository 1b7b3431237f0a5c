// The exit hook's write, at every moment of an ordinary one: what was issued is waited for, what was not is written, and
// nothing stands in the file twice. Whole processes that end are in conformance/exit.conformance.mjs.

import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { type Fault, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import {
  batchOf,
  contentsOf,
  expectEachOnce,
  fileBench,
  freshDir,
  midnight,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { deadlineMs, hookSubject, lateDisk, twoDays } from "../tools/late-disk.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"
import { watchedFileLayer } from "../tools/watched-file-layer.ts"

describe("F42 the process ends", () => {
  it("before the exporter was ever opened: the directory is made and everything written", () => {
    const dir = join(freshDir(), "not", "there")
    const exporter = makeFileExporter(nodeFileLayer, { dir })
    const batch = twoDays()
    expect(exporter.lastWrite?.(silentLog(), batch, { inFlight: false, deadlineMs })).toEqual({ written: 60 })
    expectEachOnce(dir, 60)
    // Nothing comes after this write: each of its files ends with a seal.
    expect(expectAllSealed(dir)).toBe(2)
  })

  it.each([
    // Two runs of open, look, write and close.
    { seal: false, hooksWanted: 10 },
    // And one more, with a look at the last byte, for the seal of the day that is over, which is the first one: before it the
    // file is read for what others have sealed.
    { seal: undefined, hooksWanted: 19 }
  ] as const)(
    "at any operation of a write under way, seal $seal: everything is there once, whatever that operation still does",
    async ({ seal, hooksWanted }) => {
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
          read: (fd, position, count) => at(nodeFileLayer.read(fd, position, count)),
          append: (fd, bytes) => at(nodeFileLayer.append(fd, bytes)),
          close: (fd) => at(nodeFileLayer.close(fd))
        }
        const { open, lastWrite } = await hookSubject(layer, dir, seal)
        hook = () => {
          written = lastWrite(batch, true)
        }
        await open.export(batch)
        expectEachOnce(dir, 60)
        expectSealsRight(dir, `call ${k}`)
        if (written === undefined) break
        hooks += 1
        expect(written, `at call ${k}`).toBe(60)
      }
      expect(hooks).toBe(hooksWanted)
    }
  )

  it("while a write is late: the hook waits for it and goes on behind it", async () => {
    const dir = freshDir()
    const batch = twoDays()
    const disk = lateDisk(3)
    const { open, lastWrite } = await hookSubject(disk.layer, dir)
    const exported = open.export(batch)
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
    const { open, lastWrite } = await hookSubject({ ...disk.layer, now }, dir)
    const exported = open.export(batch)
    await disk.issued
    expect(() => lastWrite(batch, true)).toThrow("ENOSPC")
    expect(lastWrite(batch, true)).toBe(60)
    await exported
    const { seqs, repeated, damaged } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(60))
    expect(repeated).toBe(0)
    expect(damaged).toHaveLength(1)
  })

  it("F36 behind a landed write, with sync batch: what is said to be written is synced first", async () => {
    const dir = freshDir()
    const batch = batchOf(1, 10)
    const disk = lateDisk(1)
    const layer = watchedFileLayer(disk.layer)
    const exporter = makeFileExporter(layer, { dir, sync: "batch", seal: false })
    const log = silentLog()
    const exported = (await fileBench({ dir, exporter, log }).open()).export(batch)
    await disk.issued
    expect(exporter.lastWrite?.(log, batch, { inFlight: true, deadlineMs })).toEqual({ written: 10 })
    const asked = layer.news().filter((name) => /append$|sync$/.test(name))
    expect(asked).toEqual(["append", "now.sync"])
    await exported
    expectEachOnce(dir, 10)
  })

  it("F42 of one file, although a seal of another one failed before: that write alone is waited for", async () => {
    const dir = freshDir()
    const disk = lateDisk(1)
    let seals = 0
    const layer: FileLayer = {
      ...disk.layer,
      append: async (fd, bytes) => {
        const text = new TextDecoder().decode(bytes)
        if (text.includes('"seal"') && ++seals === 1) throw new Error("the seal fails")
        return text.includes('"seq":31,') ? disk.layer.append(fd, bytes) : nodeFileLayer.append(fd, bytes)
      }
    }
    const { open, lastWrite } = await hookSubject(layer, dir)
    await open.write(1, 30, midnight - 1)
    const batch = batchOf(31, 60, midnight)
    const exported = open.export(batch)
    await disk.issued
    expect(lastWrite(batch, true)).toBe(30)
    await exported
    expect(seals).toBeGreaterThan(0)
    expectEachOnce(dir, 60)
    expectSealsRight(dir)
  })

  it("while a write never comes back: the hook gives up at its limit and writes nothing behind it", async () => {
    const dir = freshDir()
    const batch = twoDays()
    const disk = lateDisk(Number.POSITIVE_INFINITY)
    const { open, lastWrite } = await hookSubject(disk.layer, dir)
    const exported = open.export(batch)
    await disk.issued
    expect(lastWrite(batch, true, 5)).toBe(0)
    expect(contentsOf(dir)).toMatchObject({ seqs: [], damaged: [] })
    disk.land()
    await exported.catch(() => undefined)
  })

  it("on a disk that takes nothing and says so: the hook gives up at once, and does not spend its time on it", async () => {
    const dir = freshDir()
    const layer = faultyFileLayer(({ operation }) => (operation === "now.append" ? 0 : undefined))
    const { lastWrite } = await hookSubject(layer, dir)
    expect(lastWrite(batchOf(1, 10), false)).toBe(0)
    expect(layer.fired).toHaveLength(1)
    expect(contentsOf(dir).seqs).toEqual([])
  })

  it("without any time left: nothing is written and nothing claimed", async () => {
    const dir = freshDir()
    const { lastWrite } = await hookSubject(nodeFileLayer, dir)
    expect(lastWrite(twoDays(), false, 0)).toBe(0)
    expect(contentsOf(dir).seqs).toEqual([])
  })

  it("behind a torn line: the fragment stays one damaged line", async () => {
    const dir = freshDir()
    const layer = faultyFileLayer(({ operation }) => (operation === "append" ? "torn" : undefined))
    const { open, lastWrite } = await hookSubject(layer, dir)
    const batch = batchOf(1, 10)
    await expect(open.export(batch)).rejects.toThrow("ENOSPC")
    expect(lastWrite(batch, false)).toBe(10)
    const { seqs, damaged } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(10))
    expect(damaged).toHaveLength(1)
  })

  it.each<{ fault: Fault; seal: false | undefined }>([
    { fault: "fail", seal: false },
    { fault: "short", seal: false },
    { fault: "fail", seal: undefined },
    { fault: "short", seal: undefined }
  ])(
    "on a disk that goes wrong ($fault) at any operation of the hook, seal $seal: a second call finishes, and nothing is there twice",
    async ({ fault, seal }) => {
      for (let k = 1; ; k++) {
        const dir = join(freshDir(), "logs")
        const layer = faultyFileLayer(({ number }) => (number === k ? fault : undefined))
        const exporter = makeFileExporter(layer, { dir, seal })
        const log = silentLog()
        const batch = twoDays()
        const call = (): number =>
          exporter.lastWrite?.(log, batch, { inFlight: false, deadlineMs }).written ?? 0
        let first = 0
        try {
          first = call()
        } catch (error) {
          expect(error).toMatchObject({ retryable: true, reason: expect.stringContaining("(ENOSPC)") })
        }
        const isOver = layer.fired.length === 0
        layer.heal()
        expect(contentsOf(dir).seqs.length, `call ${k}`).toBeGreaterThanOrEqual(first)
        expect(call(), `call ${k}`).toBe(60)
        const { seqs, repeated, damaged } = contentsOf(dir)
        expect(seqs).toEqual(numbersTo(60))
        expect(repeated).toBe(0)
        expect(damaged).toHaveLength(fault === "short" ? layer.fired.length : 0)
        expectSealsRight(dir, `call ${k}`)
        if (isOver) break
      }
    }
  )
})

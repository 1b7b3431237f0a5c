// At most one file operation of an exporter is under way, whatever is due at once: a disk that hangs must not take more
// than one of the few threads that a process has for files. And none of them blocks, but those of the exit hook.

import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { app, fileBench, freshDir, midnight, noon, silentLog } from "../tools/file-bench.ts"
import { heldClockAt } from "../tools/test-clock.ts"
import { watchedFileLayer } from "../tools/watched-file-layer.ts"

const timeoutMs = 10_000

/** The disk takes its time: other fibers have their turns meanwhile. */
const slowLayer = (turns: number): FileLayer => {
  const slow = Object.fromEntries(
    Object.entries(nodeFileLayer).map(([name, operation]) => [
      name,
      typeof operation !== "function"
        ? operation
        : async (...args: never[]) => {
            for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
            return (operation as (...args: never[]) => unknown)(...args)
          }
    ])
  )
  return { ...nodeFileLayer, ...slow, now: nodeFileLayer.now }
}

describe("F26 one file operation at a time", () => {
  it.each([0, 1, 3])(
    "when exports, seals, syncs, a sweep and the close come together (a disk of %i turns)",
    async (turns) => {
      const dir = join(freshDir(), "logs")
      const layer = watchedFileLayer(slowLayer(turns))
      const clock = heldClockAt(noon)
      const log = silentLog()
      const exporter = makeFileExporter(layer, { dir, sync: "interval" })
      const open = await fileBench({ dir, exporter, log, clock }).openHeld()
      await open.write(1, 1_500)
      await clock.asleep(3)
      // Half a day later: a sync, the seal of yesterday's stretch, the sweep, and more lines than one fiber writes.
      clock.advance(midnight - noon)
      log.atMs = clock.now
      const exports = [1_501, 1_601, 1_701].map((from) => open.write(from, from + 99, midnight))
      const closed = open.close()
      await Promise.all([...exports, closed])
      const names = layer.asked.map(({ operation }) => operation)
      expect(names).toEqual(expect.arrayContaining(["makeDir", "list", "append", "facts", "sync", "close"]))
      expect(names.filter((name) => name === "list").length).toBeGreaterThan(2)
      expect(layer.atOnceMax()).toBe(1)
    }
  )

  it("when two logs share an exporter, each has its one", async () => {
    const dir = freshDir()
    const layer = watchedFileLayer(slowLayer(1))
    const exporter = makeFileExporter(layer, { dir })
    const opens = await Promise.all(
      ["1a2c3d4e", "9a8b7c6d"].map((session) =>
        fileBench({ dir, exporter, log: silentLog({}, session) }).openHeld()
      )
    )
    await Promise.all(opens.map((open) => open.write(1, 10)))
    expect(layer.atOnceMax()).toBe(2)
  })
})

describe("F25 nothing blocks", () => {
  it("the life of a log asks the disk for no synchronous operation", async () => {
    const dir = freshDir()
    const layer = watchedFileLayer(nodeFileLayer)
    const exporters = [makeFileExporter(layer, { dir, sync: "interval", layout: "user" })]
    const audit = createAuditLog({ app, exporters, exitHook: false })
    audit.sessionStart()
    for (let n = 1; n <= 3_000; n++) audit.log("load", "one of many", { user: `user-${n % 3}` })
    await audit.flush({ timeoutMs })
    const { written } = await audit.close({ timeoutMs })
    expect(written).toBe(3_002)
    expect(layer.asked.filter(({ operation }) => operation.startsWith("now."))).toEqual([])
    expect(layer.atOnceMax()).toBe(1)
  })

  it("F24 while the disk hangs, calls of the log go on, and all of it is written when it comes back", async () => {
    const dir = freshDir()
    let letGo = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const layer = watchedFileLayer({
      ...nodeFileLayer,
      append: async (fd, bytes) => {
        await gate
        return nodeFileLayer.append(fd, bytes)
      }
    })
    const audit = createAuditLog({ app, exporters: [makeFileExporter(layer, { dir })], exitHook: false })
    audit.log("load", "the first")
    const flushed = audit.flush({ timeoutMs })
    await layer.until(({ operation }) => operation === "facts")
    for (let n = 2; n <= 5_000; n++) audit.log("load", "while it hangs")
    expect(audit.health().exporters[0]).toMatchObject({ accepted: 5_000, written: 0, pending: 5_000 })
    letGo()
    await flushed
    const { written, dropped } = await audit.close({ timeoutMs })
    expect({ written, dropped }).toEqual({ written: 5_000, dropped: 0 })
    expect(layer.atOnceMax()).toBe(1)
  })
})

describe("F30 a process that was paused for an hour", () => {
  it("does once what became due meanwhile, a sync and a seal, and then sleeps on", async () => {
    const layer = watchedFileLayer(nodeFileLayer)
    const clock = heldClockAt(noon)
    const log = silentLog()
    const open = await fileBench({ sync: "interval", layer, log, clock }).openHeld()
    await open.write(1, 3)
    await clock.asleep(3)
    layer.news()
    clock.advance(3_600_000)
    log.atMs = clock.now
    await layer.until(({ operation }) => operation === "sync")
    await clock.asleep(3)
    // What the seal added is synced with the next second.
    clock.advance(1_000)
    await clock.asleep(3)
    await open.close()
    const counts = layer.news().filter((name) => name === "append" || name === "sync")
    expect(counts.filter((name) => name === "append")).toHaveLength(1)
    expect(counts.length).toBeLessThanOrEqual(3)
    expect(layer.atOnceMax()).toBe(1)
  })
})

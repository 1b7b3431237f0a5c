// Waiting until an event is durable, with a file that must have it: what the receipt says, when it comes, and that many
// who wait at once share one write and one sync. Processes that are killed while they commit are in many-processes.test.ts.

import { createAuditLog, type Durability, defineEvent } from "@daybook/core"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { type FileExporterOptions, makeFileExporter } from "../../src/file-exporter.node.ts"
import { fileExporter } from "../../src/index.ts"
import { diskError, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import { app, contentsOf, expectEachOnce, freshDir, numbersTo } from "../tools/file-bench.ts"
import { type Asked, watchedFileLayer } from "../tools/watched-file-layer.ts"

const timeoutMs = 10_000

const Paid = defineEvent({ category: "payment", fields: { n: Schema.Number }, message: "Paid" })

/** A log that commits to one file exporter. */
const committing = (layer: FileLayer, options: FileExporterOptions) => {
  const exporter = makeFileExporter(layer, { ...options, required: true })
  const notices: string[] = []
  const audit = createAuditLog({
    app,
    exporters: [{ ...exporter, required: true }],
    notice: (text) => notices.push(text),
    exitHook: false
  })
  return { audit, notices }
}

const count = (asked: readonly Asked[], operation: string): number =>
  asked.filter((one) => one.operation === operation).length

describe("a commit to a file", () => {
  it.each<{ sync: FileExporterOptions["sync"]; durability: Durability }>([
    { sync: undefined, durability: "os" },
    { sync: "none", durability: "os" },
    // A second may be missing.
    { sync: "interval", durability: "os" },
    { sync: "batch", durability: "synced" }
  ])("F36 with sync $sync has a receipt that says $durability", async ({ sync, durability }) => {
    const dir = freshDir()
    expect(fileExporter({ dir, sync }).durability).toBe(durability)
    const { audit } = committing(nodeFileLayer, { dir, sync })
    const receipt = await audit.commit(Paid({ n: 3 }), {}, { timeoutMs })
    expect(receipt).toEqual({ durability, seq: 1 })
    // The promise is kept before it is given.
    expect(contentsOf(dir).lines).toMatchObject([{ category: "payment", n: 3, seq: 1 }])
    await audit.close({ timeoutMs })
  })

  it("a log may commit only when one of its exporters must have every event", () => {
    expect(fileExporter().required).toBe(false)
    expect(fileExporter({ required: true }).required).toBe(true)
  })

  it("F27 a hundred at once share one batch and one sync, and so does the hundred that waits meanwhile", async () => {
    const dir = freshDir()
    let letGo = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const layer = watchedFileLayer({
      ...nodeFileLayer,
      // The first sync is slow.
      sync: async (fd) => {
        await gate
        await nodeFileLayer.sync(fd)
      }
    })
    const { audit } = committing(layer, { dir, sync: "batch", seal: false })
    const commitHundred = (): readonly Promise<unknown>[] =>
      numbersTo(100).map((n) => audit.commit(Paid({ n }), {}, { timeoutMs }))
    const first = commitHundred()
    await layer.until(({ operation }) => operation === "append")
    const second = commitHundred()
    letGo()
    const receipts = await Promise.all([...first, ...second])
    expect(receipts).toEqual(numbersTo(200).map((seq) => ({ durability: "synced", seq })))
    expect({ appends: count(layer.asked, "append"), syncs: count(layer.asked, "sync") }).toEqual({
      appends: 2,
      syncs: 2
    })
    await audit.close({ timeoutMs })
    expectEachOnce(dir, 200)
  })

  it("F8 is not confirmed by a sync that failed, but by the one after the lines were written again", async () => {
    const dir = freshDir()
    let fails = 1
    const layer = watchedFileLayer(
      faultyFileLayer(
        ({ operation }) => (operation === "sync" && fails-- > 0 ? "fail" : undefined),
        () => diskError("EIO", -5)
      )
    )
    const { audit, notices } = committing(layer, { dir, sync: "batch", seal: false })
    let isConfirmed = false
    const commit = audit.commit(Paid({ n: 1 }), {}, { timeoutMs }).finally(() => {
      isConfirmed = true
    })
    await layer.until(({ operation }) => operation === "close")
    expect({ isConfirmed, syncs: count(layer.asked, "sync") }).toEqual({ isConfirmed: false, syncs: 1 })
    expect(await commit).toEqual({ durability: "synced", seq: 1 })
    expect({ appends: count(layer.asked, "append"), syncs: count(layer.asked, "sync") }).toEqual({
      appends: 2,
      syncs: 2
    })
    expect(contentsOf(dir)).toMatchObject({ seqs: [1], repeated: 1, damaged: [] })
    expect(notices.filter((text) => text.includes("(EIO)"))).toHaveLength(1)
    await audit.close({ timeoutMs })
  })

  it("F1 S4.7 on a full disk is unknown when its time is over, and the event is written when there is room", async () => {
    const dir = freshDir()
    const layer = faultyFileLayer(({ operation }) => (operation === "append" ? "fail" : undefined))
    const { audit } = committing(layer, { dir, sync: "batch" })
    const commit = audit.commit(Paid({ n: 1 }), {}, { timeoutMs: 50 })
    await expect(commit).rejects.toMatchObject({ _tag: "Unknown" })
    layer.heal()
    const { written, pending } = await audit.close({ timeoutMs })
    expect({ written, pending }).toEqual({ written: 1, pending: 0 })
    expectEachOnce(dir, 1)
  })
})

// `undelivered: { full: "refuse" }`: events are refused while too much waits for a delivery, and taken again when it has caught
// up. Looking at how much that is must cost next to nothing.

import { createAuditLog, defineEvent, type ExportError } from "@daybook/core"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import { fileExporter } from "../../src/file-exporter.node.ts"
import {
  app,
  batchOf,
  contentsOf,
  fileBench,
  freshDir,
  linesOf,
  noon,
  silentLog
} from "../tools/file-bench.ts"
import { dayFile, today } from "../tools/old-days.ts"
import { putPlace, settle } from "../tools/places.ts"
import { clockAt } from "../tools/test-clock.ts"
import { watchedFileLayer } from "../tools/watched-file-layer.ts"

const Saved = defineEvent({
  category: "load",
  fields: { text: Schema.String },
  message: ({ text }) => text.slice(0, 9)
})

const lineBytes = linesOf(1, 1).length
const file = dayFile(today)

const refusing = async (bytesMax: number, layer = watchedFileLayer(nodeFileLayer)) => {
  const dir = freshDir()
  const log = silentLog()
  const undelivered = { bytesMax, full: "refuse" } as const
  const open = await fileBench({ dir, log, layer, seal: false, undelivered }).open()
  /** What an export is refused with; "" when it is taken. */
  const refusal = (from: number, to: number): Promise<string> =>
    open.write(from, to).then(
      () => "",
      (error: ExportError) => `${error.retryable ? "again later" : "for good"}: ${error.reason}`
    )
  return { dir, log, open, layer, refusal }
}

describe('S4.25 F103 undelivered: { full: "refuse" }', () => {
  it("refuses for good what would go beyond the bound, and says what, where and what to do", async () => {
    const { dir, refusal } = await refusing(3 * lineBytes)
    putPlace(dir, {})
    expect(await refusal(1, 3)).toBe("")
    expect(await refusal(4, 4)).toBe(
      `for good: Cannot append to ${JSON.stringify(dir)}: ${3 * lineBytes} bytes there wait to be delivered to "sql", and ${lineBytes} more are beyond the ${3 * lineBytes} of the option "undelivered"; see what the delivery's health says, allow more, or end it with forgetDelivery`
    )
    expect(contentsOf(dir).seqs).toEqual([1, 2, 3])
  })

  it("takes events again by itself when the delivery has caught up, within two seconds", async () => {
    const { dir, log, refusal } = await refusing(3 * lineBytes)
    putPlace(dir, {})
    await refusal(1, 3)
    expect(await refusal(4, 4)).toContain("for good")
    settle(dir, [file])
    expect(await refusal(5, 5)).toContain("for good")
    log.steadyMs += 2_000
    expect(await refusal(6, 7)).toBe("")
    expect(await refusal(8, 8)).toBe("")
    expect(await refusal(9, 9)).toContain("for good")
    expect(contentsOf(dir).seqs).toEqual([1, 2, 3, 6, 7, 8])
  })

  it("never refuses by its own count alone: what was delivered since the last look is looked at first", async () => {
    const { dir, refusal } = await refusing(3 * lineBytes)
    putPlace(dir, {})
    for (let seq = 1; seq <= 30; seq++) {
      expect(await refusal(seq, seq)).toBe("")
      settle(dir, [file])
    }
  })

  it("refuses nothing where no delivery holds, however much there is", async () => {
    const { dir, log, refusal } = await refusing(1)
    for (const from of [1, 101]) {
      expect(await refusal(from, from + 99)).toBe("")
      log.steadyMs += 60_000
    }
    putPlace(dir, {}, { holds: false })
    expect(await refusal(201, 300)).toBe("")
    expect(await refusal(301, 400)).toBe("")
  })

  it("finds a first place, and what other processes append, within a minute, near the bound within five seconds", async () => {
    const { dir, log, refusal } = await refusing(20 * lineBytes)
    await refusal(1, 1)
    putPlace(dir, {})
    const other = await fileBench({ dir, log: silentLog({}, "0dd1e5e0"), seal: false }).open()
    await other.write(1, 18)
    log.steadyMs += 59_000
    expect(await refusal(2, 2)).toBe("")
    log.steadyMs += 1_000
    // 20 are there, and this would be one more.
    expect(await refusal(3, 3)).toContain("for good")
    settle(dir, [file])
    log.steadyMs += 5_000
    expect(await refusal(4, 22)).toBe("")
    await other.write(19, 19)
    log.steadyMs += 5_000
    expect(await refusal(23, 23)).toContain("for good")
  })

  it("looks at nothing while it is far from the bound: an append costs what it costs without", async () => {
    const { dir, log, layer, open } = await refusing(1_000 * lineBytes)
    putPlace(dir, {})
    await open.write(1, 1)
    layer.news()
    for (let seq = 2; seq <= 50; seq++) {
      await open.write(seq, seq)
      log.steadyMs += 100
    }
    const asked = layer.news()
    expect(asked.filter((operation) => operation === "openAppend")).toHaveLength(49)
    expect(new Set(asked)).toEqual(new Set(["openAppend", "facts", "append", "close"]))
  })

  it("what was let in is not refused half-way: a repeated attempt goes on", async () => {
    let isFailing = true
    const layer = watchedFileLayer({
      ...nodeFileLayer,
      append: (fd, bytes) => {
        if (!isFailing) return nodeFileLayer.append(fd, bytes)
        isFailing = false
        return nodeFileLayer.append(fd, bytes.subarray(0, lineBytes + 10)).then(() => {
          throw Object.assign(new Error("full"), { code: "ENOSPC" })
        })
      }
    })
    const { dir, log, open } = await refusing(3 * lineBytes, layer)
    putPlace(dir, {})
    const batch = batchOf(1, 3)
    await expect(open.export(batch)).rejects.toMatchObject({ retryable: true })
    log.steadyMs += 60_000
    await open.export(batch)
    expect(contentsOf(dir).seqs).toEqual([1, 2, 3])
  })

  it("in a log: `log` drops with a gap that says refused, `commit` rejects Refused, and both work again", async () => {
    const dir = freshDir()
    putPlace(dir, {})
    const undelivered = { bytesMax: 2_000, full: "refuse" } as const
    const clock = clockAt(noon)
    let steadyMs = 0
    const steady = Object.assign(clock, { monotonicTimeNanosUnsafe: () => BigInt(steadyMs) * 1_000_000n })
    const exporter = fileExporter({ dir, required: true, seal: false, undelivered })
    const audit = createAuditLog({ app, exporters: [exporter], clock: steady, exitHook: false })
    await audit.commit(Saved({ text: "the first" }))
    audit.log("load", "too large for what is left", { text: "x".repeat(4_000) })
    const { dropped } = await audit.flush({ timeoutMs: 10_000 })
    expect(dropped).toBe(1)
    await expect(audit.commit(Saved({ text: "y".repeat(3_000) }))).rejects.toMatchObject({ _tag: "Refused" })
    settle(dir, [file])
    steadyMs += 2_000
    await audit.commit(Saved({ text: "the last" }))
    await audit.close({ timeoutMs: 10_000 })
    const { lines } = contentsOf(dir)
    expect(lines.map(({ message }) => message)).toEqual(expect.arrayContaining(["the first", "the last"]))
    const gaps = lines.filter(({ category }) => category === "gap")
    expect(gaps.map(({ reasons }) => reasons)).toEqual([{ refused: 1 }, { refused: 1 }])
  })
})

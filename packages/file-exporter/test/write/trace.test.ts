// What `<APP>_AUDIT_TRACE=1` shows of the writer and its files, step by step, and that a probe which leaves nothing leaves
// no folder either.
import { existsSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import type * as Clock from "effect/Clock"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { diskError, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import { app, freshDir, noon } from "../tools/file-bench.ts"
import { dayFile, daysBefore, sweptDir } from "../tools/old-days.ts"
import { clockAt } from "../tools/test-clock.ts"

const tracedLog = (
  dir: string,
  layer: FileLayer = nodeFileLayer,
  env: Record<string, string> = {},
  clock?: Clock.Clock
) => {
  const told: string[] = []
  const audit = createAuditLog({
    app,
    exporters: [makeFileExporter(layer, { dir })],
    exitHook: false,
    clock,
    env: { DATATOOLS_AUDIT_TRACE: "1", ...env },
    notice: (line) => void told.push(line)
  })
  const steps = () => told.map((line) => line.replace("[audit] ", ""))
  return { audit, told, steps }
}

/** A disk whose first open for appending does not come back before it is let go. */
const hangingOpen = () => {
  let letGo = (): void => undefined
  const gone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let reach = (): void => undefined
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const layer: FileLayer = {
    ...nodeFileLayer,
    openAppend: async (path, mode) => {
      reach()
      await gone
      return nodeFileLayer.openAppend(path, mode)
    }
  }
  return { layer, reached, letGo: () => letGo() }
}

describe("the trace of a writer", () => {
  it("S0.16 an open that hangs is the last line of the trace, and the steps before it and after it are there", async () => {
    const dir = join(freshDir(), "logs")
    const { layer, reached, letGo } = hangingOpen()
    const { audit, steps } = tracedLog(dir, layer)
    audit.log("load", "a text that stays in the file", { n: 1 })
    const flushed = audit.flush()
    await reached
    expect(steps().at(-1)).toMatch(/^open path=\S+\.jsonl$/)
    const before = steps().map((line) => line.split("=")[0])
    for (const step of ["start session", "writer start exporter", "make directory path", "wake exporter"])
      expect(before).toContain(step)
    letGo()
    expect(await flushed).toMatchObject({ complete: true, written: 1 })
    expect(steps().slice(-2)).toEqual([
      expect.stringMatching(/^append fd=\d+ bytes=\d+$/),
      "wrote exporter=file events=1"
    ])
    await audit.close()
    expect(steps().join("\n")).not.toContain("stays in the file")
  })

  it("S0.16 a failed open is traced with its reason, and so is each attempt after it", async () => {
    const dir = freshDir()
    let left = 2
    const layer = faultyFileLayer(
      ({ operation }) => (operation === "openAppend" && left-- > 0 ? "fail" : undefined),
      () => diskError("EIO", -5)
    )
    const { audit, steps } = tracedLog(dir, layer)
    audit.log("load", "one")
    while (!(await audit.flush()).complete);
    const failed = steps().filter((line) => line.startsWith("failed "))
    expect(failed).toHaveLength(2)
    expect(failed[0]).toContain("(EIO)")
    expect(steps().filter((line) => line.startsWith("open path="))).toHaveLength(3)
    await audit.close()
  })

  it("S0.16 a sweep is traced with what it deleted", async () => {
    const dir = sweptDir(["2025-11-30", ...daysBefore(2)])
    const old = join(dir, dayFile("2025-11-30"))
    const { audit, steps } = tracedLog(dir, nodeFileLayer, {}, clockAt(noon))
    audit.log("load", "one")
    await audit.close()
    expect(existsSync(old)).toBe(false)
    expect(steps()).toContain(`delete path=${old}`)
    expect(steps()).toContain("sweep deleted=1")
  })
})

describe("a probe that leaves nothing", () => {
  it("S0.17 noop and no-events make no folder and no file, whatever is called", async () => {
    for (const probe of ["noop", "no-events", "NO-EVENTS"]) {
      const dir = join(freshDir(), "logs")
      const { audit } = tracedLog(dir, nodeFileLayer, { DATATOOLS_AUDIT_PROBE: probe })
      audit.sessionStart()
      audit.pageOpen("A")
      audit.log("load", "one")
      audit.exception("here", new Error("x"))
      audit.relay({ category: "load", message: "one" }, { user: "ada" })
      audit.setRecording({ level: "info" })
      expect(await audit.timed("recall", {}, () => 7)).toBe(7)
      expect(await audit.close()).toMatchObject({ complete: true, accepted: 0 })
      expect(existsSync(dir)).toBe(false)
    }
  })
})

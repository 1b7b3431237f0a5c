// The last seal of a session: however a process ends in order, its last lines are sealed, `verify` says that the session was
// closed, and a seal that cannot be written is tried again and told.

import { rmSync } from "node:fs"
import { createAuditLog, type Exporter } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { describeReport, type FileExporterOptions, fileExporter, verify } from "../../src/index.ts"
import { startChild } from "../tools/child-process.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import { app, contentsOf, filesBelow, freshDir, noon } from "../tools/file-bench.ts"
import { expectAllSealed } from "../tools/right-seals.ts"
import { clockAt } from "../tools/test-clock.ts"

const timeoutMs = 10_000

const logWith = (exporter: Exporter) => {
  const notices: string[] = []
  const clock = clockAt(noon)
  const notice = (text: string): void => void notices.push(text)
  const audit = createAuditLog({ app, exporters: [exporter], clock, notice, exitHook: false })
  return { audit, clock, notices }
}

describe("F72 a process that ends when everything is written and not yet sealed", () => {
  it.each(["natural", "exit", "SIGTERM"])("has its last lines sealed by the exit hook: %s", async (how) => {
    const dir = freshDir()
    const child = startChild("ends-when-written", [dir, how])
    await child.line((line) => line === "written")
    if (how === "SIGTERM") child.process.kill("SIGTERM")
    const { code, signal, told } = await child.ended
    expect({ code, signal, told }).toEqual(
      how === "SIGTERM" ? { code: null, signal: "SIGTERM", told: [] } : { code: 0, signal: null, told: [] }
    )
    expect(contentsOf(dir).lines).toHaveLength(3)
    expect(expectAllSealed(dir)).toBe(1)
    expect(await verify({ app, dir })).toMatchObject({
      verdict: "intact",
      sessions: [{ unsealed: 0 }],
      notes: []
    })
  })

  it("says so where that is not possible, and does not end otherwise for it", async () => {
    const dir = freshDir()
    const { code, told } = await startChild("ends-when-written", [dir, "gone"]).ended
    expect(code).toBe(0)
    expect(told).toEqual([
      expect.stringMatching(/the last lines of ".*" are under no seal: Cannot append to/)
    ])
  })
})

describe("F72 a log that is closed", () => {
  const closedIn = async (options: FileExporterOptions, wait = 0) => {
    const dir = freshDir()
    const { audit, clock, notices } = logWith(fileExporter({ ...options, dir }))
    audit.log("load", "without a session line")
    await audit.flush({ timeoutMs })
    clock.now += wait
    if (wait > 0) audit.log("load", "an hour later")
    expect(await audit.close({ timeoutMs })).toMatchObject({ complete: true, pending: 0 })
    expect(notices).toEqual([])
    return { dir, report: await verify({ app, dir }) }
  }

  it.each<FileExporterOptions>([{}, { layout: "session" }, { layout: "user" }, { sync: "batch" }])(
    "is known as closed by its last seal, also without a session line: %j",
    async (options) => {
      const { dir, report } = await closedIn(options)
      expect(report).toMatchObject({
        verdict: "intact",
        problems: [],
        notes: [],
        sessions: [{ ended: true }]
      })
      expect(describeReport(report)).not.toContain("not closed")
      expect(contentsOf(dir).seals.map(({ closed }) => closed)).toEqual([true])
    }
  )

  it("is known as closed when everything was sealed long before: that seal covers no line", async () => {
    const { dir, report } = await closedIn({}, 3_600_000)
    expect(report).toMatchObject({
      verdict: "intact",
      problems: [],
      sessions: [{ ended: true, unsealed: 0 }]
    })
    expect(contentsOf(dir).seals.map(({ lines, closed }) => [lines, closed])).toEqual([
      [2, undefined],
      [0, true]
    ])
  })

  it("is not known as closed when it only lost its process", async () => {
    const dir = freshDir()
    await startChild("ends-when-written", [dir, "natural"]).ended
    expect(await verify({ app, dir })).toMatchObject({ sessions: [{ ended: false }] })
  })

  it("does not make a file again that is gone, only to say that it is closed", async () => {
    const dir = freshDir()
    const { audit, clock } = logWith(fileExporter({ dir }))
    audit.log("load", "first")
    await audit.flush({ timeoutMs })
    clock.now += 3_600_000
    audit.log("load", "an hour later")
    await audit.flush({ timeoutMs })
    for (const name of filesBelow(dir)) rmSync(`${dir}/${name}`)
    expect(await audit.close({ timeoutMs })).toMatchObject({ complete: true })
    expect(filesBelow(dir)).toEqual([])
  })
})

describe("F72 a closing seal that fails", () => {
  /** A disk that takes so many seals of a closed log only after that many failures. */
  const failing = (failures: number) => {
    let left = failures
    const layer: FileLayer = {
      ...nodeFileLayer,
      append: (fd, bytes) => {
        const isClosing = new TextDecoder().decode(bytes).includes('"closed":true')
        if (isClosing && left-- > 0) return Promise.reject(diskError("ENOSPC", -28))
        return nodeFileLayer.append(fd, bytes)
      }
    }
    return layer
  }

  it("is told and tried again, and the log is complete when it is there", async () => {
    const dir = freshDir()
    const { audit, notices } = logWith(makeFileExporter(failing(2), { dir }))
    audit.log("load", "one")
    expect(await audit.close({ timeoutMs })).toMatchObject({ complete: true, written: 1 })
    expect(notices).toEqual([
      expect.stringMatching(
        /Cannot append to .*: disk is full.*0 events waiting, retrying in the background/
      ),
      expect.stringContaining("works again")
    ])
    expect(expectAllSealed(dir)).toBe(1)
    expect(await verify({ app, dir })).toMatchObject({ verdict: "intact", sessions: [{ ended: true }] })
  })

  it("keeps close from saying that all is complete", async () => {
    const dir = freshDir()
    const { audit, notices } = logWith(makeFileExporter(failing(Number.POSITIVE_INFINITY), { dir }))
    audit.log("load", "one")
    expect(await audit.close({ timeoutMs: 200 })).toMatchObject({
      complete: false,
      written: 1,
      dropped: 0,
      pending: 0
    })
    expect(notices).toHaveLength(1)
    expect(audit.health().exporters[0]).toMatchObject({ state: "degraded" })
  })
})

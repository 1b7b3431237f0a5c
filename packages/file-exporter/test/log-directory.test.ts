// The directory and the files as the exporter makes and finds them: for their owner only, made again when somebody took
// them away, and refused when they are not what they should be.

import { execFileSync, spawnSync } from "node:child_process"
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import process from "node:process"
import type { ExportError, Exporter, OpenExporter } from "@daybook/core"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { makeFileExporter } from "../src/file-exporter.node.ts"
import { nodeFileLayer } from "../src/file-layer.node.ts"
import type { FileLayer } from "../src/file-layer.ts"
import { auditLogPath, fileExporter } from "../src/index.ts"
import { runChild } from "./child-process.ts"
import {
  app,
  batchOf,
  contentsOf,
  exportNow,
  freshDir,
  linesOf,
  noon,
  numbersTo,
  type SilentLog,
  silentLog
} from "./day-files.ts"

const openNow = (exporter: Exporter, log: SilentLog): Promise<OpenExporter> =>
  Effect.runPromise(Effect.scoped(exporter.open(log)))

const hasFifos = spawnSync("mkfifo", ["--version"]).error === undefined

const modeOf = (path: string): string => `0${(statSync(path).mode & 0o777).toString(8)}`

describe("S0.11 the directory for temporary files", () => {
  const env = (dir: string) => ({ HOME: "", TMPDIR: dir })

  it("is made for its owner only, and one line says which option to set", async () => {
    const dir = freshDir()
    const log = silentLog(env(dir))
    const exporter = fileExporter()
    const open = await openNow(exporter, log)
    await exportNow(open, batchOf(1, 3))
    const logs = join(dir, "datatools-logs")
    expect(modeOf(logs)).toBe("0700")
    expect(contentsOf(logs).seqs).toEqual([1, 2, 3])
    expect(log.notices).toHaveLength(1)
    expect(log.notices[0]).toContain("DATATOOLS_AUDIT_DIR")
    await openNow(exporter, log)
    expect(log.notices).toHaveLength(1)
  })

  it.each([
    ["open to others", 0o770],
    ["readable for others", 0o704]
  ])("is refused when it is %s", async (_name, mode) => {
    const dir = freshDir()
    const logs = join(dir, "datatools-logs")
    mkdirSync(logs)
    chmodSync(logs, mode)
    const opening = openNow(fileExporter(), silentLog(env(dir)))
    await expect(opening).rejects.toMatchObject({
      reason: expect.stringContaining(
        `Cannot use the directory ${JSON.stringify(logs)}: it is not ours alone`
      ),
      retryable: true
    })
    expect(readdirSync(logs)).toEqual([])
  })

  it("is refused when it is a link to a directory", async () => {
    const dir = freshDir()
    const elsewhere = join(dir, "elsewhere")
    mkdirSync(elsewhere, { mode: 0o700 })
    symlinkSync(elsewhere, join(dir, "datatools-logs"))
    await expect(openNow(fileExporter(), silentLog(env(dir)))).rejects.toThrow("not ours alone")
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it("is refused when it belongs to somebody else", async () => {
    const dir = freshDir()
    const layer: FileLayer = {
      ...nodeFileLayer,
      dirFacts: async (path) => ({
        ...(await nodeFileLayer.dirFacts(path)),
        uid: (process.getuid?.() ?? 0) + 1
      })
    }
    await expect(openNow(makeFileExporter(layer, {}), silentLog(env(dir)))).rejects.toThrow("not ours alone")
  })

  it("is used as soon as it is ours alone", async () => {
    const dir = freshDir()
    const logs = join(dir, "datatools-logs")
    mkdirSync(logs)
    chmodSync(logs, 0o755)
    const exporter = fileExporter()
    const log = silentLog(env(dir))
    await expect(openNow(exporter, log)).rejects.toThrow("not ours alone")
    chmodSync(logs, 0o700)
    await exportNow(await openNow(exporter, log), batchOf(1, 1))
    expect(contentsOf(logs).seqs).toEqual([1])
    expect(log.notices).toHaveLength(1)
  })

  it("is refused by the exit hook too: nothing is written where others could read or plant it", async () => {
    const dir = freshDir()
    const logs = join(dir, "datatools-logs")
    mkdirSync(logs)
    chmodSync(logs, 0o777)
    const { code, told } = await runChild("logs-and-ends", ["100"], { env: env(dir) })
    expect(code).toBe(0)
    expect(readdirSync(logs)).toEqual([])
    expect(told.at(-1)).toContain("100 events could not be written before the process ended")
  })
})

describe("the files", () => {
  it("are for their owner only, and so is every directory that is made, whatever the umask", async () => {
    const dir = freshDir()
    const before = process.umask(0)
    try {
      const logs = join(dir, "a", "b")
      await exportNow(await openNow(fileExporter({ dir: logs }), silentLog()), batchOf(1, 1))
      expect([modeOf(join(dir, "a")), modeOf(logs)]).toEqual(["0700", "0700"])
      expect(modeOf(auditLogPath({ app, dir: logs, at: noon }))).toBe("0600")
    } finally {
      process.umask(before)
    }
  })

  it("S0.19 are opened, appended to and closed once a batch and day, and nothing else is asked of the disk", async () => {
    const dir = freshDir()
    const operations: string[] = []
    const layer = Object.fromEntries(
      Object.entries(nodeFileLayer).map(([name, operation]) => [
        name,
        typeof operation !== "function"
          ? operation
          : (...args: never[]) => {
              operations.push(name)
              return (operation as (...args: never[]) => unknown)(...args)
            }
      ])
    ) as unknown as FileLayer
    const open = await openNow(makeFileExporter(layer, { dir }), silentLog())
    expect(operations.splice(0)).toEqual(["makeDir"])
    for (const from of [1, 1_001, 2_001]) {
      await exportNow(open, batchOf(from, from + 999))
      const asked = operations.splice(0)
      expect(asked.filter((name) => name === "append")).toEqual(["append"])
      expect(asked.filter((name) => name === "openAppend")).toEqual(["openAppend"])
      expect(asked.at(-1)).toBe("close")
      expect(asked.length).toBeLessThanOrEqual(5)
    }
    expect(contentsOf(dir).seqs).toEqual(numbersTo(3_000))
  })

  it("F31 F38 a tail that a dead process left is closed with a newline before the first append", async () => {
    for (const tail of [
      '{"ts":"2026-03-05T11:00:00.000Z","level":"in',
      "\0".repeat(4096),
      linesOf(3, 3).trimEnd()
    ]) {
      const dir = freshDir()
      const path = auditLogPath({ app, dir, at: noon })
      writeFileSync(path, linesOf(1, 2) + tail)
      const open = await openNow(fileExporter({ dir }), silentLog())
      await exportNow(open, batchOf(4, 5))
      await exportNow(open, batchOf(6, 7))
      expect(readFileSync(path, "utf8")).toBe(`${linesOf(1, 2)}${tail}\n${linesOf(4, 7)}`)
    }
  })

  it("F31 a file that ends well gets no blank line", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    for (const from of [1, 3, 5]) {
      const open = await openNow(fileExporter({ dir }), silentLog())
      await exportNow(open, batchOf(from, from + 1))
    }
    expect(readFileSync(path, "utf8")).toBe(linesOf(1, 6))
  })

  it("F49 F51 are made again when the file, or the whole directory, was moved or removed meanwhile", async () => {
    const dir = join(freshDir(), "logs")
    const path = auditLogPath({ app, dir, at: noon })
    const open = await openNow(fileExporter({ dir }), silentLog())
    await exportNow(open, batchOf(1, 2))
    renameSync(path, `${path}.1`)
    await exportNow(open, batchOf(3, 4))
    expect(readFileSync(`${path}.1`, "utf8")).toBe(linesOf(1, 2))
    expect(readFileSync(path, "utf8")).toBe(linesOf(3, 4))
    rmSync(dir, { recursive: true })
    await exportNow(open, batchOf(5, 6))
    expect(readFileSync(path, "utf8")).toBe(linesOf(5, 6))
  })

  it("F53 are only ever appended to: what somebody else wrote meanwhile stays in its place", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    const open = await openNow(fileExporter({ dir }), silentLog())
    await exportNow(open, batchOf(1, 2))
    writeFileSync(path, "theirs\n", { flag: "a" })
    await exportNow(open, batchOf(3, 4))
    expect(readFileSync(path, "utf8")).toBe(`${linesOf(1, 2)}theirs\n${linesOf(3, 4)}`)
  })

  it.each([
    ["a symbolic link", (path: string, theirs: string) => symlinkSync(theirs, path), "symbolic link (ELOOP)"],
    [
      "a second name of another file",
      (path: string, theirs: string) => linkSync(theirs, path),
      "has 2 names"
    ],
    ["a directory", (path: string) => mkdirSync(path), "is a directory (EISDIR)"]
  ])("F55 are refused when one is %s, and what it leads to is not touched", async (_name, plant, why) => {
    const dir = freshDir()
    const theirs = join(dir, "theirs")
    writeFileSync(theirs, "theirs\n")
    plant(auditLogPath({ app, dir, at: noon }), theirs)
    const open = await openNow(fileExporter({ dir }), silentLog())
    const refusal: ExportError = await exportNow(open, batchOf(1, 1)).catch((error) => error)
    expect(refusal.reason).toContain(why)
    expect(refusal.retryable).toBe(true)
    expect(readFileSync(theirs, "utf8")).toBe("theirs\n")
  })

  it.skipIf(!hasFifos)("F29 are refused when one is a FIFO, and nobody waits for its reader", async () => {
    const dir = freshDir()
    execFileSync("mkfifo", [auditLogPath({ app, dir, at: noon })])
    const open = await openNow(fileExporter({ dir }), silentLog())
    await expect(exportNow(open, batchOf(1, 1))).rejects.toMatchObject({
      reason: expect.stringContaining("it is not a regular file"),
      retryable: true
    })
  })

  it("F55 are refused when one belongs to somebody else", async () => {
    const dir = freshDir()
    const uid = (process.getuid?.() ?? 0) + 1
    const layer: FileLayer = {
      ...nodeFileLayer,
      facts: async (fd) => ({ ...(await nodeFileLayer.facts(fd)), uid })
    }
    const open = await openNow(makeFileExporter(layer, { dir }), silentLog())
    await expect(exportNow(open, batchOf(1, 1))).rejects.toThrow(`it belongs to user ${uid}`)
    expect(contentsOf(dir).seqs).toEqual([])
  })
})

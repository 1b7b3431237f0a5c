// The files as the exporter makes and finds them: for their owner only, one open, one write and one close a batch, and
// refused when they are not what they should be. What others do to them later is in somebody-else.test.ts.

import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import type { ExportError } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { auditLogPath } from "../../src/index.ts"
import { runChild } from "../tools/child-process.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchFrom,
  fileBench,
  freshDir,
  linesOf,
  midnight,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"
import { watchedFileLayer } from "../tools/watched-file-layer.ts"

const hasFifos = spawnSync("mkfifo", ["--version"]).error === undefined

const modeOf = (path: string): string => `0${(statSync(path).mode & 0o777).toString(8)}`

const todayOf = (dir: string): string => auditLogPath({ app, dir, at: noon })

describe("the files", () => {
  it("are for their owner only, and so is every directory that is made, whatever the umask", async () => {
    const dir = freshDir()
    const before = process.umask(0)
    try {
      const logs = join(dir, "a", "b")
      await (await fileBench({ dir: logs }).open()).write(1, 1)
      expect([modeOf(join(dir, "a")), modeOf(logs)]).toEqual(["0700", "0700"])
      expect(modeOf(auditLogPath({ app, dir: logs, at: noon }))).toBe("0600")
    } finally {
      process.umask(before)
    }
  })

  /** One append to a file that nobody else writes to. Behind it, a look whether that is still so. */
  const once = ["openAppend", "facts", "append", "facts", "close"]

  /** The same with the first seal: before it a look at what others have sealed, in the one file that is there. */
  const first = [
    ...["openAppend", "facts", "list", "nameFacts", "openRead", "facts", "read", "close"],
    ...["facts", "append", "facts", "close"]
  ]

  it("S0.19 are opened, looked at, appended to and closed once a batch and day, and nothing else is asked of the disk", async () => {
    const layer = watchedFileLayer(nodeFileLayer)
    const open = await fileBench({ seal: false, layer }).open()
    // A look whose the directory is, a list for the sweep, and the folder for what sweeps keep.
    expect(layer.news()).toEqual(["makeDir", "nameFacts", "list", "makeDir"])
    await open.write(1, 1_000)
    expect(layer.news()).toEqual(once)
    await open.write(1_001, 2_000)
    expect(layer.news()).toEqual(once)
    expect(open.contents().seqs).toEqual(numbersTo(2_000))
  })

  it("S0.19 a batch of two days is one append each, with the seal of the first day before the second", async () => {
    const layer = watchedFileLayer(nodeFileLayer)
    const open = await fileBench({ layer }).open()
    // A list for the sweep.
    expect(layer.news()).toEqual(["makeDir", "nameFacts", "list", "makeDir"])
    await open.export(batchFrom(linesOf(1, 10, midnight - 1) + linesOf(11, 20, midnight)))
    expect(layer.news()).toEqual([...once, ...first, ...once])
    expect(expectSealsRight(open.dir).size).toBe(1)
  })

  it("S0.19 seals are part of the appends that they close", async () => {
    const layer = watchedFileLayer(nodeFileLayer)
    const open = await fileBench({ layer }).open()
    layer.news()
    for (const from of [1, 1_001, 2_001]) {
      await open.write(from, from + 999)
      expect(layer.news()).toEqual(from === 1 ? first : once)
      expect(expectAllSealed(open.dir)).toBe((from + 999) / 1_000)
    }
    expect(open.contents().seqs).toEqual(numbersTo(3_000))
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
    plant(todayOf(dir), theirs)
    const open = await fileBench({ dir }).open()
    const refusal: ExportError = await open.write(1, 1).catch((error) => error)
    expect(refusal.reason).toContain(why)
    expect(refusal.retryable).toBe(true)
    expect(readFileSync(theirs, "utf8")).toBe("theirs\n")
  })

  it.skipIf(!hasFifos)("F29 are refused when one is a FIFO, and nobody waits for its reader", async () => {
    const dir = freshDir()
    execFileSync("mkfifo", [todayOf(dir)])
    const open = await fileBench({ dir }).open()
    await expect(open.write(1, 1)).rejects.toMatchObject({
      reason: expect.stringContaining("it is not a regular file"),
      retryable: true
    })
  })

  it("F55 are refused when one belongs to somebody else", async () => {
    const uid = (process.getuid?.() ?? 0) + 1
    const layer: FileLayer = {
      ...nodeFileLayer,
      facts: async (fd) => ({ ...(await nodeFileLayer.facts(fd)), uid })
    }
    const open = await fileBench({ layer }).open()
    await expect(open.write(1, 1)).rejects.toThrow(`it belongs to user ${uid}`)
    expect(open.contents().seqs).toEqual([])
  })
})

describe("F16 a permission that is missing", () => {
  it("is told with the path, the user and the mode, and the log goes on", async (test) => {
    const base = freshDir()
    const dir = join(base, "logs")
    mkdirSync(dir, { mode: 0o755 })
    chmodSync(base, 0o755)
    if (process.getuid?.() !== 0) return test.skip("only root can be somebody else")
    const { code, told } = await runChild("becomes-another-user", [dir, "65534", "10"])
    expect(code).toBe(0)
    expect(told[0]).toContain(JSON.stringify(todayOf(dir).slice(0, -"2026-03-05.jsonl".length)).slice(0, -1))
    expect(told[0]).toMatch(/permission denied \(EACCES\).*user 65534.*mode 0755/)
    expect(told.at(-1)).toContain("10 events could not be written before the process ended")
  })
})

describe("F57 loose modes", () => {
  const loose = (dir: string, mode: number): string => {
    const path = todayOf(dir)
    writeFileSync(path, linesOf(1, 2))
    chmodSync(path, mode)
    return path
  }

  it.each([0o644, 0o660, 0o606, 0o700])(
    "of a file that is ours are told once, and set to 0600: %o",
    async (mode) => {
      const dir = freshDir()
      const path = loose(dir, mode)
      const log = silentLog()
      const open = await fileBench({ dir, log }).open()
      for (const from of [3, 5, 7]) await open.write(from, from + 1)
      expect(modeOf(path)).toBe("0600")
      expect(log.notices).toEqual([
        `${JSON.stringify(path)}: other users could read or write it (mode 0${mode.toString(8)}); its mode is 0600 now`
      ])
      expect(open.contents().seqs).toEqual(numbersTo(8))
    }
  )

  it("of somebody else's file are left as they are, and nothing is written", async () => {
    const dir = freshDir()
    const path = loose(dir, 0o666)
    const uid = (process.getuid?.() ?? 0) + 1
    const layer: FileLayer = {
      ...nodeFileLayer,
      facts: async (fd) => ({ ...(await nodeFileLayer.facts(fd)), uid })
    }
    const log = silentLog()
    const open = await fileBench({ dir, layer, log }).open()
    await expect(open.write(3, 4)).rejects.toThrow(`it belongs to user ${uid}`)
    expect(modeOf(path)).toBe("0666")
    expect(readFileSync(path, "utf8")).toBe(linesOf(1, 2))
  })

  it("that cannot be changed are told once, and do not keep anything from being written", async () => {
    const dir = freshDir()
    const path = loose(dir, 0o644)
    const layer: FileLayer = { ...nodeFileLayer, setMode: () => Promise.reject(diskError("EPERM", -1)) }
    const log = silentLog()
    const open = await fileBench({ dir, layer, log }).open()
    for (const from of [3, 5]) await open.write(from, from + 1)
    expect(open.contents().seqs).toEqual(numbersTo(6))
    expect(log.notices).toHaveLength(1)
    expect(log.notices[0]).toContain(JSON.stringify(path))
    expect(log.notices[0]).toContain("(EPERM)")
  })

  it("of a file that is made are 0600 from the beginning, and nothing is said", async () => {
    const dir = freshDir()
    const log = silentLog()
    await (await fileBench({ dir, log }).open()).write(1, 2)
    expect(modeOf(todayOf(dir))).toBe("0600")
    expect(log.notices).toEqual([])
  })
})

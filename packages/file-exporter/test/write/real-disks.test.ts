// Disks that are full, without inodes, or read-only, for real: small file systems in memory, mounted for a test. Where
// mounting is not allowed they are left out, and the same is shown on a faulty file layer in disk-faults.test.ts.

import { spawnSync } from "node:child_process"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it, onTestFinished, type TestContext } from "vitest"
import { fileExporter } from "../../src/index.ts"
import {
  app,
  batchOf,
  contentsOf,
  expectEachOnce,
  fileBench,
  freshDir,
  midnight,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"
import { persist } from "../tools/ten-batches.ts"
import { clockAt } from "../tools/test-clock.ts"

const timeoutMs = 10_000

/** A file system of its own. Skips the test where there can be none. */
const mounted = (test: TestContext, options: string) => {
  const dir = freshDir()
  const mount = (more: string): number | null =>
    spawnSync("mount", ["-t", "tmpfs", "-o", `mode=700,${more}`, "none", dir]).status
  if (mount(options) !== 0) test.skip("mounting a file system is not allowed here")
  onTestFinished(() => void spawnSync("umount", ["-l", dir]))
  const remount = (more: string): void => {
    expect(mount(`remount,${more}`)).toBe(0)
  }
  return { dir, remount }
}

/** A log with a file exporter there, and what it told. */
const logIn = (dir: string) => {
  const notices: string[] = []
  const clock = clockAt(noon)
  const notice = (text: string): void => void notices.push(text)
  const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], clock, notice, exitHook: false })
  const say = async (count: number): Promise<boolean> => {
    for (let n = 1; n <= count; n++) audit.log("load", "one of some", { filler: "x".repeat(100) })
    return (await audit.flush({ timeoutMs })).complete
  }
  return { audit, clock, notices, say }
}

describe("a real disk", () => {
  it("F15 that is read-only from the start: the log starts, is degraded, and says so once", async (test) => {
    const { dir, remount } = mounted(test, "size=1m,ro")
    const { audit, notices, say } = logIn(dir)
    for (let times = 1; times <= 3; times++) expect(await say(10)).toBe(false)
    expect(audit.health().exporters[0]).toMatchObject({ state: "degraded", written: 0, pending: 30 })
    expect(notices).toEqual([expect.stringMatching(/Cannot .*: file system is read-only \(EROFS\)/)])
    remount("rw")
    expect(await audit.close({ timeoutMs })).toMatchObject({ complete: true, written: 30, dropped: 0 })
    expectEachOnce(dir, 30)
  })

  it("F14 that turns read-only: one notice, the events wait, and are written when it is writable again", async (test) => {
    const { dir, remount } = mounted(test, "size=1m")
    const { audit, notices, say } = logIn(dir)
    expect(await say(10)).toBe(true)
    remount("ro")
    for (let times = 1; times <= 3; times++) expect(await say(10)).toBe(false)
    expect(notices).toEqual([
      expect.stringMatching(/Cannot append to .*: file system is read-only \(EROFS\)/)
    ])
    remount("rw")
    expect(await audit.close({ timeoutMs })).toMatchObject({ complete: true, written: 40, dropped: 0 })
    expectEachOnce(dir, 40)
    expectAllSealed(dir)
    expect(notices).toHaveLength(2)
  })

  it("F1 F2 that becomes full: one notice, and everything is written once when there is room", async (test) => {
    const { dir, remount } = mounted(test, "size=64k")
    const { audit, notices, say } = logIn(dir)
    for (let times = 1; times <= 5; times++) await say(100)
    expect(audit.health().exporters[0]).toMatchObject({ state: "degraded", dropped: 0 })
    expect(notices).toEqual([expect.stringContaining("disk is full, or out of inodes (ENOSPC)")])
    remount("size=4m")
    expect(await audit.close({ timeoutMs })).toMatchObject({ complete: true, written: 500, dropped: 0 })
    const { seqs, repeated, damaged } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(500))
    expect(repeated).toBe(0)
    expect(damaged.length).toBeLessThanOrEqual(1)
    expectAllSealed(dir)
    expect(notices).toHaveLength(2)
  })

  it("F3 that is full for four writers of one file: each fragment is closed, and none is part of another's line", async (test) => {
    const { dir, remount } = mounted(test, "size=64k")
    const sessions = numbersTo(4).map((n) => `1a2c3d4${n}`)
    const writers = await Promise.all(
      sessions.map((session) => fileBench({ dir, log: silentLog({}, session) }).openHeld())
    )
    let refused = 0
    const write = (from: number): Promise<unknown> =>
      Promise.all(
        writers.map(async (open, index) => {
          const batch = batchOf(from, from + 49, noon, sessions[index])
          const { errors } = await persist(async () => {
            try {
              await open.export(batch)
            } catch (error) {
              // The disk is full for everybody before there is room again.
              if (++refused === 12) remount("size=4m")
              throw error
            }
          }, 1_000)
          return errors
        })
      )
    for (let from = 1; from <= 451; from += 50) await write(from)
    for (const open of writers) await open.close()
    expect(refused).toBeGreaterThanOrEqual(12)
    const { lines, damaged, repeated } = contentsOf(dir)
    expect(repeated).toBe(0)
    expect(damaged.length).toBeLessThanOrEqual(12)
    for (const session of sessions) {
      const own = lines.filter((line) => line.session === session && line.seq !== undefined)
      expect(own.map(({ seq }) => seq)).toEqual(numbersTo(500))
    }
    expect(expectSealsRight(dir).size).toBe(4)
  })

  it("F4 that is out of inodes: today's file goes on, and what needs a new one says why", async (test) => {
    const { dir, remount } = mounted(test, "size=1m,nr_inodes=15")
    const { audit, clock, notices, say } = logIn(dir)
    expect(await say(1)).toBe(true)
    for (let n = 1; n <= 10; n++) writeFileSync(join(dir, `other-${n}`), "")
    expect(() => writeFileSync(join(dir, "one more"), "")).toThrow("ENOSPC")
    expect(await say(10)).toBe(true)
    clock.now = midnight
    expect(await say(10)).toBe(false)
    expect(notices).toEqual([expect.stringContaining("disk is full, or out of inodes (ENOSPC)")])
    remount("nr_inodes=23")
    expect(await audit.close({ timeoutMs })).toMatchObject({ complete: true, written: 21, dropped: 0 })
    expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl"))).toHaveLength(2)
    expectAllSealed(dir)
  })
})

// A running delivery on a disk that is really full, or is remounted read-only, while its far end has another: `log` never waits,
// what stands in a file arrives, what went wrong is named, and all goes on by itself afterwards.

import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { deliver } from "@daybook/file-exporter/delivery"
import { expect, it, onTestFinished } from "vitest"
import { needsRoot } from "../../file-exporter/faults/needs.ts"
import { app, contentsOf, freshDir, numbersTo } from "../../file-exporter/test/tools/file-bench.ts"
import { sqliteFarEnd } from "./arrivals.ts"
import { exporterTo } from "./far-end.ts"
import { expectPlaceFits, stateOf } from "./trail.ts"

const mount = (...args: readonly string[]): number | null => spawnSync("mount", args).status

/** A disk of one megabyte in memory. */
const smallDisk = (): string => {
  const dir = freshDir()
  expect(mount("-t", "tmpfs", "-o", "size=1m,mode=0700", "none", dir)).toBe(0)
  onTestFinished(() => void spawnSync("umount", ["-l", dir]))
  return dir
}

interface Disk {
  readonly dir: string
  /** The file that takes the room. */
  readonly filler: string
}

interface Trouble {
  begin(disk: Disk): Promise<void> | void
  end(disk: Disk): void
  /** What the log's exporter and the delivery say. */
  readonly words: RegExp
}

const troubles: Readonly<Record<string, Trouble>> = {
  "is full": {
    begin: ({ dir, filler }) => {
      const { bavail, bsize } = statfsSync(dir)
      writeFileSync(filler, Buffer.alloc(bavail * bsize))
      expect(statfsSync(dir).bavail).toBe(0)
    },
    end: ({ filler }) => rmSync(filler),
    words: /disk is full, or out of inodes \(ENOSPC\)/
  },
  "is remounted read-only": {
    begin: async ({ dir }) => {
      // Refused as long as a file is open for writing.
      while (mount("-o", "remount,ro", dir) !== 0) await new Promise(setImmediate)
    },
    end: ({ dir }) => expect(mount("-o", "remount,rw", dir)).toBe(0),
    words: /file system is read-only \(EROFS\)/
  }
}

it.for(Object.entries(troubles))(
  "F1 F14 S4.18 a disk that %s under a delivery: log never waits, errors are named, and everything arrives when it is back",
  { timeout: 120_000 },
  async ([, { begin, end, words }], test) => {
    needsRoot(test, "mount", "umount")
    const dir = smallDisk()
    const logs = join(dir, "logs")
    const disk: Disk = { dir, filler: join(dir, "filler") }
    const farEnd = sqliteFarEnd(join(freshDir(), "audit.db"))
    const notices: string[] = []
    const notice = (text: string): void => void notices.push(text)
    const audit = createAuditLog({
      app,
      exporters: [fileExporter({ dir: logs })],
      exitHook: false,
      notice
    })
    const delivery = deliver({
      app,
      dir: logs,
      to: exporterTo("SQLite", farEnd.at),
      pollMs: 20,
      notice,
      backoff: { minMs: 20, maxMs: 200 }
    })
    onTestFinished(async () => void (await Promise.all([audit.close(), delivery.close({ timeoutMs: 0 })])))
    let logged = 0
    const log = (count: number): void => {
      for (let n = 1; n <= count; n++) audit.log("load", "one of some", { n: ++logged })
    }
    log(100)
    expect(await audit.flush({ timeoutMs: 30_000 })).toMatchObject({ complete: true })
    while (delivery.health().delivered === 0) await new Promise(setImmediate)
    await begin(disk)
    const accepted = (): number => audit.health().exporters[0]?.accepted ?? 0
    const before = accepted()
    log(500)
    // All of them were taken within this turn, though none can be written.
    expect(accepted() - before).toBe(500)
    while (!audit.health().exporters.some(({ lastError = "" }) => words.test(lastError)))
      await new Promise(setImmediate)
    while (delivery.health().delivered < 100) await new Promise(setImmediate)
    expect(delivery.health()).toMatchObject({ dead: 0, lostBytes: 0, rewinds: 0 })
    end(disk)
    expect(await audit.flush({ timeoutMs: 60_000 })).toMatchObject({ complete: true, pending: 0 })
    expect(await delivery.flush({ timeoutMs: 60_000 })).toMatchObject({ complete: true, dead: 0 })
    const { counts } = JSON.parse(readFileSync(join(stateOf(logs), "place.json"), "utf8"))
    expect(counts.delivered).toBe(delivery.health().delivered)
    expectPlaceFits(logs, "afterwards")
    const seqs = linesOf(logs).flatMap(({ seq }) => (seq === undefined ? [] : [seq]))
    expect(seqs).toEqual(numbersTo(600))
    const arrived = await farEnd.arrived()
    expect(linesOf(logs).filter(({ id }) => arrived.get(id) !== 1)).toEqual([])
    // Each is said once, by the log and by the delivery.
    expect(notices.filter((text) => words.test(text)).length).toBeLessThanOrEqual(4)
    expect(notices.join("\n")).toMatch(words)
  }
)

it.for(Object.entries(troubles))(
  "F1 F14 a disk that %s while only the delivery works: lines go on, the place waits, and it is told once",
  { timeout: 120_000 },
  async ([, { begin, end, words }], test) => {
    needsRoot(test, "mount", "umount")
    const lines = freshDir()
    const dir = smallDisk()
    const disk: Disk = { dir, filler: join(dir, "filler") }
    const farEnd = sqliteFarEnd(join(freshDir(), "audit.db"))
    const notices: string[] = []
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir: lines })], exitHook: false })
    const delivery = deliver({
      app,
      dir: lines,
      placeDir: join(dir, "place"),
      to: exporterTo("SQLite", farEnd.at),
      marks: false,
      pollMs: 20,
      notice: (text) => notices.push(text)
    })
    onTestFinished(async () => void (await Promise.all([audit.close(), delivery.close({ timeoutMs: 0 })])))
    const place = (): number =>
      JSON.parse(readFileSync(join(dir, "place", "place.json"), "utf8")).counts.delivered
    let logged = 0
    const log = async (count: number): Promise<void> => {
      for (let n = 1; n <= count; n++) audit.log("load", "one of some", { n: ++logged })
      await audit.flush({ timeoutMs: 30_000 })
      while (delivery.health().delivered < logged) await new Promise(setImmediate)
    }
    await log(100)
    while (!existsSync(join(dir, "place", "place.json")) || place() < 100) await new Promise(setImmediate)
    await begin(disk)
    for (let round = 1; round <= 5; round++) await log(50)
    while (!words.test(delivery.health().lastError ?? "")) await new Promise(setImmediate)
    expect(place()).toBe(100)
    end(disk)
    await log(50)
    expect(await delivery.flush({ timeoutMs: 60_000 })).toMatchObject({ complete: true, delivered: logged })
    while (place() < logged) await new Promise(setImmediate)
    expect((await farEnd.arrived()).size).toBe(logged)
    expect(notices).toEqual([
      expect.stringMatching(/Cannot save the place in .*; after a restart, lines come again/)
    ])
    expect(notices[0]).toMatch(words)
  }
)

interface Line {
  readonly seq?: number
  readonly id: string
}

const linesOf = (dir: string): readonly Line[] => contentsOf(dir).lines

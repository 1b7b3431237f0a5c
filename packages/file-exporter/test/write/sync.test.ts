// When bytes are made to survive a power cut: never, within a second, or before a batch is confirmed. A sync that failed
// is not believed when it is asked again: the lines are written again. The power cut itself is a model.

import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { auditLogPath } from "../../src/index.ts"
import { type Call, diskError, type Fault, faultyFileLayer, randomFrom } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchFrom,
  batchOf,
  fileBench,
  freshDir,
  linesOf,
  midnight,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { powerCutLayer } from "../tools/power-cut-layer.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"
import { persist, tenBatches } from "../tools/ten-batches.ts"
import { heldClockAt } from "../tools/test-clock.ts"
import { type Asked, watchedFileLayer } from "../tools/watched-file-layer.ts"

const todayOf = (dir: string): string => auditLogPath({ app, dir, at: noon })

const isSync = ({ operation }: Asked): boolean => operation === "sync"

/** A disk on which the operations of one name fail as often as told, with EIO. */
const failing = (name: string, times: number): FileLayer => {
  let left = times
  return faultyFileLayer(
    ({ operation }: Call) => (operation === name && left-- > 0 ? "fail" : undefined),
    () => diskError("EIO", -5)
  )
}

describe('sync: "batch"', () => {
  /** An append to a file, and a look whether somebody else has written too. */
  const written = ["openAppend", "facts", "append", "facts"]

  it("F36 a batch is confirmed behind a sync of its file, and of the directory where the file is new", async () => {
    const layer = watchedFileLayer(nodeFileLayer)
    const open = await fileBench({ sync: "batch", seal: false, layer }).open()
    layer.news()
    await open.write(1, 3)
    expect(layer.news()).toEqual([...written, "sync", "syncDir", "syncDir", "close"])
    await open.write(4, 6)
    expect(layer.news()).toEqual([...written, "sync", "close"])
    await open.export(batchFrom(linesOf(7, 8, midnight - 1) + linesOf(9, 9, midnight)))
    const synced = layer.asked.filter(isSync).map(({ path }) => path)
    expect(synced).toEqual([noon, noon, noon, midnight].map((at) => open.path(at)))
    // Also the directory's own name: it may have been made a moment ago.
    const dirs = layer.asked.filter(({ operation }) => operation === "syncDir").map(({ path }) => path)
    expect(dirs).toEqual([open.dir, dirname(open.dir), open.dir, dirname(open.dir)])
  })

  it("F8 after a failed sync the whole batch is appended again through a new descriptor, with the same ids", async () => {
    const layer = watchedFileLayer(failing("sync", 1))
    const open = await fileBench({ sync: "batch", seal: false, layer }).open()
    const batch = batchOf(1, 3)
    layer.news()
    await expect(open.export(batch)).rejects.toThrow("input/output error (EIO)")
    // Not asked a second time: the system would say yes, and the bytes would be gone.
    expect(layer.news()).toEqual([...written, "sync", "close"])
    await open.export(batch)
    expect(layer.news().filter((name) => name !== "syncDir")).toEqual([
      ...["openAppend", "facts", "append", "sync", "close"]
    ])
    // Behind a newline: what was not synced may read as NUL after a power cut, and must not be part of a line.
    expect(open.text()).toBe(`${linesOf(1, 3)}\n${linesOf(1, 3)}`)
    expect(open.contents()).toMatchObject({ seqs: [1, 2, 3], repeated: 3, damaged: [] })
  })

  it("F8 of a batch of two days, only the day whose sync failed is appended again", async () => {
    let syncs = 0
    const layer = faultyFileLayer(({ operation }) =>
      operation === "sync" && ++syncs === 2 ? "fail" : undefined
    )
    const open = await fileBench({ sync: "batch", seal: false, layer }).open()
    const batch = batchFrom(linesOf(1, 3, midnight - 1) + linesOf(4, 6, midnight))
    await expect(open.export(batch)).rejects.toThrow("(ENOSPC)")
    await open.export(batch)
    expect(open.text()).toBe(linesOf(1, 3, midnight - 1))
    const second = open.text(midnight)
    expect(second).toBe(`${linesOf(4, 6, midnight)}\n${linesOf(4, 6, midnight)}`)
  })

  it("F8 seals are right over what stands there twice", async () => {
    const layer = failing("sync", 2)
    const open = await fileBench({ sync: "batch", layer }).openHeld()
    await persist(() => open.write(1, 700), 3)
    await open.write(701, 702)
    await open.close()
    expect(open.contents()).toMatchObject({ seqs: numbersTo(702), repeated: 1_400, damaged: [] })
    expect(expectAllSealed(open.dir)).toBe(3)
  })

  it.each<{ name: string; faults: Readonly<Record<string, Fault>> }>([
    { name: "its file's sync fails", faults: { sync: "fail" } },
    { name: "its directory's sync fails", faults: { syncDir: "fail" } },
    { name: "its append fails with everything arrived", faults: { append: { tornAt: 1e6 } } },
    { name: "its append fails with a part arrived", faults: { append: "torn" } },
    { name: "its append is short", faults: { append: "short" } },
    { name: "its close fails", faults: { close: "fail" } }
  ])("F36 what is confirmed survives a power cut, when at first $name", async ({ faults }) => {
    const fired = new Set<string>()
    const faulty = faultyFileLayer(({ operation }) => {
      if (faults[operation] === undefined || fired.has(operation)) return undefined
      fired.add(operation)
      return faults[operation]
    })
    const layer = powerCutLayer(faulty)
    const open = await fileBench({ sync: "batch", seal: false, layer }).open()
    await persist(() => open.write(1, 5), 2)
    expect(fired.size).toBe(1)
    const left = layer.afterCut(open.path()).split("\n")
    expect(left).toEqual(expect.arrayContaining(linesOf(1, 5).trimEnd().split("\n")))
  })

  it("F36 a line that came before ours in a new file does not keep its directory from being synced", async () => {
    const dir = freshDir()
    const layer = powerCutLayer(nodeFileLayer)
    const other = await fileBench({ dir, seal: false }).open()
    await other.write(1, 1)
    const open = await fileBench({ dir, sync: "batch", seal: false, layer }).open()
    await open.write(2, 3)
    expect(layer.afterCut(open.path())).toContain(linesOf(2, 3))
  })

  it("F8 F36 whatever fails in whatever order, what is confirmed survives a power cut at that moment", async () => {
    const faults: readonly Fault[] = ["fail", "short", "torn", { tornAt: 1e6 }]
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomFrom(seed)
      const dir = join(freshDir(), "logs")
      const layer = powerCutLayer(
        faultyFileLayer(() => (random() < 0.25 ? faults[Math.floor(random() * 4)] : undefined))
      )
      const exporter = makeFileExporter(layer, { dir, sync: "batch" })
      const opened = await persist(() => fileBench({ dir, exporter }).openHeld(), 200)
      for (const batch of tenBatches()) {
        await persist(() => opened.value.export(batch), 400)
        const left = [noon, midnight].map((at) => layer.afterCut(auditLogPath({ app, dir, at }))).join("\n")
        const lines = new Set(left.split("\n"))
        const wanted = new TextDecoder().decode(batch.bytes()).trimEnd().split("\n")
        expect(
          wanted.filter((line) => !lines.has(line)),
          `seed ${seed}`
        ).toEqual([])
      }
      await opened.value.close()
      expectSealsRight(dir, `seed ${seed}`)
    }
  })
})

describe('sync: "none"', () => {
  it("asks for none", async () => {
    const layer = watchedFileLayer(nodeFileLayer)
    const open = await fileBench({ layer }).openHeld()
    await open.write(1, 3)
    await open.close()
    expect(layer.asked.filter(({ operation }) => operation.startsWith("sync"))).toEqual([])
  })
})

describe('sync: "interval"', () => {
  const subject = async (layer = watchedFileLayer(nodeFileLayer), seal?: false) => {
    const dir = freshDir()
    const clock = heldClockAt(noon)
    const log = silentLog()
    const exporter = makeFileExporter(layer, { dir, sync: "interval", seal })
    const open = await fileBench({ dir, exporter, log, clock }).openHeld()
    const sleeping = seal === false ? 2 : 3
    const advance = async (ms: number): Promise<void> => {
      await clock.asleep(sleeping)
      log.atMs += ms
      clock.advance(ms)
    }
    return { dir, layer, log, open, advance, clock, sleeping }
  }

  it("F35 syncs within a second on the log's clock, also when nobody logs any more, and then no more", async () => {
    const { dir, layer, open, advance, clock, sleeping } = await subject(undefined, false)
    await open.write(1, 3)
    expect(layer.asked.filter(isSync)).toEqual([])
    await advance(1_000)
    await layer.until(isSync)
    await clock.asleep(sleeping)
    expect(layer.asked.filter(isSync)).toMatchObject([{ path: todayOf(dir) }])
    layer.news()
    for (let second = 1; second <= 5; second++) await advance(1_000)
    await clock.asleep(sleeping)
    expect(layer.news()).toEqual([])
  })

  it("syncs each file that was appended to, yesterday's too", async () => {
    const { dir, layer, open, advance } = await subject()
    await open.write(1, 3)
    await open.write(4, 6, midnight)
    await advance(1_000)
    const files = [noon, midnight].map((at) => auditLogPath({ app, dir, at }))
    for (const file of files) await layer.until((asked) => isSync(asked) && asked.path === file)
  })

  it("syncs at close what is not synced yet, the last seal included", async () => {
    const { layer, open } = await subject()
    await open.write(1, 3)
    await open.close()
    const last = layer.asked.filter(({ operation }) => operation === "append" || operation === "sync").at(-1)
    expect(last?.operation).toBe("sync")
  })

  it("F8 tells a sync that failed, once, and goes on", async () => {
    const { layer, log, open, advance } = await subject(watchedFileLayer(failing("sync", 1)), false)
    await open.write(1, 3)
    await advance(1_000)
    await layer.until(isSync)
    await open.write(4, 6)
    await advance(1_000)
    await layer.until(() => layer.asked.filter(isSync).length === 2)
    expect(log.notices).toEqual([expect.stringContaining("(EIO)")])
  })
})

// A delivery whose own disk fails: each operation once, at every step; a full disk, a read-only one, an EIO when the place is
// synced. It says so once, goes on, and loses nothing; what it cannot keep comes again with the same ids.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { deliverOn } from "../../src/deliver.node.ts"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import type { OpenFile, ReadLayer } from "../../src/disk/read-layer.ts"
import { append, dayFile, type FarEnd, farEnd, refusing, stateOf, texts } from "../tools/deliveries.ts"
import { diskError, type FaultyFileLayer, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import { app, freshDir, noon } from "../tools/file-bench.ts"
import { type HeldClock, heldClockAt } from "../tools/test-clock.ts"

const today = dayFile("2026-03-05")
const poison = '"seq":7,'

/** Runs a delivery on these layers until all is settled, moving its clock whenever it waits. */
const runOn = async (
  dir: string,
  far: FarEnd,
  layers: { files?: FaultyFileLayer; reads?: ReadLayer },
  clock: HeldClock = heldClockAt(noon)
) => {
  const notices: string[] = []
  const files = layers.files ?? faultyFileLayer(() => undefined)
  const delivery = deliverOn(
    { files, reads: layers.reads ?? nodeReadLayer },
    { app, dir, to: far, clock, notice: (text) => notices.push(text) }
  )
  onTestFinished(async () => void (await delivery.close({ timeoutMs: 0 })))
  const settled = async (isEnough: () => boolean): Promise<void> => {
    const endsAt = performance.now() + 15_000
    while (!isEnough() && performance.now() < endsAt) {
      for (let turns = 0; turns < 30; turns++) await new Promise(setImmediate)
      clock.advance(1_000)
    }
    expect(isEnough()).toBe(true)
  }
  return { delivery, notices, settled, clock, files }
}

const isSaved = (dir: string, at: number): boolean => {
  try {
    const { files } = JSON.parse(readFileSync(join(stateOf(dir), "place.json"), "utf8"))
    return files[today]?.at === at
  } catch {
    return false
  }
}

describe("F31 F34 F39 a delivery whose own disk fails", () => {
  it("at any one operation goes on, sends every line, keeps every letter, and has its place in the end", {
    timeout: 120_000
  }, async () => {
    const lines = texts(1, 12)
    const size = lines.join("\n").length + 1
    let calls = 0
    for (let failing = 1; failing === 1 || failing <= calls; failing++) {
      const dir = freshDir()
      append(dir, today, lines)
      const far = farEnd({ queue: { batchEventsMax: 5 } })
      far.answer = refusing(poison)
      const files = faultyFileLayer(({ number }) => (number === failing ? "fail" : undefined))
      const run = await runOn(dir, far, { files })
      await run.settled(() => isSaved(dir, size) && run.delivery.health().state === "idle")
      expect(new Set(far.lines)).toEqual(new Set(lines.filter((line) => !line.includes(poison))))
      const letters = readFileSync(join(stateOf(dir), "dead-2026-03-05.jsonl"), "utf8")
      expect(letters).toContain(JSON.stringify(lines[6]))
      expect(run.notices.join("\n")).not.toContain('"seq"')
      calls = Math.max(calls, files.operations.length)
    }
    expect(calls).toBeGreaterThan(20)
  })

  it.each([
    ["ENOSPC", -28, "disk is full, or out of inodes (ENOSPC)"],
    ["EROFS", -30, "file system is read-only (EROFS)"],
    ["EIO", -5, "input/output error (EIO)"]
  ])(
    "%s while the place is saved: lines go on, it is said once, and the place is saved when the disk is back",
    async (code, errno, words) => {
      const dir = freshDir()
      append(dir, today, texts(1, 3))
      const far = farEnd()
      let isBroken = false
      const files = faultyFileLayer(
        ({ operation }) =>
          isBroken && ["append", "sync", "replace", "openNew"].includes(operation) ? "fail" : undefined,
        () => diskError(code, errno)
      )
      const run = await runOn(dir, far, { files })
      await run.settled(() => run.delivery.health().delivered === 3)
      isBroken = true
      for (let more = 4; more <= 8; more++) {
        append(dir, today, texts(more, more))
        await run.settled(() => far.lines.length === more)
      }
      const said = run.notices.filter((text) => text.includes("Cannot save the place"))
      expect(said).toEqual([expect.stringContaining(words)])
      expect(run.delivery.health().lastError).toContain(words)
      isBroken = false
      await run.settled(() => isSaved(dir, texts(1, 8).join("\n").length + 1))
      expect(far.lines).toEqual(texts(1, 8))
    }
  )

  it("a lock that cannot be written on a full disk is not left there, where it would name nobody and be respected", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    const far = farEnd()
    let isFull = true
    const files = faultyFileLayer(
      ({ operation }) => (isFull && operation === "append" ? "fail" : undefined),
      () => diskError("ENOSPC", -28)
    )
    const run = await runOn(dir, far, { files })
    const states = new Set<string>()
    run.delivery.onHealth(({ state }) => states.add(state))
    await run.settled(() => run.delivery.health().state === "paused")
    expect(run.delivery.health().lastError).toContain("disk is full")
    isFull = false
    await run.settled(() => run.delivery.health().state === "idle")
    expect(far.lines).toEqual(texts(1, 3))
    expect([...states]).not.toContain("standby")
  })

  it("a short write of a letter is a letter that comes again whole, and the place waits for it", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 8))
    const far = farEnd()
    far.answer = refusing(poison)
    let at: "before" | "in the letters" | "behind" = "before"
    const files = faultyFileLayer(({ operation }) => {
      // Lock and place are always new files.
      if (operation === "openAppend" && at === "before") at = "in the letters"
      if (operation !== "append" || at !== "in the letters") return undefined
      at = "behind"
      return 40
    })
    const run = await runOn(dir, far, { files })
    await run.settled(() => run.delivery.health().dead === 1 && run.delivery.health().state === "idle")
    const kept = readFileSync(join(stateOf(dir), "dead-2026-03-05.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
    expect(kept).toHaveLength(2)
    expect(JSON.parse(kept[1] ?? "").line).toBe(texts(7, 7)[0])
    expect(run.notices.filter((text) => text.includes("Cannot keep dead letters"))).toHaveLength(1)
  })

  it("F7 a file that cannot be read for a while is told once, and is read when it can", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 5))
    append(dir, dayFile("2026-03-04"), texts(6, 9))
    let isBroken = true
    const reads: ReadLayer = {
      ...nodeReadLayer,
      open: async (path) => {
        const file = await nodeReadLayer.open(path)
        if (file === undefined || !path.endsWith(today)) return file
        const broken: OpenFile = {
          ...file,
          read: (into, at) => (isBroken ? Promise.reject(diskError("EIO", -5)) : file.read(into, at))
        }
        return broken
      }
    }
    const far = farEnd()
    const run = await runOn(dir, far, { reads })
    await run.settled(() => far.lines.length === 4)
    await run.settled(() => run.notices.length > 0)
    for (let looks = 0; looks < 5; looks++) await run.settled(() => true)
    isBroken = false
    await run.settled(() => far.lines.length === 9)
    expect(run.notices.filter((text) => text.includes("Cannot read"))).toEqual([
      expect.stringContaining("input/output error (EIO)")
    ])
  })
})

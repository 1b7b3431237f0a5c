// The same faults with seals in the files: whatever failed, each seal is right over the bytes that stand there, each
// chain is whole, and no event is lost or there twice. What no seal could be written for is left unsealed, never wrong.

import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { auditLogPath } from "../../src/index.ts"
import { diskError, type Fault, faultyFileLayer, randomFrom } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchOf,
  contentsOf,
  expectEachOnce,
  fileBench,
  freshDir,
  linesOf,
  midnight,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"
import { atEveryCall, linesOfTen, persist, type Ten, writeTen } from "../tools/ten-batches.ts"
import { heldClockAt } from "../tools/test-clock.ts"
import { type Asked, watchedFileLayer } from "../tools/watched-file-layer.ts"

/** Without a fault: one for the first day when the second begins, one at the close. */
const sealsOfTen = 2

const unsealedIn = (dir: string, where: string): number =>
  [...expectSealsRight(dir, where).values()].reduce((sum, { unsealed }) => sum + unsealed, 0)

/** The close is not repeated: a fault in it may leave the last stretch open. */
const isAtClose = ({ number }: { readonly number: number }, { operationsAtClose }: Ten): boolean =>
  number > operationsAtClose

describe("one fault, at every operation in turn, with seals", () => {
  it("none: both days are sealed", async () => {
    const dir = freshDir()
    await writeTen(
      faultyFileLayer(() => undefined),
      dir,
      1,
      {}
    )
    expectEachOnce(dir, linesOfTen)
    expect(expectAllSealed(dir)).toBe(sealsOfTen)
  })

  it.each<Fault>(["fail", "short", "torn", 0, 1, { tornAt: 1e6 }])(
    "F1 F2 F7 F12 F22 %j: every event is there once, and every seal is right",
    async (fault) => {
      const calls = await atEveryCall(fault, {}, (run) => {
        const { dir, layer, k } = run
        const where = `${JSON.stringify(fault)} at call ${k}`
        const { seqs, repeated, damaged } = contentsOf(dir)
        expect(seqs, where).toEqual(numbersTo(linesOfTen))
        expect(repeated, where).toBe(0)
        const isFragment = fault !== "fail" && fault !== 0 && typeof fault !== "object"
        expect(damaged.length, where).toBe(isFragment ? layer.fired.length : 0)
        const unsealed = unsealedIn(dir, where)
        if (!layer.fired.some((fired) => isAtClose(fired, run))) expect(unsealed, where).toBe(0)
      })
      expect(calls).toBeGreaterThan(11 * 4)
    }
  )

  it.each([
    ["just its beginning", () => 1],
    ["half of it", (length: number) => Math.floor(length / 2)],
    ["all but the last two bytes", (length: number) => length - 2],
    ["all but its newline", (length: number) => length - 1],
    ["all of it", (length: number) => length]
  ])(
    "F12 of a day's last seal %s arrived: the day has that seal or another one, and the chain is whole",
    async (_name, shareOf) => {
      let cuts = 0
      const layer: FileLayer = {
        ...nodeFileLayer,
        append: async (fd, bytes) => {
          if (cuts > 0 || !new TextDecoder().decode(bytes).includes('"category":"seal"'))
            return nodeFileLayer.append(fd, bytes)
          cuts += 1
          await nodeFileLayer.append(fd, bytes.subarray(0, shareOf(bytes.length)))
          throw diskError("EIO", -5)
        }
      }
      const open = await fileBench({ layer }).openHeld()
      await open.write(1, 3)
      const nextDay = batchOf(4, 6, midnight)
      await persist(() => open.export(nextDay), 3)
      await open.close()
      expect(cuts).toBe(1)
      expect(open.contents()).toMatchObject({ seqs: numbersTo(6), repeated: 0 })
      expect(expectAllSealed(open.dir)).toBe(2)
    }
  )
})

describe("a write that is cut, with seals", () => {
  const length = linesOf(1, 3).length
  const ends = numbersTo(3).map((line) => linesOf(1, line).length)
  // Around the end of each line, and here and there between.
  const cuts = numbersTo(length).filter(
    (cut) => cut % 41 === 0 || ends.some((end) => Math.abs(cut - end) <= 2)
  )

  it.each([
    { how: "short", fault: (cut: number): Fault => cut, lead: 0 },
    { how: "failing", fault: (cut: number): Fault => ({ tornAt: cut }), lead: 0 },
    // A newline goes before it.
    { how: "short, behind a fragment of ours", fault: (cut: number): Fault => cut, lead: 1 },
    { how: "failing, behind a fragment of ours", fault: (cut: number): Fault => ({ tornAt: cut }), lead: 1 }
  ])(
    "F12 $how: it is sealed as it stands, a line that got its newline later included",
    async ({ fault, lead }) => {
      for (const cut of cuts) {
        const faults = lead === 0 ? [fault(cut)] : [5, fault(cut + lead)]
        let appends = 0
        const layer = faultyFileLayer(({ operation }) =>
          operation === "append" ? faults[appends++] : undefined
        )
        const open = await fileBench({ layer }).openHeld()
        const batch = batchOf(1, 3)
        await persist(() => open.export(batch), 3)
        await open.write(4, 4)
        await open.close()
        const { seqs, repeated } = open.contents()
        const wanted = { seqs: [1, 2, 3, 4], repeated: ends.includes(cut + 1) ? 1 : 0 }
        expect({ seqs, repeated }, `cut at ${cut}`).toEqual(wanted)
        expect(expectAllSealed(open.dir, `cut at ${cut}`)).toBe(1)
      }
    }
  )
})

describe("a file that cannot be sealed", () => {
  /** Yesterday's file is taken away, and a directory stands in its place. */
  const yesterdayGone = async () => {
    const layer = watchedFileLayer(nodeFileLayer)
    const clock = heldClockAt(noon)
    const log = silentLog()
    const open = await fileBench({ layer, log, clock }).openHeld()
    await open.write(1, 3)
    const path = open.path()
    rmSync(path)
    mkdirSync(path)
    await clock.asleep(2)
    clock.now = midnight
    log.atMs = midnight
    return { dir: open.dir, layer, clock, log, open, path }
  }

  it("F12 of yesterday holds up neither today's lines nor today's seals", async () => {
    const { dir, layer, clock, log, open } = await yesterdayGone()
    await open.write(4, 6, midnight)
    expect(contentsOf(dir).seqs).toEqual([4, 5, 6])
    const today = auditLogPath({ app, dir, at: midnight })
    // Twice: the fiber that seals has slept since yesterday.
    for (let times = 1; times <= 2; times++) {
      await clock.asleep(2)
      log.atMs += 10_000
      clock.advance(10_000)
    }
    const isSeal = ({ operation, path, bytes }: Asked): boolean =>
      operation === "append" && path === today && new TextDecoder().decode(bytes).includes('"seal"')
    await layer.until(isSeal)
    await open.close()
    expect(expectAllSealed(dir)).toBe(1)
  })

  it("is tried no more than once in ten seconds", async () => {
    const { layer, clock, log, path } = await yesterdayGone()
    for (let tenths = 1; tenths <= 200; tenths++) {
      await clock.asleep(2)
      log.atMs += 100
      clock.advance(100)
    }
    await clock.asleep(2)
    const tries = layer.asked.filter((asked) => asked.operation === "openAppend" && asked.path === path)
    expect(tries.length - 1).toBeGreaterThan(0)
    expect(tries.length - 1).toBeLessThanOrEqual(3)
  })
})

describe("many faults, with seals", () => {
  it("F13 when every write is short, everything is written and sealed rightly", async () => {
    const dir = freshDir()
    await writeTen(
      faultyFileLayer(() => 700),
      dir,
      1,
      {}
    )
    const { seqs, repeated } = contentsOf(dir)
    expect({ seqs, repeated }).toEqual({ seqs: numbersTo(linesOfTen), repeated: 0 })
    unsealedIn(dir, dir)
  })

  it("whatever fails in whatever order, nothing is lost or there twice, and every seal is right", async () => {
    const faults: readonly Fault[] = ["fail", "short", "torn", 0, { tornAt: 1e6 }, { tornAt: 500 }]
    let seals = 0
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed)
      const dir = join(freshDir(), "logs")
      const layer = faultyFileLayer(() =>
        random() < 0.3 ? faults[Math.floor(random() * faults.length)] : undefined
      )
      await writeTen(layer, dir, 400, {})
      const { seqs, repeated } = contentsOf(dir)
      expect(seqs, `seed ${seed}`).toEqual(numbersTo(linesOfTen))
      expect(repeated, `seed ${seed}`).toBe(0)
      for (const session of expectSealsRight(dir, `seed ${seed}`).values()) seals += session.seals.length
    }
    expect(seals).toBeGreaterThan(60)
  })
})

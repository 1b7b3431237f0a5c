// Random lives of one log's files: batches of any day, seals and syncs that become due meanwhile, and a disk on which
// whatever is asked may fail. In the end the disk is well again: then everything is there, once, sealed, and verifiable.

import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { verify } from "../../src/verify-folder.node.ts"
import { type Fault, faultyFileLayer, randomFrom } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchOf,
  contentsOf,
  fileBench,
  freshDir,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { expectAllSealed } from "../tools/right-seals.ts"
import { persist } from "../tools/ten-batches.ts"
import { heldClockAt } from "../tools/test-clock.ts"
import { watchedFileLayer } from "../tools/watched-file-layer.ts"

const dayMs = 86_400_000
/** Five hundred were run when this was written. */
const lives = 20
const syncs = ["none", "interval", "batch"] as const

/** Faults of appends; all other operations fail or do not. */
const faultsOf = (random: () => number): Fault => {
  const faults: readonly Fault[] = ["fail", "short", "torn", 0, 1, { tornAt: Math.floor(random() * 3_000) }]
  return faults[Math.floor(random() * faults.length)] ?? "fail"
}

const live = async (seed: number) => {
  const random = randomFrom(seed)
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value
  const dir = join(freshDir(), "logs")
  const faulty = faultyFileLayer(() => (random() < 0.2 ? faultsOf(random) : undefined))
  const layer = watchedFileLayer(faulty)
  const clock = heldClockAt(noon)
  const log = silentLog()
  const sync = pick(syncs)
  const exporter = makeFileExporter(layer, { dir, sync, retentionDays: Number.POSITIVE_INFINITY })
  const { value: open } = await persist(() => fileBench({ dir, exporter, log, clock }).openHeld(), 400)
  let last = 0
  for (let step = 1; step <= 30; step++) {
    if (random() < 0.4) {
      clock.advance(pick([100, 1_000, 11_000, dayMs]))
      log.atMs = clock.now
    }
    const count = pick([1, 2, 7, 15, 400])
    const batch = batchOf(last + 1, last + count, clock.now - pick([0, 0, 0, dayMs, 2 * dayMs]))
    last += count
    await persist(() => open.export(batch), 400)
  }
  faulty.heal()
  await open.close()
  return { dir, last, log, layer, fired: faulty.fired, sync }
}

describe("F1 F2 F7 F8 F12 F26 a life on a disk that fails", () => {
  it("ends with every event there, sealed rightly and verifiable, whatever happened on the way", async () => {
    let [faults, seals] = [0, 0]
    for (let seed = 1; seed <= lives; seed++) {
      const where = `seed ${seed}`
      const { dir, last, log, layer, fired } = await live(seed)
      expect(layer.atOnceMax(), where).toBe(1)
      const { seqs } = contentsOf(dir)
      expect(
        [...seqs].sort((one, other) => one - other),
        where
      ).toEqual(numbersTo(last))
      seals += expectAllSealed(dir, where)
      const report = await verify({ dir, app })
      const told = report.problems
        .filter(({ kind }) => kind !== "damaged")
        .map(({ kind, text }) => ({ kind, text }))
      expect(told, where).toEqual([])
      expect(
        report.sessions.map(({ session }) => session),
        where
      ).toEqual([log.session])
      faults += fired.length
    }
    expect(faults).toBeGreaterThan(10 * lives)
    expect(seals).toBeGreaterThan(3 * lives)
  }, 60_000)
})

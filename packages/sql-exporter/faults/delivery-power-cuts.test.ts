// Power cuts under writers and a delivery whose far end has a disk of its own, which survives: what is there after the cut
// arrives, and no place hides a line that comes to stand before it.

import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  cutPower,
  type Disk,
  makeImage,
  mountImage,
  untilStopped
} from "../../file-exporter/faults/loop-disk.ts"
import { needsRoot } from "../../file-exporter/faults/needs.ts"
import type { Receipts } from "../../file-exporter/faults/receipts.ts"
import { randomFrom } from "../../file-exporter/test/tools/faulty-file-layer.ts"
import { freshDir } from "../../file-exporter/test/tools/file-bench.ts"
import { sqliteFarEnd } from "./arrivals.ts"
import {
  begin,
  deliverToTheEnd,
  expectAllArrived,
  expectPlaceFits,
  ready,
  startDeliverer,
  tornBytes,
  WriterLane
} from "./trail.ts"

/** `npm run campaign` has more of them. */
const cuts = Number(process.env.DAYBOOK_CUTS ?? 8)
const seed = Number(process.env.DAYBOOK_SEED ?? 36)

describe.each(["batch", "none"] as const)("power cuts under sync %o and a delivery", (sync) => {
  const promise = sync === "batch" ? "nothing confirmed is lost, and " : ""
  it(`F35 F36 F39 F40 S4.19 ${cuts} times: ${promise}every line that survives arrives once`, {
    timeout: cuts * 20_000 + 60_000
  }, async (test) => {
    needsRoot(test, "mount", "losetup", "mkfs.ext4")
    const farEnd = sqliteFarEnd(join(freshDir(), "audit.db"))
    const random = randomFrom(seed)
    const receipts: Receipts = new Map()
    let disk = mountImage(makeImage())
    let repeats = 0
    for (let cut = 1; cut <= cuts; cut++) {
      const dir = join(disk.dir, "logs")
      const writers = [new WriterLane(dir, sync), new WriterLane(dir, sync)]
      const deliverer = startDeliverer(dir, "SQLite", farEnd.at)
      await ready(deliverer)
      begin(deliverer, "for ever")
      let told = 1 + Math.floor(random() * 40)
      await deliverer.line(() => told-- === 0)
      disk = await cutUnder(disk, [deliverer.process.pid, ...writers.map(({ pid }) => pid)], async () => {
        deliverer.process.kill("SIGKILL")
        await Promise.all([deliverer.ended, ...writers.map((writer) => writer.end())])
      })
      const left = join(disk.dir, "logs")
      expectPlaceFits(left, `cut ${cut}`)
      if (sync === "batch") for (const writer of writers) writer.addTo(receipts)
      expect(await deliverToTheEnd(startDeliverer(left, "SQLite", farEnd.at))).toMatchObject({
        complete: true,
        pendingBytes: tornBytes(left)
      })
      const settled = expectAllArrived(left, receipts, await farEnd.arrived(), `cut ${cut}, seed ${seed}`)
      repeats += settled.repeated
    }
    expect(repeats).toBe(0)
    const arrived = (await farEnd.arrived()).size
    console.log(JSON.stringify({ sync, cuts, arrived, sessionsConfirmed: receipts.size }))
  })
})

/** Stops all at once, cuts the power, and mounts what is left. */
const cutUnder = async (
  disk: Disk,
  pids: readonly (number | undefined)[],
  kill: () => Promise<void>
): Promise<Disk> => {
  for (const pid of pids) process.kill(Number(pid), "SIGSTOP")
  for (const pid of pids) await untilStopped(Number(pid))
  const image = cutPower(disk)
  await kill()
  disk.unmount()
  return mountImage(image)
}

// More events than the disk takes, from a producer that never waits: how much memory that costs, and whether a library's counts are
// right at every moment. The disk is slow until a given time and fast after it, so that everything still waiting can be written;
// what is missing then was lost.

import { makeEvents } from "../events.ts"
import type { Job, Sample } from "../job.ts"
import { loadLibrary } from "../libraries/catalogue.ts"
import type { Counts } from "../libraries/library.ts"
import { produceSteadily } from "./produce.ts"

const lookMs = 50

export const overload = async ({ library, shape, settings, dir, receiverUrl }: Job): Promise<Sample> => {
  const pool = makeEvents(shape)
  const running = await (await loadLibrary(library)).start({ dir, receiverUrl })
  const rate = Number(settings.eventsPerSecond)
  const durationMs = Number(settings.durationMs)
  // A tenth of a second is enough to open the file and to warm up, and fits every queue.
  const warmUp = await produceSteadily(running.log, pool, rate, 100)
  const restBytes = process.memoryUsage.rss()
  let peakBytes = restBytes
  let wrongCounts = 0
  const look = (): void => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
    if (!isSound(running.counts?.())) wrongCounts += 1
  }
  const looking = setInterval(look, lookMs)
  const count = await produceSteadily(running.log, pool, rate, durationMs)
  look()
  clearInterval(looking)
  await running.finish()
  const counts = running.counts?.()
  return {
    growthBytes: peakBytes - restBytes,
    logged: warmUp + count,
    wrongCounts: wrongCounts + (isSound(counts) ? 0 : 1),
    ...(counts === undefined
      ? {}
      : { toldDropped: counts.dropped, toldWritten: counts.written, pending: counts.pending })
  }
}

const isSound = (counts: Counts | undefined): boolean =>
  counts === undefined || counts.accepted === counts.written + counts.dropped + counts.pending

// From the call to the file: a producer that waits whenever the library asks it to, until the last event is written and the file
// closed. One run gives events per second, the CPU of all threads per event, and the peak memory.

import { makeEvents } from "../events.ts"
import type { Job, Sample } from "../job.ts"
import { loadLibrary } from "../libraries/catalogue.ts"
import type { Running } from "../libraries/library.ts"
import { cpuMicros, peakBytes } from "./process-cost.ts"
import { produceWithRoom } from "./produce.ts"

const warmUpEventsMax = 20_000

export const flow = async (job: Job): Promise<Sample> => {
  const { library, dir, receiverUrl } = job
  return measureFlow(await (await loadLibrary(library)).start({ dir, receiverUrl }), job)
}

/** The same of what is running already. */
export const measureFlow = async (running: Running, { shape, events, settings }: Job): Promise<Sample> => {
  const pool = makeEvents(shape, Number(settings.kinds ?? 64))
  const warmUpEvents = Math.min(events, warmUpEventsMax)
  await produceWithRoom(running, pool, warmUpEvents)
  await running.settled()
  const restBytes = peakBytes()
  const cpuStart = cpuMicros()
  const startMs = performance.now()
  await produceWithRoom(running, pool, events)
  await running.finish()
  const tookMs = performance.now() - startMs
  const { dropped = 0 } = running.counts?.() ?? {}
  return {
    eventsPerSecond: events / (tookMs / 1_000),
    cpuMicrosPerEvent: (cpuMicros() - cpuStart) / events,
    peakBytes: peakBytes(),
    growthBytes: peakBytes() - restBytes,
    dropped,
    logged: events + warmUpEvents
  }
}

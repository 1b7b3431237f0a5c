// What a library costs an application that is busy with other things: the CPU of all threads while events come at a
// steady rate. Every library's figure includes the timer that makes them.

import { makeEvents } from "../events.ts"
import type { Job, Sample } from "../job.ts"
import { loadLibrary } from "../libraries/catalogue.ts"
import { cpuMicros } from "./process-cost.ts"
import { produceSteadily } from "./produce.ts"

export const steady = async ({ library, shape, settings, dir, receiverUrl }: Job): Promise<Sample> => {
  const pool = makeEvents(shape)
  const running = await (await loadLibrary(library)).start({ dir, receiverUrl })
  const rate = Number(settings.eventsPerSecond)
  const durationMs = Number(settings.durationMs)
  const warmUp = await produceSteadily(running.log, pool, rate, durationMs / 3)
  const cpuStart = cpuMicros()
  const startMs = performance.now()
  const count = await produceSteadily(running.log, pool, rate, durationMs)
  const cpu = cpuMicros() - cpuStart
  const tookMs = performance.now() - startMs
  await running.finish()
  return { cpuPercent: cpu / tookMs / 10, cpuMicrosPerEvent: cpu / count, logged: warmUp + count }
}

// Durable events: a number of callers at once, each waiting until its event is synced to the disk before it sends the next.
// Reports confirmed events per second, and how long one caller waited.

import { makeEvents } from "../events.ts"
import type { Job, Sample } from "../job.ts"
import { loadLibrary } from "../libraries/catalogue.ts"
import { quantile } from "../statistics.ts"

export const commit = async ({
  library,
  shape,
  events,
  settings,
  dir,
  receiverUrl
}: Job): Promise<Sample> => {
  const pool = makeEvents(shape)
  const running = await (await loadLibrary(library)).start({ dir, receiverUrl })
  const { commit } = running
  if (commit === undefined) throw new Error(`${library} cannot be waited for`)
  const waiters = Number(settings.waiters)
  const tookMicros: number[] = []
  const confirm = async (count: number, isTimed: boolean): Promise<void> => {
    const left = Array.from({ length: count }, (_, index) => pool[index & (pool.length - 1)]).values()
    const wait = async (): Promise<void> => {
      for (const event of left) {
        if (event === undefined) continue
        const startMs = performance.now()
        await commit(event)
        if (isTimed) tookMicros.push((performance.now() - startMs) * 1_000)
      }
    }
    await Promise.all(Array.from({ length: waiters }, wait))
  }
  const warmUpEvents = Math.ceil(events / 5)
  await confirm(warmUpEvents, false)
  const startMs = performance.now()
  await confirm(events, true)
  const tookMs = performance.now() - startMs
  await running.finish()
  return {
    commitsPerSecond: events / (tookMs / 1_000),
    p50Micros: quantile(tookMicros, 0.5),
    p99Micros: quantile(tookMicros, 0.99),
    logged: warmUpEvents + events
  }
}

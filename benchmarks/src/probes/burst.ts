// What a call costs the producer: bursts of calls on one stack, each small enough for every queue, and time to write
// between them that is not counted. The first bursts warm up and are not counted either.

import { makeEvents } from "../events.ts"
import type { Job, Sample } from "../job.ts"
import { loadLibrary } from "../libraries/catalogue.ts"
import { produceAtOnce } from "./produce.ts"

const warmUpBursts = 3

export const burst = async ({ library, shape, events, settings, dir, receiverUrl }: Job): Promise<Sample> => {
  const pool = makeEvents(shape)
  const running = await (await loadLibrary(library)).start({ dir, receiverUrl })
  const burstEvents = Number(settings.burstEvents)
  const bursts = Math.max(1, Math.round(events / burstEvents))
  let totalMs = 0
  for (let index = -warmUpBursts; index < bursts; index++) {
    const startMs = performance.now()
    produceAtOnce(running.log, pool, burstEvents)
    if (index >= 0) totalMs += performance.now() - startMs
    await running.settled()
  }
  await running.finish()
  const logged = (bursts + warmUpBursts) * burstEvents
  return { nsPerCall: (totalMs * 1e6) / (bursts * burstEvents), logged }
}

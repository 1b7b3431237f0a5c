// Producers: the code that calls `log`, and how fast. Each takes ready-made events in turn, so that it does nothing but log. The
// probes measure around them.

import type { BenchEvent } from "../events.ts"
import type { Running } from "../libraries/library.ts"
import { sleep } from "../libraries/pace.ts"

/** The event of a turn. */
const at = (pool: readonly BenchEvent[], index: number): BenchEvent => {
  const event = pool[index & (pool.length - 1)]
  if (event === undefined) throw new Error("a pool has a power of two of events")
  return event
}

/** One burst of calls on one stack. */
export const produceAtOnce = (log: Running["log"], pool: readonly BenchEvent[], count: number): void => {
  for (let index = 0; index < count; index++) log(at(pool, index))
}

/** A producer that waits whenever the library asks it to. */
export const produceWithRoom = async (
  running: Running,
  pool: readonly BenchEvent[],
  count: number
): Promise<void> => {
  for (let index = 0; index < count; index++) {
    const wait = running.room()
    if (wait !== undefined) await wait
    running.log(at(pool, index))
  }
}

const tickMs = 5

/** Events at a steady rate, without waiting for the library: each 5 ms, as many as are due. Resolves with their number. */
export const produceSteadily = async (
  log: Running["log"],
  pool: readonly BenchEvent[],
  eventsPerSecond: number,
  durationMs: number
): Promise<number> => {
  const startMs = performance.now()
  let count = 0
  for (;;) {
    const elapsedMs = Math.min(durationMs, performance.now() - startMs)
    const due = Math.floor((elapsedMs * eventsPerSecond) / 1_000)
    for (; count < due; count++) log(at(pool, count))
    if (elapsedMs >= durationMs) return count
    await sleep(tickMs)
  }
}

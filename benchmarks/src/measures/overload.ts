// Overload: 50,000 events a second into a disk of 2 MB/s, from a producer that never waits. Memory may grow by the bound of the
// queue and no more, and every event must be in the file or be reported as dropped. Peers may lose events; that is counted.

import type { LibraryName } from "../libraries/catalogue.ts"
import { type Cell, type Context, type Measure, scaled } from "../measure.ts"
import { runChild } from "../run-child.ts"

const libraries: readonly LibraryName[] = [
  "daybook",
  "pino-async",
  "pino-worker",
  "logtape",
  "winston-daily",
  "otel",
  "effect",
  "evlog"
]

const eventsPerSecond = 50_000
const diskBytesPerSecond = 2 * 1024 * 1024
/** Until a process logs its first event. */
const startMs = 1_000

const cell = (context: Context): Cell => ({
  name: "overload small",
  libraries,
  roundsMax: 3,
  run: async (library) => {
    const durationMs = scaled(context, 300, 5_000)
    const untilMs = Date.now() + startMs + durationMs
    const env = {
      // Not an argument of the process: pino's worker would be started without it.
      NODE_OPTIONS: `--import=${new URL("../slow-disk.ts", import.meta.url).href}`,
      SLOW_DISK_BYTES_PER_SECOND: String(diskBytesPerSecond),
      SLOW_DISK_UNTIL_MS: String(untilMs)
    }
    const settings = { eventsPerSecond, durationMs }
    const sample = await runChild(
      { probe: "overload", library, shape: "small", events: 0, settings },
      { receiverArgs: [String(diskBytesPerSecond), String(untilMs)], env }
    )
    const { logged = 0, writtenEvents = 0, toldDropped = 0, wrongCounts = 0 } = sample
    const lost = logged - writtenEvents - toldDropped
    if (library === "daybook" && (lost !== 0 || wrongCounts !== 0))
      throw new Error(
        `daybook: unaccounted for ${lost} events, ${wrongCounts} wrong sums: ${JSON.stringify(sample)}`
      )
    return { ...sample, lost, unaccounted: Math.abs(lost) + wrongCounts }
  }
})

export const overload: Measure = {
  name: "overload",
  about:
    "50,000 events/s for 5 s into a disk of 2 MB/s, without waiting; then the disk recovers and the log is closed",
  cells: (context) => [cell(context)]
}

// The CPU that logging takes from an application at 20,000 events a second, as on a busy server. probes/steady.ts makes the
// events.

import type { LibraryName } from "../libraries/catalogue.ts"
import { type Cell, type Context, type Measure, scaled } from "../measure.ts"
import { runComplete } from "../run-complete.ts"

const eventsPerSecond = 20_000

const cell = (
  name: string,
  libraries: readonly LibraryName[],
  context: Context,
  roundsMax?: number
): Cell => ({
  name,
  libraries,
  ...(roundsMax === undefined ? {} : { roundsMax }),
  run: (library) => {
    const settings = { eventsPerSecond, durationMs: scaled(context, 200, 4_000) }
    return runComplete({ probe: "steady", library, shape: "small", events: 0, settings }, context)
  }
})

export const steady: Measure = {
  name: "steady",
  about: "CPU of all threads at 20,000 events/s from a 5 ms timer, whose own cost is in every figure",
  cells: (context) => [
    cell("steady small", ["daybook", "pino-async", "pino-worker", "stringify"], context),
    cell(
      "steady peers",
      ["pino-async", "pino-buffered", "logtape", "winston-daily", "otel", "effect", "evlog"],
      context,
      2
    )
  ]
}

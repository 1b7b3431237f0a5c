// How long the first event of a fresh process holds up its caller: in a process that has started and waits, as a server does, and
// in one that logs at once. The clock is in probes/first-call.ts.

import type { LibraryName } from "../libraries/catalogue.ts"
import type { Measure } from "../measure.ts"
import { runChild } from "../run-child.ts"

const libraries: readonly LibraryName[] = [
  "daybook",
  "daybook-untyped",
  "pino-async",
  "logtape",
  "winston-daily",
  "otel",
  "effect",
  "evlog"
]

/** A server is there longer than that before its first request comes. */
const startedMs = 300

const cell = (name: string, waitMs: number): ReturnType<Measure["cells"]>[number] => ({
  name,
  libraries,
  run: (library, { runtime }) =>
    runChild({ probe: "first-call", library, shape: "small", events: 2, settings: { waitMs } }, { runtime })
})

export const firstCall: Measure = {
  name: "first-call",
  about: "ms that the first event of a fresh process takes of its caller's thread",
  cells: () => [cell("first call", startedMs), cell("first call at once", 0)]
}

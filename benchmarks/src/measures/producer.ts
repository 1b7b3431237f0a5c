// What a call costs the caller: bursts on one stack that fit every queue, in each shape. Peers write between the bursts.
// throughput.ts measures what happens after the call.

import { type ShapeName, shapeNames } from "../events.ts"
import { gated, type LibraryName, peers } from "../libraries/catalogue.ts"
import { type Cell, type Context, type Measure, scaled } from "../measure.ts"
import { runComplete } from "../run-complete.ts"

/** About 5 MB of Daybook's lines: well inside its 8 MiB, the smallest queue that has a bound in bytes. */
const burstEvents: Readonly<Record<ShapeName, number>> = {
  small: 20_000,
  tool: 6_000,
  error: 3_000,
  mixed: 16_000,
  "non-ascii": 16_000
}

/** Cells without a target need fewer rounds. */
const isGated = (name: string): boolean => ["small", "tool", "error"].includes(name)

const cell = (name: string, shape: ShapeName, libraries: readonly LibraryName[], context: Context): Cell => ({
  name: `producer ${name}`,
  libraries,
  ...(isGated(name) ? {} : { roundsMax: 3 }),
  run: (library) => {
    const perBurst = scaled(context, 200, burstEvents[shape])
    const settings = { burstEvents: perBurst }
    const events = perBurst * scaled(context, 2, 10)
    return runComplete({ probe: "burst", library, shape, events, settings }, context)
  }
})

const smokeShapes = ["small", "error"] as const

export const producer: Measure = {
  name: "producer",
  about:
    "mean ns a call over 10 bursts on one stack, after 3 that warm up; what is written between bursts is not timed",
  cells: (context) => [
    ...scaled<readonly ShapeName[]>(context, smokeShapes, shapeNames).map((shape) =>
      cell(shape, shape, gated, context)
    ),
    cell("peers", "small", peers, context)
  ]
}

// From the call to the file, with a producer that waits where the library lets it: events per second until all are
// written, CPU of all threads per event, and peak memory. Nothing may be lost.

import type { ShapeName } from "../events.ts"
import { gated, type LibraryName, peers } from "../libraries/catalogue.ts"
import { type Cell, type Context, type Measure, scaled } from "../measure.ts"
import { runComplete } from "../run-complete.ts"

interface Load {
  readonly name: string
  readonly shape: ShapeName
  readonly events: number
  readonly libraries: readonly LibraryName[]
  readonly roundsMax?: number
}

const cell = ({ name, shape, events, ...others }: Load, context: Context): Cell => ({
  ...others,
  name: `throughput ${name}`,
  run: (library) => runComplete({ probe: "flow", library, shape, events, settings: {} }, context)
})

export const throughput: Measure = {
  name: "throughput",
  about:
    "the producer waits where a library lets it; until the last event is written and the file closed; none lost",
  cells: (context) => {
    const million = scaled(context, 1_000, 1_000_000)
    const loads: readonly Load[] = [
      { name: "small", shape: "small", events: million, libraries: [...gated, "pino-unpaced"] },
      { name: "tool", shape: "tool", events: scaled(context, 500, 300_000), libraries: gated },
      { name: "mixed", shape: "mixed", events: scaled(context, 500, 500_000), libraries: gated },
      { name: "peers", shape: "small", events: million, libraries: peers, roundsMax: 3 }
    ]
    return loads.map((load) => cell(load, context))
  }
}

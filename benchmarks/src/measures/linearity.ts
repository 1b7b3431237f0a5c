// Whether Daybook's cost of one event stays what it is with more events, more exporters and more shapes of events; and
// whether its memory does.

import { type Cell, type Context, type Measure, scaled } from "../measure.ts"
import { runComplete } from "../run-complete.ts"

const roundsMax = 3

const eventsCell = (events: number, context: Context): Cell => ({
  name: `linearity ${events.toLocaleString("en-US")} events`,
  libraries: ["daybook"],
  roundsMax,
  run: (library) => runComplete({ probe: "flow", library, shape: "small", events, settings: {} }, context)
})

const exportersCell = (exporters: number, context: Context): Cell => ({
  name: `linearity ${exporters} exporters`,
  libraries: ["daybook"],
  roundsMax,
  run: (library) => {
    const events = scaled(context, 500, 200_000)
    return runComplete(
      { probe: "exporters", library, shape: "small", events, settings: { exporters } },
      context
    )
  }
})

const kindsCell = (kinds: number, context: Context): Cell => ({
  name: `linearity ${kinds} shapes`,
  libraries: ["daybook"],
  roundsMax,
  run: (library) => {
    const events = scaled(context, 500, 200_000)
    return runComplete({ probe: "flow", library, shape: "mixed", events, settings: { kinds } }, context)
  }
})

const smokeEvents = [1_000]
const normalEvents = [10_000, 100_000, 1_000_000]

export const linearity: Measure = {
  name: "linearity",
  about: "Daybook alone: CPU per event and growth of memory by number of events, exporters and shapes",
  cells: (context) => [
    ...scaled(context, smokeEvents, normalEvents, [...normalEvents, 10_000_000]).map((events) =>
      eventsCell(events, context)
    ),
    ...scaled(context, [1, 2], [1, 2, 3, 4, 5]).map((count) => exportersCell(count, context)),
    ...scaled(context, [1, 64], [1, 8, 64]).map((count) => kindsCell(count, context))
  ]
}

// Whether a call ever holds up its caller, whatever it is given: values of 100,000 keys or 20 MB, through every door that takes one.
// probes/longest-call.ts has both.

import { type Measure, scaled } from "../measure.ts"
import { runChild } from "../run-child.ts"

export const longestCall: Measure = {
  name: "longest-call",
  about:
    "ms that the longest call takes of its caller's thread, by door, over values of 100,000 keys or 20 MB",
  cells: (context) => [
    {
      name: "longest call",
      libraries: ["daybook"],
      roundsMax: 1,
      run: (library) => {
        const settings = { keys: scaled(context, 1_000, 100_000), bytes: scaled(context, 72_000, 20_000_000) }
        return runChild(
          { probe: "longest-call", library, shape: "small", events: 0, settings },
          { runtime: context.runtime, timeoutMs: 600_000 }
        )
      }
    }
  ]
}

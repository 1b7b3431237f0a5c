// What seals cost: Daybook with its defaults against itself without seals. What they prove is the file exporter's to
// test; here only the CPU counts.

import { type Measure, scaled } from "../measure.ts"
import { runComplete } from "../run-complete.ts"

export const seals: Measure = {
  name: "seals",
  about: "CPU per event with every default on, against the same with seal: false",
  cells: (context) => [
    {
      name: "seals small",
      libraries: ["daybook", "daybook-unsealed"],
      run: (library) => {
        const events = scaled(context, 500, 500_000)
        return runComplete({ probe: "flow", library, shape: "small", events, settings: {} }, context)
      }
    }
  ]
}

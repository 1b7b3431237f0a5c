// What recording adds to the call of a tool, through each door.
// probes/tool-calls.ts has the doors.

import { type Measure, scaled } from "../measure.ts"
import { runChild } from "../run-child.ts"

const doors = ["function", "MCP SDK 1", "MCP SDK 2", "AI SDK"]

export const toolCalls: Measure = {
  name: "tool-calls",
  about: "CPU µs of a tool call without and with its record, 50 in flight, and the difference",
  cells: (context) =>
    doors.map((door) => ({
      name: `tool call ${door}`,
      libraries: ["daybook"],
      roundsMax: 3,
      run: (library) =>
        runChild(
          {
            probe: "tool-calls",
            library,
            shape: "tool",
            events: scaled(context, 50, 5_000),
            settings: { door, turns: scaled(context, 1, 5) }
          },
          { runtime: context.runtime, timeoutMs: 300_000 }
        )
    }))
}

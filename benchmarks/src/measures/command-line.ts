// The command line over one day's file of a gigabyte, which is written once a round. What is measured is in
// probes/command-line.ts; here it gets its directory and its processes.

import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Sample } from "../job.ts"
import { type Context, type Measure, scaled } from "../measure.ts"
import { inTempDir } from "../processes.ts"
import { runChildIn } from "../run-child.ts"

const runCommandLine = (context: Context): Promise<Sample> =>
  inTempDir(async (place) => {
    const dir = join(place, "day")
    await mkdir(dir)
    const settings = { dayBytes: scaled(context, 2 * 1024 * 1024, 1024 ** 3) }
    const ask = (probe: string): Promise<Sample> =>
      runChildIn(
        { probe, library: "daybook", shape: "small", events: 0, settings, dir, receiverUrl: undefined },
        { runtime: context.runtime }
      )
    return { ...(await ask("make-day")), ...(await ask("command-line")) }
  })

export const commandLine: Measure = {
  name: "command-line",
  about:
    "a start beside Node's own, and query --level error beside grep over one day's file of 1 GB, in the system's cache",
  cells: (context) => [
    { name: "command-line", libraries: ["daybook"], roundsMax: 3, run: () => runCommandLine(context) }
  ]
}

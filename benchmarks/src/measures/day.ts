// A day of a gigabyte: written once a round, then its newest 200 events read, then the whole day verified. The three are
// in probes/day.ts; here they get their directory and their processes.

import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Sample } from "../job.ts"
import { type Context, type Measure, scaled } from "../measure.ts"
import { inTempDir } from "../processes.ts"
import { runChildIn } from "../run-child.ts"

const runDay = (context: Context): Promise<Sample> =>
  inTempDir(async (place) => {
    const dir = join(place, "day")
    await mkdir(dir)
    const settings = { dayBytes: scaled(context, 2 * 1024 * 1024, 1024 ** 3) }
    const ask = (probe: string): Promise<Sample> =>
      runChildIn(
        { probe, library: "daybook", shape: "small", events: 0, settings, dir, receiverUrl: undefined },
        { runtime: context.runtime }
      )
    const sample = { ...(await ask("make-day")), ...(await ask("recent")), ...(await ask("verify")) }
    if (sample.rows !== 200 || sample.isIntact !== 1)
      throw new Error(
        `the day has ${sample.rows} rows of 200, and is ${sample.isIntact === 1 ? "" : "not "}intact`
      )
    return sample
  })

export const day: Measure = {
  name: "day",
  about:
    "readRecent(200) and verify of one day's file of 1 GB, each in a fresh process, the file in the system's cache",
  cells: (context) => [{ name: "day", libraries: ["daybook"], roundsMax: 3, run: () => runDay(context) }]
}

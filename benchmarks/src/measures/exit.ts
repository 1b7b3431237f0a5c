// How many of the last thousand events are in the file, for each way in which a process ends. No library is flushed before: that is
// the point. probes/exit.ts has the ways.

import { join } from "node:path"
import { countNumbers } from "../count-written.ts"
import type { Sample } from "../job.ts"
import type { LibraryName } from "../libraries/catalogue.ts"
import { sleep } from "../libraries/pace.ts"
import { type Cell, type Measure, scaled } from "../measure.ts"
import { type ExitWay, exitEvents, exitWays } from "../probes/exit.ts"
import { runCommand } from "../processes.ts"
import { childCommand, inPlaceOf } from "../run-child.ts"

const exitLibraries: readonly LibraryName[] = [
  "daybook",
  "pino-async",
  "pino-worker",
  "logtape",
  "winston-daily",
  "otel",
  "effect",
  "evlog"
]

const hangsAfterMs = 20_000

/** Requests that are under way when the process ends may still arrive. */
const arrivalMs = 200

const runExit = (library: LibraryName, way: ExitWay): Promise<Sample> =>
  inPlaceOf(library, [], async (dir, receiver) => {
    const settings = { way }
    const job = { probe: "exit", library, shape: "small", events: exitEvents, settings } as const
    const command = childCommand({ ...job, dir, receiverUrl: receiver?.url }, join(dir, "answer.json"))
    const { code } = await runCommand(command, { timeoutMs: hangsAfterMs })
    if (receiver !== undefined) {
      await sleep(arrivalMs)
      const warmUp = way === "exit at once" ? 0 : 1
      return { kept: Math.max(0, (await receiver.count()) - warmUp), repeated: 0, code }
    }
    return { ...(await countNumbers(dir, exitEvents)), code }
  })

const cell = (way: ExitWay, libraries: readonly LibraryName[]): Cell => ({
  name: `exit ${way}`,
  libraries,
  roundsMax: 3,
  run: async (library) => {
    const sample = await runExit(library, way)
    const kept = sample.kept ?? 0
    if (library === "daybook" && (kept < exitEvents || sample.repeated !== 0))
      throw new Error(`daybook kept ${kept} of ${exitEvents} events, ${sample.repeated} twice, after ${way}`)
    return sample
  }
})

export const exit: Measure = {
  name: "exit",
  about: "how many of the last 1,000 events are in the file when the process ends without a flush",
  cells: (context) =>
    exitWays.map((way) =>
      cell(way, way === "process.exit" ? exitLibraries : scaled(context, ["daybook"], exitLibraries))
    )
}

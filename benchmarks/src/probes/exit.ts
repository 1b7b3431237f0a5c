// Logs a thousand numbered events and ends its own process in one of four ways. The parent process looks at what is in the file
// then; the probe leaves no answer.

import { numberedEvent } from "../events.ts"
import type { Job, Sample } from "../job.ts"
import { loadLibrary } from "../libraries/catalogue.ts"
import { sleep } from "../libraries/pace.ts"

export const exitWays = ["process.exit", "throw", "natural end", "exit at once"] as const
export type ExitWay = (typeof exitWays)[number]

export const exitEvents = 1_000

/** Long enough for any of them to have its file open, or its connection. */
const openMs = 300

export const exit = async ({ library, settings, dir, receiverUrl }: Job): Promise<Sample> => {
  const way = String(settings.way)
  const running = await (await loadLibrary(library)).start({ dir, receiverUrl })
  if (way !== "exit at once") {
    running.log(numberedEvent(exitEvents))
    await sleep(openMs)
  }
  for (let index = 0; index < exitEvents; index++) running.log(numberedEvent(index))
  if (way === "throw") {
    queueMicrotask(() => {
      throw new Error("uncaught on purpose")
    })
    await sleep(openMs)
  }
  if (way !== "natural end") process.exit(0)
  return {}
}

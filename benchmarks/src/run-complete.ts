// A job of which every event must arrive: run in a fresh process, counted where it arrived, and an error when one is
// missing or there twice. Jobs that lose events on purpose are not run through this.

import type { Sample } from "./job.ts"
import type { Context } from "./measure.ts"
import { type ChildOptions, type JobWithoutPlace, runChild } from "./run-child.ts"

/** What writes nothing has nothing to lose. */
const writesNothing = new Set(["stringify"])

export const runComplete = async (
  job: JobWithoutPlace,
  { runtime }: Context,
  options: ChildOptions = {}
): Promise<Sample> => {
  const sample = await runChild(job, { runtime, ...options })
  const { logged, writtenEvents } = sample
  if (logged !== writtenEvents && !writesNothing.has(job.library)) {
    throw new Error(`${job.library} wrote ${writtenEvents} of ${logged} events`)
  }
  return sample
}

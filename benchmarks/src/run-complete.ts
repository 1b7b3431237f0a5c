// Runs a job of which every event must arrive: in a fresh process, counted where the events arrived; a missing or repeated event is
// an error. Jobs that lose events on purpose use run-child.ts.

import type { Sample } from "./job.ts"
import type { Context } from "./measure.ts"
import { type ChildOptions, type JobWithoutPlace, runChild } from "./run-child.ts"

/** Libraries that write nothing cannot lose events. */
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

// Waiting for a durable event: one answer out of those of all required exporters. What an answer means to the caller is
// in audit.ts; how an exporter comes to one is pipeline/writer.ts's business.
import * as Effect from "effect/Effect"
import { type CommitError, QueueFull, type Receipt, Refused } from "./audit.ts"
import type { EventInput, EventRecorder, Surroundings } from "./event-recorder.ts"
import type { Durability, Exporter } from "./pipeline/exporter.ts"
import type { Pipeline } from "./pipeline/pipeline.ts"

/** Records the event and succeeds when every required exporter has confirmed it. The first refusal decides. */
export const commitEvent = (
  recorder: EventRecorder,
  pipeline: Pipeline,
  input: EventInput,
  around: Surroundings
): Effect.Effect<Receipt, CommitError> =>
  pipeline.attended(
    pipeline.requiredWriters,
    Effect.callback((resume) => {
      const required = pipeline.required
      let open = required.length
      let stop = (): void => undefined
      const isRecorded = recorder.record(input, around, (arrival, end) => {
        stop = pipeline.commit(arrival, end, ({ name }, settlement) => {
          open -= 1
          if (settlement === "overflow") resume(Effect.fail(new QueueFull({ exporter: name })))
          else if (settlement !== "confirmed")
            resume(Effect.fail(new Refused({ exporter: name, why: settlement })))
          else if (open === 0)
            resume(Effect.succeed({ durability: leastDurable(required), seq: arrival.seq }))
        })
      })
      if (!isRecorded) resume(Effect.fail(refusedBy(required, "the event could not be encoded")))
      return Effect.sync(() => stop())
    })
  )

/** A refusal that is the log's own, in the name of all required exporters. */
export const refusedBy = (required: readonly Exporter[], why: string): Refused =>
  new Refused({ exporter: required.map(({ name }) => name).join(", "), why })

const durabilities: readonly Durability[] = ["os", "synced", "remote"]

const leastDurable = (exporters: readonly Exporter[]): Durability => {
  const least = Math.min(...exporters.map(({ durability }) => durabilities.indexOf(durability ?? "os")))
  return durabilities[least] ?? "os"
}

// Waiting for a durable event: one answer out of those of all required exporters, as a callback, and what the answers
// are called.
import * as Data from "effect/Data"
import * as Exit from "effect/Exit"
import type { Durability, Exporter } from "../pipeline/exporter.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { EventInput, EventRecorder, Surroundings } from "./recorder.ts"
import type { TimeLimits } from "./time-limits.ts"

/** What a successful commit proves. */
export interface Receipt {
  /** The least of all required exporters'. */
  readonly durability: Durability
  readonly seq: number
}

/** A required exporter's queue has no room. The event is not recorded there. */
export class QueueFull extends Data.TaggedError("QueueFull")<{ readonly exporter: string }> {
  override get message(): string {
    return `Cannot commit to "${this.exporter}": its queue is full; wait for audit.room() or commit less at once`
  }
}

/** A required exporter will never have the event: it was refused, too large, given up, or the log is closed. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly exporter: string
  readonly why: string
}> {
  override get message(): string {
    return `Cannot commit to "${this.exporter}": ${this.why}`
  }
}

/** No answer within the limit. The event is still waiting, and may be written later. */
export class Unknown extends Data.TaggedError("Unknown")<{ readonly timeoutMs: number }> {
  override get message(): string {
    return `Cannot say whether the commit succeeded: no confirmation within ${this.timeoutMs} ms; the event still waits`
  }
}

export type CommitError = QueueFull | Refused | Unknown

/** Hears once what became of a commit, perhaps before the call that began it has returned. */
export type CommitDone = (exit: Exit.Exit<Receipt, CommitError>) => void

/** Records the event; it is committed when every required exporter has confirmed it. Returns how to stop waiting. */
export const commitEvent = (
  recorder: EventRecorder,
  pipeline: Pipeline,
  input: EventInput,
  around: Surroundings,
  done: CommitDone
): (() => void) => {
  const { required } = pipeline
  let open = required.length
  let stop = (): void => undefined
  const isRecorded = recorder.record(input, around, (arrival, end) => {
    stop = pipeline.commit(arrival, end, ({ name }, settlement) => {
      open -= 1
      // The first refusal decides.
      if (settlement === "overflow") done(Exit.fail(new QueueFull({ exporter: name })))
      else if (settlement !== "confirmed") done(Exit.fail(new Refused({ exporter: name, why: settlement })))
      else if (open === 0) done(Exit.succeed({ durability: leastDurable(required), seq: arrival.seq }))
    })
  })
  if (!isRecorded) done(Exit.fail(refusedBy(required, "the event could not be encoded")))
  return () => stop()
}

/**
 * The answer as a promise. A fiber, a timer and an interruption for each commit cost more than the commit (some 4 of 7 µs): here
 * all of them share one timer. `hold` keeps the process alive until the answer is there.
 */
export const commitPromise = (
  begin: (done: CommitDone) => () => void,
  limits: TimeLimits,
  timeoutMs: number,
  hold: () => () => void
): Promise<Receipt> =>
  new Promise((resolve, reject) => {
    const release = hold()
    let isOpen = true
    let endLimit = (): void => undefined
    const answer = (exit: Exit.Exit<Receipt, CommitError>): void => {
      if (!isOpen) return
      isOpen = false
      endLimit()
      release()
      if (Exit.isSuccess(exit)) resolve(exit.value)
      else for (const reason of exit.cause.reasons) if (reason._tag === "Fail") reject(reason.error)
    }
    try {
      const stop = begin(answer)
      if (!isOpen) return
      endLimit = limits.begin(timeoutMs, () => {
        stop()
        answer(Exit.fail(new Unknown({ timeoutMs })))
      })
    } catch (error) {
      // A full stack, or a bug of ours: the caller must not wait for ever.
      isOpen = false
      release()
      throw error
    }
  })

/** A refusal that is the log's own, in the name of all required exporters. */
export const refusedBy = (required: readonly Exporter[], why: string): Refused =>
  new Refused({ exporter: required.map(({ name }) => name).join(", "), why })

const durabilities: readonly Durability[] = ["os", "synced", "remote"]

const leastDurable = (exporters: readonly Exporter[]): Durability => {
  const least = Math.min(...exporters.map(({ durability }) => durabilities.indexOf(durability ?? "os")))
  return durabilities[least] ?? "os"
}

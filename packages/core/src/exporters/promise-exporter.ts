// An exporter from one function that sends a batch and returns a promise, for code without Effect. It has no last
// write at exit, no routes and no resources with a scope: those need the contract of pipeline/exporter.ts.
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { errorInWords } from "../encode/described.ts"
import { writerLimits } from "../limits.ts"
import { checkOptions, type OptionRules, optionRule, queueRules } from "../option-rules.ts"
import type { Batch } from "../pipeline/batch.ts"
import {
  defaultQueuePolicy,
  ExportError,
  type Exporter,
  type QueuePolicy,
  type RequiredAs
} from "../pipeline/exporter.ts"

export interface PromiseExporterOptions {
  /** Names it in health, gap marks and notices. */
  readonly name: string
  /**
   * Sends one batch, and resolves when the far end has all of it. There is never a second call under way. A rejection is
   * tried again with the same lines, unless it is an `ExportError` that says otherwise. The signal fires at the time limit;
   * the batch's bytes are yours until the promise settles.
   */
  readonly send: (batch: Batch, signal: AbortSignal) => PromiseLike<unknown>
  /** `commit` waits for it. Default false. */
  readonly required?: boolean | undefined
  /** Merged over core's default. */
  readonly queue?: Partial<QueuePolicy> | undefined
  /** Says which events it wants; all, when absent. */
  readonly accepts?: Exporter["accepts"]
  /** Milliseconds until the signal fires. Default 30,000. */
  readonly exportTimeoutMs?: number | undefined
}

const rules: OptionRules = {
  name: optionRule.text("warehouse"),
  send: optionRule.callable,
  required: optionRule.flag,
  queue: optionRule.object("an object of bounds"),
  accepts: optionRule.callable,
  exportTimeoutMs: optionRule.numberFrom(1, "milliseconds")
}

/** Makes an exporter whose confirmed batches are `remote`: acknowledged elsewhere. */
export const promiseExporter = <const Options extends PromiseExporterOptions>(
  options: Options
): Exporter & RequiredAs<Options> => {
  checkOptions("promiseExporter", options, rules)
  const { name, send, queue, accepts, required = false } = options
  if (queue !== undefined) checkOptions("promiseExporter", queue, queueRules, "queue")
  const exportTimeoutMs = options.exportTimeoutMs ?? writerLimits.exportTimeoutMs
  const toExportError = (error: unknown): ExportError => {
    if (error instanceof ExportError) return error
    const reason = `Cannot send to "${name}": ${errorInWords(error)}`
    return new ExportError({ reason, retryable: true, outcome: "unknown", cause: error })
  }
  const exporter: Exporter = {
    name,
    queue: { ...defaultQueuePolicy, ...queue },
    required,
    durability: "remote",
    exportTimeoutMs,
    ...(accepts === undefined ? {} : { accepts }),
    open: () => Effect.succeed({ export: (batch) => sending(batch) })
  }
  // A promise cannot be stopped, only asked to: it is waited for, so that a late success is not sent again.
  const sending = (batch: Batch): Effect.Effect<void, ExportError> =>
    Effect.uninterruptible(
      Effect.suspend(() => {
        const controller = new AbortController()
        const stop = Effect.sync(() => controller.abort(new Error(`stopped after ${exportTimeoutMs} ms`)))
        const sent = Effect.tryPromise({
          try: async () => send(batch, controller.signal),
          catch: toExportError
        })
        return Effect.flatMap(
          Effect.forkChild(Effect.andThen(Effect.sleep(exportTimeoutMs), stop)),
          (limit) => Effect.asVoid(Effect.ensuring(sent, Fiber.interrupt(limit)))
        )
      })
    )
  return exporter as Exporter & RequiredAs<Options>
}

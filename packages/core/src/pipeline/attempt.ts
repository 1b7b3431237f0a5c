// One operation of an exporter, its time limit, and how it ended, where Effect's own answer says too little.
// writer.ts decides what follows from it.
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { errorInWords } from "../encode/described.ts"
import type { Batch } from "./batch.ts"
import { ExportError, type Exporter, type LastMoment, type LastWrite, type LogIdentity } from "./exporter.ts"
import type { Trouble } from "./trouble.ts"

/**
 * Runs an operation. Past its limit it is asked to stop, and waited for all the same: there is never a second one.
 * `onLimit` is called each time that the limit is over.
 */
export const withinLimit = <A, R>(
  operation: Effect.Effect<A, ExportError, R>,
  limitMs: number,
  onLimit: () => void
): Effect.Effect<Exit.Exit<A, ExportError>, never, R> =>
  Effect.flatMap(Effect.forkChild(operation), (fiber) => {
    const answer = Effect.gen(function* () {
      let stopped = "stopped before it was done"
      for (;;) {
        const inTime = yield* Effect.timeoutOption(Fiber.await(fiber), limitMs)
        if (Option.isSome(inTime)) return withoutInterruption(inTime.value, stopped)
        stopped = `no answer for ${limitMs} ms`
        onLimit()
        // Interrupting what cannot be interrupted would only hide that it succeeds in the end: look again later.
        if (isInterruptible(fiber)) yield* Fiber.interrupt(fiber)
      }
    })
    // A request that attends may be stopped: its turn and its resources are free when the operation has ended, not before.
    return Effect.onInterrupt(answer, () => Fiber.interrupt(fiber))
  })

// Not in the public interface of fibers; without it, every operation counts as interruptible.
const isInterruptible = (fiber: object): boolean =>
  !("interruptible" in fiber && fiber.interruptible === false)

// We outlived it, so it was the operation that was stopped: by its time limit, or by itself.
const withoutInterruption = <A>(
  exit: Exit.Exit<A, ExportError>,
  reason: string
): Exit.Exit<A, ExportError> =>
  Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    ? Exit.fail(new ExportError({ reason, retryable: true, outcome: "unknown" }))
    : exit

/**
 * An exporter's last write. One that has none has written nothing; nor has one that throws, and its trouble says why. What
 * a required exporter only hands over is not written either: a commit waits for its arrival.
 */
export const lastWriteBy = (
  exporter: Exporter,
  log: LogIdentity,
  batch: Batch,
  at: LastMoment,
  trouble: Pick<Trouble, "lastError">
): LastWrite => {
  try {
    const last = exporter.lastWrite?.(log, batch, at)
    if (last === undefined) return { written: 0 }
    // A promise, or an object without a number, is no answer: the batch goes on waiting.
    if (!Number.isInteger(last.written)) {
      trouble.lastError = "lastWrite must return { written: number }, at once"
      return { written: 0 }
    }
    return last.isHandedOver && exporter.required ? { written: 0 } : last
  } catch (error) {
    trouble.lastError = describeDefect(error)
    return { written: 0 }
  }
}

/** Lets an exporter finish in the last moment. One that throws has trouble, and holds up nothing. */
export const finishNowBy = (
  exporter: Exporter,
  log: LogIdentity,
  at: LastMoment,
  trouble: Pick<Trouble, "lastError">
): void => {
  try {
    exporter.finishNow?.(log, at)
  } catch (error) {
    trouble.lastError = describeDefect(error)
  }
}

/** An unexpected error, for people. */
export const describeDefect = (error: unknown): string => `died of ${errorInWords(error)}`

// Timing an operation: one event at its end, whatever the end is. What the operation returns or throws goes on to the
// caller untouched. The same for promises and for effects.
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { describeThrown, exceptionFields } from "../encode/described.ts"
import type { Fields } from "../encode/fields.ts"
import { threwMarker } from "../encode/thrown.ts"

/** Handed to the operation, which may say more about itself. */
export interface Operation {
  /** What came of it: lengths, counts and ids rather than the text itself. */
  response?: unknown
}

/** Gets how an operation went, as the event's own fields. */
export type OperationReport = (fields: Fields) => void

/** Milliseconds since 1970, and milliseconds that only ever rise. */
export interface OperationClock {
  now(): number
  monotonicMs(): number
}

/** Runs the operation and reports when it has ended. */
export const timeOperation = async <A>(
  action: string,
  run: (operation: Operation) => A | PromiseLike<A>,
  clock: OperationClock,
  report: OperationReport
): Promise<A> => {
  const { operation, ended } = start(action, clock, report)
  let result: A
  try {
    result = await run(operation)
  } catch (error) {
    ended(failure(error))
    throw error
  }
  ended({ outcome: "success" })
  return result
}

/** The same for an effect. An interrupted one has failed, and says so under `reason`. */
export const timeEffect = <A, E, R>(
  action: string,
  run: (operation: Operation) => Effect.Effect<A, E, R>,
  clock: OperationClock,
  report: OperationReport
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const { operation, ended } = start(action, clock, report)
    return Effect.onExit(
      Effect.suspend(() => run(operation)),
      (exit) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit)) ended({ outcome: "success" })
          else if (Cause.hasInterruptsOnly(exit.cause)) ended({ outcome: "failure", reason: "interrupted" })
          else ended(failure(Cause.squash(exit.cause)))
        })
    )
  })

const start = (
  action: string,
  clock: OperationClock,
  report: OperationReport
): { readonly operation: Operation; readonly ended: (more: Fields) => void } => {
  const operation: Operation = {}
  const startedAt = clock.now()
  const startedMs = clock.monotonicMs()
  const ended = (more: Fields): void =>
    report({
      action,
      duration_ms: wholeMs(clock.monotonicMs() - startedMs),
      started_at: isoOrEmpty(startedAt),
      ended_at: isoOrEmpty(clock.now()),
      response: responseOf(operation),
      ...more
    })
  return { operation, ended }
}

// The operation may have made it anything, also a getter that throws.
const responseOf = (operation: Operation): unknown => {
  try {
    return operation.response
  } catch (error) {
    return threwMarker(error)
  }
}

const failure = (error: unknown): Fields => ({
  outcome: "failure",
  ...exceptionFields(describeThrown(error))
})

/** Rounded; left out where the clock failed. */
export const wholeMs = (ms: number): number | undefined => (Number.isNaN(ms) ? undefined : Math.round(ms))

const isoOrEmpty = (timeMs: number): string => {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? "" : date.toISOString()
}

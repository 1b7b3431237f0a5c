// Timing an operation: one event at its end, whatever the end is. What the operation returns or throws goes on to the
// caller untouched.

import type { Fields } from "./encode/fields.ts"
import { describeThrown } from "./encode/thrown.ts"

/** Handed to the operation, which may say more about itself. */
export interface Operation {
  /** What came of it: lengths, counts and ids rather than the text itself. */
  response?: unknown
}

/** How an operation went, as the event's own fields. */
export type OperationReport = (fields: Fields) => void

/** Runs the operation on the given clocks (ms since 1970; a monotonic ms) and reports when it has ended. */
export const timeOperation = async <A>(
  action: string,
  run: (operation: Operation) => A | PromiseLike<A>,
  clock: { now(): number; monotonicMs(): number },
  report: OperationReport
): Promise<A> => {
  const operation: Operation = {}
  const startedAt = clock.now()
  const startedMs = clock.monotonicMs()
  const ended = (more: Fields): void =>
    report({
      action,
      duration_ms: Math.round(clock.monotonicMs() - startedMs),
      started_at: isoOrEmpty(startedAt),
      ended_at: isoOrEmpty(clock.now()),
      response: operation.response,
      ...more
    })
  try {
    const result = await run(operation)
    ended({ outcome: "success" })
    return result
  } catch (error) {
    const { type, message, stack } = describeThrown(error)
    ended({ outcome: "failure", exc_type: type, exc_message: message, exc_stack: stack })
    throw error
  }
}

const isoOrEmpty = (timeMs: number): string => {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? "" : date.toISOString()
}

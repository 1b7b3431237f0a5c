// Timing an operation: one event at its end, whatever the end is. What the operation returns or throws goes on to the
// caller untouched. timed-effect.ts is the same for effects.
import { describeThrown, exceptionFields } from "../encode/described.ts"
import { copyOf, type Fields, hasName, isFields, namesOf, viewOf } from "../encode/fields.ts"
import { eventLimits } from "../limits.ts"

/**
 * Handed to the operation, which may say more about itself: lengths, counts and ids rather than the text itself. What it sets
 * stands in place of what the call gave under the same name.
 */
export interface Operation {
  /** Whose memory it worked on; null where it is known that there is none. */
  bank_id?: string | null | undefined
  /** What it was asked. */
  request?: unknown
  /** What came of it. */
  response?: unknown
  /** Anything else; `{}` on the line unless set. */
  metadata?: Fields | null | undefined
}

const settable = ["bank_id", "request", "response", "metadata"] as const
const settableNames: ReadonlySet<string> = new Set(settable)

/** Gets how an operation went, as the event's own fields, and what else the call gave. */
export type OperationReport = (fields: Fields, extras: Fields) => void

/** Milliseconds since 1970, and milliseconds that only ever rise. */
export interface OperationClock {
  now(): number
  monotonicMs(): number
}

/** Runs the operation and reports when it has ended. */
export const timeOperation = async <A>(
  action: string,
  given: Fields,
  run: (operation: Operation) => A | PromiseLike<A>,
  clock: OperationClock,
  report: OperationReport
): Promise<A> => {
  const { operation, ended } = startOperation(action, given, clock, report)
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

/** Begins an operation; `ended` reports it. */
export const startOperation = (
  action: string,
  given: Fields,
  clock: OperationClock,
  report: OperationReport
): { readonly operation: Operation; readonly ended: (more: Fields) => void } => {
  const givenNames = isFields(given) ? settable.filter((name) => hasName(given, name)) : []
  const operation: Operation = { ...copyOf(given, givenNames) }
  const startedAt = clock.now()
  const startedMs = clock.monotonicMs()
  const ended = (more: Fields): void => {
    const fields = {
      action,
      duration_ms: wholeMs(clock.monotonicMs() - startedMs),
      started_at: isoOrEmpty(startedAt),
      ended_at: isoOrEmpty(clock.now()),
      ...saidOf(operation),
      ...more
    }
    report(fields, givenNames.length === 0 ? given : withoutSettable(given))
  }
  return { operation, ended }
}

// The operation may have made it anything, also getters that throw. What is undefined hides nothing that the context says.
const saidOf = (operation: Operation): Fields => {
  const said = copyOf(operation as Fields, settable)
  const names = settable.filter((name) => said[name] !== undefined)
  return { ...copyOf(said, names), metadata: said.metadata ?? {} }
}

const withoutSettable = (given: Fields): Fields => {
  const names = namesOf(given).filter((name) => !settableNames.has(name))
  // One more than a line takes, so that the line says that there were more.
  return viewOf(given, names.slice(0, eventLimits.keysMax + 1))
}

/** What is said of an operation that failed. */
export const failure = (error: unknown): Fields => ({
  outcome: "failure",
  ...exceptionFields(describeThrown(error))
})

/** Rounded; left out where the clock failed. */
export const wholeMs = (ms: number): number | undefined => (Number.isNaN(ms) ? undefined : Math.round(ms))

const isoOrEmpty = (timeMs: number): string => {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? "" : date.toISOString()
}

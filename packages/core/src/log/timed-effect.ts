// Timing an operation that is an effect: operation.ts for programs with Effect. Apart from it, so that a page that times a promise
// has no Effect in its graph.
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Fields } from "../encode/fields.ts"
import {
  failure,
  type Operation,
  type OperationClock,
  type OperationReport,
  startOperation
} from "./operation.ts"

/** The same for an effect. An interrupted one has failed, and says so under `reason`. */
export const timeEffect = <A, E, R>(
  action: string,
  given: Fields,
  run: (operation: Operation) => Effect.Effect<A, E, R>,
  clock: OperationClock,
  report: OperationReport
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const { operation, ended } = startOperation(action, given, clock, report)
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

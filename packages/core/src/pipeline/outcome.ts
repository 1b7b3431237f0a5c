// How an exporter's operation ended, where Effect's own answer says too little. What follows from it is writer.ts's
// business.
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { ExportError } from "./exporter.ts"

// Not in the public interface of fibers; without it, every operation counts as interruptible.
export const isInterruptible = (fiber: object): boolean =>
  !("interruptible" in fiber && fiber.interruptible === false)

// We outlived it, so it was the operation that was stopped: by its time limit, or by itself.
export const withoutInterruption = <A>(exit: Exit.Exit<A, ExportError>): Exit.Exit<A, ExportError> =>
  Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    ? Exit.fail(
        new ExportError({ reason: "stopped before it was done", retryable: true, outcome: "unknown" })
      )
    : exit

export const describeDefect = (error: unknown): string => {
  try {
    return `died of ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
  } catch {
    return "died of an error that cannot be shown"
  }
}

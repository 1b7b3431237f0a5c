// Errors that nobody caught: what the window is told of. A listener here changes nothing for other listeners, and leaves
// the browser's console as it is.
import type { Audit } from "@daybook/core"
import { recordError } from "./error-records.ts"

/** Records them until the returned function is called. */
export const watchErrors = (audit: Audit): (() => void) => {
  const onError = (event: ErrorEvent): void => {
    if (!isReactTrial() && !isLayoutNotice(event)) recordWindowError(audit, event)
  }
  const onRejection = (event: PromiseRejectionEvent): void =>
    recordError(audit, { caughtBy: "promise", error: event.reason, where: "promise", event })
  addEventListener("error", onError)
  addEventListener("unhandledrejection", onRejection)
  return () => {
    removeEventListener("error", onError)
    removeEventListener("unhandledrejection", onRejection)
  }
}

// "ResizeObserver loop limit exceeded", "… completed with undelivered notifications": browsers say by themselves that the
// rest of a layout comes a frame later. No code failed, and there is no error object.
const isLayoutNotice = ({ error, message }: ErrorEvent): boolean =>
  (error === null || error === undefined) && String(message).startsWith("ResizeObserver loop")

const recordWindowError = (audit: Audit, event: ErrorEvent): void => {
  const { error, message, filename, lineno, colno } = event
  const report = { caughtBy: "window", error, where: "window", event, mayBeBettered: true } as const
  // What is no object has no stack. A script of another origin gives nothing at all: only that it failed.
  if (typeof error === "object" && error !== null) recordError(audit, report)
  else recordError(audit, { ...report, shown: error ?? message, fields: { filename, lineno, colno } })
}

// In development, React 18 tries a component that threw once more inside an event of its own, so that debuggers can stop
// there. That trial is reported to the window and has an error object of its own; the error itself is still to come. An error
// that is thrown inside a React event while an outer one runs is taken for a trial as well, and is not recorded.
const isReactTrial = (): boolean => new Error().stack?.includes("invokeGuardedCallback") ?? false

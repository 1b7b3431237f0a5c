// Errors that reach the window: uncaught ones and unhandled rejections. Listening changes nothing for other listeners, and
// the browser still prints the error.
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

// "ResizeObserver loop limit exceeded", "… completed with undelivered notifications": the browser's notice that the rest of a
// layout comes one frame later. No code failed, and there is no error object.
const isLayoutNotice = ({ error, message }: ErrorEvent): boolean =>
  (error === null || error === undefined) && String(message).startsWith("ResizeObserver loop")

const recordWindowError = (audit: Audit, event: ErrorEvent): void => {
  const { error, message, filename, lineno, colno } = event
  const report = { caughtBy: "window", error, where: "window", event, isPreliminary: true } as const
  // A primitive has no stack, and a script of another origin gives no error at all: the place stands for it.
  if (typeof error === "object" && error !== null) recordError(audit, report)
  else recordError(audit, { ...report, shown: error ?? message, fields: { filename, lineno, colno } })
}

// In development, React 18 runs a component that threw a second time, inside an event of its own, so that debuggers can stop
// there. The window gets the error of that trial run; the real one follows. An error thrown inside a nested React event looks
// the same, and is not recorded.
const isReactTrial = (): boolean => new Error().stack?.includes("invokeGuardedCallback") ?? false

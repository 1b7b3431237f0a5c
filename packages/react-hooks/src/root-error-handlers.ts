// Error callbacks of a React root: uncaught errors, errors caught by a boundary, errors that React recovered from. Each is
// recorded and then handled as before. React 18 knows `onRecoverableError` only, and ignores the other two.
"use client"

import type { Audit } from "@daybook/core"
import { type CaughtBy, recordError } from "./error-records.ts"

/** What React gives to the callback beside the error. */
export interface RootErrorInfo {
  readonly componentStack?: string | undefined
}

type OnRootError = (error: unknown, info: RootErrorInfo) => void

/** The application's own callbacks, called after the error was recorded. */
export interface RootErrorHandlers {
  readonly onUncaughtError?: OnRootError | undefined
  readonly onCaughtError?: OnRootError | undefined
  readonly onRecoverableError?: OnRootError | undefined
}

/** Options of `createRoot` and `hydrateRoot`. */
export interface AuditRootErrorHandlers {
  readonly onUncaughtError: OnRootError
  readonly onCaughtError: OnRootError
  readonly onRecoverableError: OnRootError
}

// React's defaults: an uncaught error is reported to the window (where error-records.ts knows it already), a caught one is
// printed. In development React also prints the component's name, which callbacks do not get: the component stack is printed
// instead, in production too.
const reportAsReact: OnRootError = (error) => {
  if (typeof reportError === "function") reportError(error)
  else console.error(error)
}
const printAsReact: OnRootError = (error, info) => {
  const stack = info?.componentStack
  console.error(error, ...(stack ? [stack] : []))
}

/**
 * Options that record every error of a root: `createRoot(element, auditRootErrorHandlers(audit))`. Your own callbacks run
 * afterwards; without them, the error is reported or printed as React does.
 */
export const auditRootErrorHandlers = (
  audit: Audit,
  { onUncaughtError, onCaughtError, onRecoverableError }: RootErrorHandlers = {}
): AuditRootErrorHandlers => {
  const recording =
    (
      where: string,
      next: OnRootError,
      more?: { readonly isPreliminary?: true; readonly recovered?: true }
    ): OnRootError =>
    (error, info) => {
      const caughtBy: CaughtBy = "root"
      const fields = { component_stack: info?.componentStack, recovered: more?.recovered }
      recordError(audit, { caughtBy, error, where, fields, isPreliminary: more?.isPreliminary ?? false })
      next(error, info)
    }
  return {
    onUncaughtError: recording("render", onUncaughtError ?? reportAsReact),
    // An AuditErrorBoundary reports right after the root, and knows its name.
    onCaughtError: recording("render", onCaughtError ?? printAsReact, { isPreliminary: true }),
    onRecoverableError: recording("recoverable", onRecoverableError ?? reportAsReact, { recovered: true })
  }
}

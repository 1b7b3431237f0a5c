// What a React root tells of errors: those that no boundary caught, those that one did, those that React got over. Each is
// recorded, and then treated as without us. React 18 knows only the last of the three options, and ignores the others.
"use client"

import type { Audit } from "@daybook/core"
import { type CaughtBy, recordError } from "./error-records.ts"

/** What React tells of an error beside the error. */
export interface RootErrorInfo {
  readonly componentStack?: string | undefined
}

type OnRootError = (error: unknown, info: RootErrorInfo) => void

/** The application's own, which are called after the error was recorded. */
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

// Without options React reports what nobody caught, and prints what a boundary did. In development it also names the
// component, which it tells no callback: the component stack stands for that here, beside what is printed, in production too.
// What is reported comes to `window` as well, and is known there.
const reportAsReact: OnRootError = (error) => {
  if (typeof reportError === "function") reportError(error)
  else console.error(error)
}
const printAsReact: OnRootError = (error, info) => {
  const stack = info?.componentStack
  console.error(error, ...(stack ? [stack] : []))
}

/**
 * Options that record every error of a root: `createRoot(element, auditRootErrorHandlers(audit))`. Yours are called
 * afterwards; without them, the error is reported or printed as by React.
 */
export const auditRootErrorHandlers = (
  audit: Audit,
  { onUncaughtError, onCaughtError, onRecoverableError }: RootErrorHandlers = {}
): AuditRootErrorHandlers => {
  const recording =
    (
      where: string,
      next: OnRootError,
      more?: { readonly mayBeBettered?: true; readonly recovered?: true }
    ): OnRootError =>
    (error, info) => {
      const caughtBy: CaughtBy = "root"
      const fields = { component_stack: info?.componentStack, recovered: more?.recovered }
      recordError(audit, { caughtBy, error, where, fields, mayBeBettered: more?.mayBeBettered ?? false })
      next(error, info)
    }
  return {
    onUncaughtError: recording("render", onUncaughtError ?? reportAsReact),
    // A boundary of ours is told right after the root, and says where.
    onCaughtError: recording("render", onCaughtError ?? printAsReact, { mayBeBettered: true }),
    onRecoverableError: recording("recoverable", onRecoverableError ?? reportAsReact, { recovered: true })
  }
}

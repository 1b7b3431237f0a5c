// An error boundary that records what it catches, once. Catching, fallback and reset come from react-error-boundary;
// error-records.ts keeps one error from becoming two records.
"use client"

import type { ErrorInfo, ReactElement } from "react"
import { ErrorBoundary, type ErrorBoundaryProps } from "react-error-boundary"
import { useAudit } from "./audit-provider.tsx"
import { recordError } from "./error-records.ts"

/** The props of react-error-boundary: one of `fallback`, `fallbackRender` and `FallbackComponent`; `onReset`, `resetKeys`, `onError`. */
export type AuditErrorBoundaryProps = ErrorBoundaryProps & {
  /** The part of the page that it surrounds; the record's message begins with it. Default "render". */
  readonly name?: string
}

/**
 * Shows a fallback when rendering below it throws, and records the error. Errors of event callbacks, timers and promises
 * do not reach a boundary: `useAuditErrors` records those.
 */
export const AuditErrorBoundary = ({ name, onError, ...props }: AuditErrorBoundaryProps): ReactElement => {
  const audit = useAudit()
  const record = (error: unknown, info: ErrorInfo): void => {
    const fields = { component_stack: info.componentStack }
    recordError(audit, { caughtBy: "boundary", error, where: name ?? "render", fields })
    onError?.(error, info)
  }
  return <ErrorBoundary {...props} onError={record} />
}

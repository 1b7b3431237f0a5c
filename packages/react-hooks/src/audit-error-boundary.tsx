// An error boundary that records what it catches. How it catches, shows a fallback and resets is react-error-boundary's
// business; whether a record of the error is there already is error-records.ts's.
"use client"

import type { ErrorInfo, ReactElement } from "react"
import { ErrorBoundary, type ErrorBoundaryProps } from "react-error-boundary"
import { useAudit } from "./audit-provider.tsx"
import { recordError } from "./error-records.ts"

/** Those of react-error-boundary: one of `fallback`, `fallbackRender` and `FallbackComponent`; `onReset`, `resetKeys`, `onError`. */
export type AuditErrorBoundaryProps = ErrorBoundaryProps & {
  /** Which part of the page this is: the record's message begins with it. Default "render". */
  readonly name?: string
}

/**
 * Shows a fallback when rendering below it throws, and records the error. Not for errors of event callbacks, timers and
 * promises: `useAuditErrors` records those.
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

// The entry of `@daybook/react-hooks`: what components use. Of core it has types and the disabled log only, so it is a small
// part of a page. The application makes the log itself.
export { AuditErrorBoundary, type AuditErrorBoundaryProps } from "./audit-error-boundary.tsx"
export { AuditProvider, type AuditProviderProps, useAudit } from "./audit-provider.tsx"
export { DiagnosticsPanel, type DiagnosticsPanelProps } from "./diagnostics/diagnostics-panel.tsx"
export {
  type AuditRootErrorHandlers,
  auditRootErrorHandlers,
  type RootErrorHandlers
} from "./root-error-handlers.ts"
export { useAuditErrors } from "./use-audit-errors.ts"
export { type RecordEvent, useAuditEvent } from "./use-audit-event.ts"
export { type AuditHealthOptions, useAuditHealth } from "./use-audit-health.ts"
export { type AuditPageOpenOptions, useAuditPageOpen } from "./use-audit-page-open.ts"

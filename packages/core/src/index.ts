// The entry of `@daybook/core`: what applications log with, what exporters are written against, and nothing else.
// What only tests need is in `@daybook/core/testing`.
export {
  type Audit,
  type AuditOf,
  type CommitError,
  type CommittingAudit,
  type LogOptions,
  type PageOptions,
  QueueFull,
  type Receipt,
  Refused,
  Unknown,
  type WaitOptions
} from "./audit.ts"
export { type AuditLogOptions, createAuditLog } from "./audit-log.ts"
export {
  AuditLog,
  type AuditLogService,
  CommittingAuditLog,
  type CommittingAuditLogService,
  type CommittingOptions
} from "./audit-log-service.ts"
export { auditTool, ToolDenied } from "./audit-tool.ts"
export { AuditContext, withAuditContext, withContext } from "./context.ts"
export { disabledAuditLog } from "./disabled-audit-log.ts"
export type { Fields } from "./encode/fields.ts"
export { joinedBytes } from "./encode/joined-bytes.ts"
export { LineSplitter, type SplitLine } from "./encode/line-splitter.ts"
export { describeThrown, type Thrown } from "./encode/thrown.ts"
export { toLocalDay } from "./encode/timestamp.ts"
export { envName, isAppName, toAppName } from "./event/app-name.ts"
export { type AuditEvent, decodeLine, type EventHead, type LineDamage } from "./event/decode-line.ts"
export {
  defineEvent,
  type EventConstructor,
  type EventDefinition,
  type EventForm,
  type EventKind,
  type TypedEvent
} from "./event/define-event.ts"
export { describePrivacy, type FieldDescription, type PrivacyDescription } from "./event/describe-privacy.ts"
export type { Head, ReservedName } from "./event/head.ts"
export { isLevel, type Level, levelNumber, levels } from "./event/level.ts"
export {
  type DropReason,
  dropReasons,
  type GapFields,
  type LineKind,
  lineKindNumber,
  lineKinds,
  type MarkFields,
  type MarkKind,
  type RecoveredFields,
  type RetentionFields,
  type SealFields,
  type SeenSeal
} from "./event/mark.ts"
export { keep, pseudonym, secret, truncate } from "./event/privacy.ts"
export type { TraceContext, TraceSource } from "./event/trace-context.ts"
export { fingerprint } from "./fingerprint.ts"
export { readLineBytesMax } from "./limits.ts"
export type { Operation } from "./operation.ts"
export { type Batch, type BatchColumns, batchFromLines } from "./pipeline/batch.ts"
export {
  type Durability,
  defaultQueuePolicy,
  ExportError,
  type Exporter,
  type LastMoment,
  type LastWrite,
  type LogIdentity,
  type OpenExporter,
  type QueuePolicy,
  type RequiredAs
} from "./pipeline/exporter.ts"
export type { ExporterCounts, ExporterHealth, ExporterState, FlushResult, Health } from "./pipeline/health.ts"
export type { Counts } from "./pipeline/line-queue.ts"
export {
  type RecentExporter,
  type RecentExporterOptions,
  type RecentLines,
  recentExporter
} from "./recent-exporter.ts"
export type { Allowed, RecordingChange, RecordingRules } from "./recording.ts"
export { type WithAuditOptions, type WorkerContext, withAudit } from "./with-audit.ts"

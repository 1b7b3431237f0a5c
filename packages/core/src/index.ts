// The entry of `@daybook/core`: what applications log with, what exporters are written against, and nothing else.
// What only tests need is in `@daybook/core/testing`.
export type { Audit, AuditOf, CommittingAudit, LogOptions, PageOptions, WaitOptions } from "./api/audit.ts"
export { createAuditLog } from "./api/audit-log.ts"
export {
  AuditLog,
  type AuditLogService,
  CommittingAuditLog,
  type CommittingAuditLogService,
  type CommittingOptions
} from "./api/audit-log-service.ts"
export { auditTool, recordToolCall, type ToolCall } from "./api/audit-tool.ts"
export { describePrivacy, type FieldDescription, type PrivacyDescription } from "./api/describe-privacy.ts"
export { disabledAuditLog } from "./api/disabled-audit-log.ts"
export {
  currentToolCall,
  noteToolCall,
  type RunningToolCall,
  startToolCall,
  type ToolApproval,
  type ToolCallEnd,
  type ToolCallStart,
  ToolDenied,
  type ToolDetail,
  type ToolFacts,
  type ToolStatus
} from "./api/tool-call.ts"
export { type WithAuditOptions, type WorkerContext, withAudit } from "./api/with-audit.ts"
export { describeThrown, errorInWords, type Thrown } from "./encode/described.ts"
export { asWritten, endsInCrLf, hasByteOrderMark, isBlankLine } from "./encode/edited-bytes.ts"
export type { Fields } from "./encode/fields.ts"
export { joinedBytes } from "./encode/joined-bytes.ts"
export type { RedactRules } from "./encode/keys.ts"
export { LineSplitter, type SplitLine, type VisitLine } from "./encode/line-splitter.ts"
export type { TextPattern } from "./encode/secret-names.ts"
export { paymentCards } from "./encode/text-patterns.ts"
export { toLocalDay } from "./encode/timestamp.ts"
export { envName, isAppName, toAppName } from "./event/app-name.ts"
export { toCategory } from "./event/category.ts"
export { type AuditEvent, decodeLine, type EventHead, type LineDamage } from "./event/decode-line.ts"
export { defineEvent, type EventForm } from "./event/define-event.ts"
export { fingerprint } from "./event/fingerprint.ts"
export type { Head, ReservedName } from "./event/head.ts"
export { type Level, type LevelWord, levelNumber, levels, readLevel } from "./event/level.ts"
export { lineTime } from "./event/line-time.ts"
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
  type RetentionReason,
  type RetiredFile,
  type SealFields,
  type SeenSeal
} from "./event/mark.ts"
export { keep, plain, pseudonym, secret, truncate } from "./event/privacy.ts"
export type { TraceContext, TraceSource } from "./event/trace-context.ts"
export type { EventConstructor, EventDefinition, EventKind, TypedEvent } from "./event/typed-event.ts"
export { type ConsoleExporterOptions, consoleExporter } from "./exporters/console-exporter.ts"
export { type PromiseExporterOptions, promiseExporter } from "./exporters/promise-exporter.ts"
export {
  type RecentExporter,
  type RecentExporterOptions,
  type RecentLines,
  recentExporter
} from "./exporters/recent-exporter.ts"
export { readLineBytesMax } from "./limits.ts"
export { type CommitError, QueueFull, type Receipt, Refused, Unknown } from "./log/commit.ts"
export { AuditContext, enterContext, withAuditContext, withContext } from "./log/context.ts"
export type { Operation } from "./log/operation.ts"
export type { AuditLogOptions } from "./log/options.ts"
export type { Allowed, RecordingChange, RecordingRules } from "./log/recording.ts"
export { type RelayedEvent, type RelayOptions, relayed } from "./log/relayed-event.ts"
export { checkOptions, type OptionRule, type OptionRules, optionRule, queueRules } from "./option-rules.ts"
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
export type { Counts } from "./pipeline/writer-queue.ts"

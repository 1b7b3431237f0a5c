// The entry of `@daybook/file-exporter`: daily JSONL files, where they are, and how to read them.
// The file layer and its errors are not part of it.
export { type AuditLogDir, auditLogDir, auditLogPath, type Env } from "./place/audit-log-path.node.ts"
export { type FileExporterOptions, fileExporter, fileQueuePolicy } from "./file-exporter.node.ts"
export { type FollowClock, type FollowOptions, follow } from "./read/follow.node.ts"
export { type ReadAllUsersOptions, readRecentAllUsers } from "./read/all-users.node.ts"
export { type ReadDayOptions, type ReadOptions, readDay } from "./read/day.node.ts"
export type { ReadPlace } from "./place/place.node.ts"
export { type ReadRecentOptions, type RecentSpan, readRecent } from "./read/recent.node.ts"
export type { Damage, DamagedLine, ReadNote, Row } from "./query/row.ts"
export type { RowFilters } from "./query/filter.ts"
export type { Moment } from "./query/moment.ts"
export {
  type KnownSeal,
  type NewSeal,
  readSealKey,
  type SealAnchor,
  type SealKey,
  type SealKeySource
} from "./seal/key.node.ts"
export type { VerifyOptions, VerifyProgress } from "./verify/verify.node.ts"
export { verify } from "./verify.ts"
export type {
  Finding,
  Note,
  NoteKind,
  Problem,
  ProblemKind,
  SessionReport,
  Verdict,
  VerifyReport
} from "./verify/report.ts"
export { describeReport } from "./describe-report.ts"

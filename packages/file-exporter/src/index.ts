// The entry of `@daybook/file-exporter`: daily JSONL files, where they are, and how to read and verify them. Importing it
// loads what writes; what reads and what verifies is loaded when it is called.

export { describeReport } from "./describe-report.ts"
export { type FileExporterOptions, fileExporter, fileQueuePolicy } from "./file-exporter.node.ts"
export { type AuditLogDir, auditLogDir, auditLogPath, type Env } from "./place/audit-log-path.node.ts"
export type {
  Damage,
  DamagedLine,
  FollowClock,
  FollowOptions,
  Moment,
  ReadAllUsersOptions,
  ReadDayOptions,
  ReadNote,
  ReadOptions,
  ReadRecentOptions,
  RecentSpan,
  Row,
  RowFilters
} from "./read.ts"
export { follow, readDay, readRecent, readRecentAllUsers } from "./read.ts"
export {
  type NewSeal,
  readSealKey,
  type SealAnchor,
  type SealKey,
  type SealKeySource
} from "./seal/key.node.ts"
export type {
  Anchor,
  FileReport,
  Finding,
  Note,
  NoteKind,
  Problem,
  ProblemKind,
  RetiredReport,
  SessionReport,
  Verdict,
  VerifyProgress,
  VerifyReport
} from "./verify.ts"
export { type VerifyOptions, verify } from "./verify-folder.node.ts"

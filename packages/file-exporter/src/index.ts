// The entry of `@daybook/file-exporter`: daily JSONL files, where they are, and how to read them.
// The file layer and its errors are not part of it.
export { type AuditLogDir, auditLogDir, auditLogPath, type Env } from "./audit-log-path.node.ts"
export { type FileExporterOptions, fileExporter, fileQueuePolicy } from "./file-exporter.node.ts"
export { type DamagedLine, type ReadDayOptions, type Row, readDay } from "./read-day.node.ts"

// The entry of `@daybook/core/testing`: a log for tests and assertions about it, an exporter in memory that can be
// broken on purpose, and the cases that every exporter must pass. No test library inside.
export { type AuditExpectation, expectAudit, type WantedFields } from "./expect-audit.ts"
export {
  type ExporterCase,
  type ExporterSubject,
  exporterCases,
  type FarSideBreakage
} from "./exporter-cases.ts"
export {
  type Breakage,
  type MemoryExporter,
  type MemoryExporterOptions,
  memoryExporter
} from "./memory-exporter.ts"
export { makeTestAudit, type TestAudit, type TestAuditOptions } from "./test-audit.ts"

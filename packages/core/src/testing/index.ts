// The entry of `@daybook/core/testing`: an exporter in memory that can be broken on purpose, and the cases that every
// exporter must pass. No test library inside.
export { type ExporterCase, type ExporterSubject, exporterCases } from "./exporter-cases.ts"
export {
  type Breakage,
  type MemoryExporter,
  type MemoryExporterOptions,
  memoryExporter
} from "./memory-exporter.ts"

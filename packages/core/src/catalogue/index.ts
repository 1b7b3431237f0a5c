// The entry of `@daybook/core/catalogue`: core's own events with schemas, a whole line as a schema, and
// reading lines back as typed events.
// Apart from the main entry because it loads `effect/Schema`, which costs more than the rest of core together.
export { AuditLine } from "./audit-line.ts"
export {
  builtInEvents,
  ExceptionCaught,
  OperationTimed,
  PageOpened,
  RecordingChanged,
  SessionEnded,
  SessionStarted,
  standardFields,
  ToolCalled
} from "./built-in-events.ts"
export { misfitsOf, type ReadEvent, readAs } from "./read-as.ts"

// The entry of `@daybook/core/client`: calls and lines without the engine, for a client of its own that has a queue of its own. No
// Effect and nothing of a host is in its graph.

export { textOf } from "./encode/described.ts"
export { toFields } from "./encode/fields.ts"
export { Keys, type RedactRules } from "./encode/keys.ts"
export { LineBytes } from "./encode/line-bytes.ts"
export { LineEncoder } from "./encode/line-encoder.ts"
export { Timestamps } from "./encode/timestamp.ts"
export {
  operationTimed,
  pageOpened,
  recordingChanged,
  sessionEnded,
  sessionStarted
} from "./event/built-in.ts"
export { levelNumber, readLevel } from "./event/level.ts"
export { type DropReason, dropReasons, type GapFields, markLevel } from "./event/mark.ts"
export { makeStreamKey, StreamIds } from "./event/stream-id.ts"
export { eventLimits } from "./limits.ts"
export { optionOf, toBuiltIn, toException, toInput, toRelayed, waitLimit } from "./log/input.ts"
export { LastPages } from "./log/last-pages.ts"
export { type OperationReport, timeOperation, wholeMs } from "./log/operation.ts"
export type { EventInput } from "./log/recorder.ts"
export { Recording } from "./log/recording.ts"
export { gapMessage } from "./pipeline/gap.ts"

// The entry of `@daybook/core/lines`: what a program needs that reads lines and logs none. It loads neither Effect nor a host,
// so that a command starts at once and a page stays small.
export { isBlankLine } from "./encode/edited-bytes.ts"
export { joinedBytes } from "./encode/joined-bytes.ts"
export { LineSplitter, type SplitLine, type VisitLine } from "./encode/line-splitter.ts"
export { envName, toAppName } from "./event/app-name.ts"
export { type AuditEvent, decodeLine, type EventHead, type LineDamage } from "./event/decode-line.ts"
export { type Level, type LevelWord, levelNumber, levels, readLevel } from "./event/level.ts"
export { lineTime } from "./event/line-time.ts"
export { readLineBytesMax } from "./limits.ts"
export { nearestOf } from "./option-rules.ts"

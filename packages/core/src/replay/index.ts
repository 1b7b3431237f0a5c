// The entry of `@daybook/core/replay`: old lines once more, into any exporter. Apart from the rest, because a log that only
// records does not need it.
export {
  type ReplayOptions,
  type ReplayPosition,
  type ReplayProgress,
  type ReplayResult,
  replay
} from "./replay.ts"
export type { ReplaySource } from "./replay-source.ts"

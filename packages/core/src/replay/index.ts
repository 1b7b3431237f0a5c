// The entry of `@daybook/core/replay`: old lines once more, into any exporter. Apart from the rest, because a log that only
// records does not need it. What senders of other sources are built of is here too.
export { acceptsLine, type Filtering, isOn } from "../pipeline/accepts.ts"
export type { Backoff } from "../pipeline/backoff.ts"
export { batchOf, type DecodedLine } from "../pipeline/batch.ts"
export type { FeedOptions, Settled } from "./feed.ts"
export { type SenderIdentityOptions, senderIdentity } from "./identity.ts"
export { LineIds } from "./line-ids.ts"
export {
  type ReplayOptions,
  type ReplayPosition,
  type ReplayProgress,
  type ReplayResult,
  replay
} from "./replay.ts"
export type { ReplaySource } from "./replay-source.ts"
export { Sender, type SenderOptions, unrefClock } from "./sender.ts"

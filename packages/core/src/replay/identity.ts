// Who sends old lines. They keep their own ids and sessions; what an exporter says about itself, such as which files it has
// deleted, stands under a session of the sender's own.
import type * as Clock from "effect/Clock"
import { host } from "#host"
import { builtInKeys } from "../encode/keys.ts"
import { LineBytes } from "../encode/line-bytes.ts"
import { LineEncoder } from "../encode/line-encoder.ts"
import { Timestamps } from "../encode/timestamp.ts"
import { levelNumber } from "../event/level.ts"
import { markLevel } from "../event/mark.ts"
import { makeStreamKey, StreamIds } from "../event/stream-id.ts"
import { eventLimits } from "../limits.ts"
import { Notices } from "../log/notices.ts"
import type { LogIdentity } from "../pipeline/exporter.ts"
import { monotonicMsOf, timeOf } from "../pipeline/unref-clock.ts"

export interface SenderIdentityOptions {
  readonly app: string
  /** Instead of the host's environment. */
  readonly env?: LogIdentity["env"] | undefined
  /** Default: stderr. */
  readonly notice?: ((line: string) => void) | undefined
  readonly clock: Clock.Clock
}

export const senderIdentity = ({ app, clock, ...given }: SenderIdentityOptions): LogIdentity => {
  const { env = host.env, notice = host.notice } = given
  const notices = new Notices(app, notice, false, builtInKeys)
  const streamKey = makeStreamKey()
  const now = (): number => timeOf(clock)
  return {
    app,
    session: streamKey.slice(0, 8),
    streamKey,
    env,
    now,
    monotonicMs: () => monotonicMsOf(clock),
    notice: (text) => notices.tell(text),
    mark: markMaker(streamKey, now)
  }
}

const markMaker = (streamKey: string, now: () => number): LogIdentity["mark"] => {
  const out = new LineBytes(new Uint8Array(eventLimits.tailBytes), (bytesMin) => new Uint8Array(2 * bytesMin))
  const encoder = new LineEncoder(out, new StreamIds(streamKey), new Timestamps())
  return (kind, message, fields) => {
    const level = levelNumber[markLevel[kind]]
    out.begin(out.bytes, 0)
    encoder.encode({ time: now(), level, category: kind, message, fields: { ...fields }, seq: 0 })
    return out.bytes.slice(out.lineStart, out.position)
  }
}

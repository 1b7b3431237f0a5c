// Old lines once more, into any exporter: with the times, ids and trace ids that they have, so a store recognises
// repeats by their id. One batch is under way at a time, which is all the room that an exporter asks for. No log records
// or counts anything of it.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { host } from "#host"
import { isBlankLine } from "../encode/edited-bytes.ts"
import { LineBytes } from "../encode/line-bytes.ts"
import { LineEncoder } from "../encode/line-encoder.ts"
import { Timestamps } from "../encode/timestamp.ts"
import { type AuditEvent, decodeLine } from "../event/decode-line.ts"
import { levelNumber } from "../event/level.ts"
import { lineTime } from "../event/line-time.ts"
import { markLevel } from "../event/mark.ts"
import { makeStreamKey, StreamIds } from "../event/stream-id.ts"
import { eventLimits } from "../limits.ts"
import { Notices } from "../log/notices.ts"
import type { Exporter, LogIdentity } from "../pipeline/exporter.ts"
import { monotonicMsOf } from "../pipeline/unref-clock.ts"
import { Delivery } from "./replay-delivery.ts"
import { linesOf, type ReplaySource, type SourceLine } from "./replay-source.ts"

export interface ReplayOptions {
  /** Whose lines they are: OpenTelemetry's `service.name`, and the first part of each event's name. */
  readonly app: string
  /** Only what happened from then on, and before that: ms since 1970, or a Date. Lines without a time are in no range. */
  readonly from?: number | Date | undefined
  readonly to?: number | Date | undefined
  /** Lines a second at most. Default: as fast as the exporter takes them. */
  readonly rateMax?: number | undefined
  /** Counts what would be sent, and opens nothing. */
  readonly dryRun?: boolean | undefined
  /** Where an earlier replay of the same source ended. */
  readonly resume?: ReplayPosition | undefined
  /** Called after each batch. */
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined
  /** Ends the replay after the batch that is under way. */
  readonly signal?: AbortSignal | undefined
  /** Instead of the host's environment: what the exporter reads its settings from. */
  readonly env?: LogIdentity["env"] | undefined
  /** Gets what the people who run the replay should know, one line at a time. Default: stderr. */
  readonly notice?: ((line: string) => void) | undefined
  /** For tests. */
  readonly clock?: Clock.Clock | undefined
}

/** A place in a source: keep it, and a later replay goes on behind it. */
export interface ReplayPosition {
  /** Lines of the source that are settled: sent, refused, skipped, damaged or blank. */
  readonly lines: number
  /** The id of the last of them, "" when it has none: another source is noticed by it. */
  readonly id: string
}

export interface ReplayProgress {
  readonly position: ReplayPosition
  readonly sent: number
  /** For good, by the far side. */
  readonly refused: number
  /** No JSON objects, or longer than 1 MiB. They are not sent. */
  readonly damaged: number
  /** Outside of `from` … `to`, or not accepted by the exporter's filter. */
  readonly skipped: number
  /** Why the last attempt failed, when one did. */
  readonly lastError?: string
}

export interface ReplayResult extends ReplayProgress {
  /** The source was read to its end, and everything is settled. */
  readonly complete: boolean
}

/**
 * Sends the lines of a source. What may be tried again is tried until it succeeds or `signal` ends it, with a growing
 * wait up to 30 s; what is refused for good is halved until it stands alone, and counted. A notice says when trouble begins
 * and when it ends.
 *
 * Rejects with a TypeError for a `rateMax` that is not more than 0, with an Error when `resume` is no place in this source
 * or the environment switches the exporter off, and with whatever reading the source throws.
 */
export const replay = async (
  source: ReplaySource,
  exporter: Exporter,
  options: ReplayOptions
): Promise<ReplayResult> => {
  if (options.rateMax !== undefined && !(options.rateMax > 0)) {
    throw new TypeError('replay: option "rateMax" must be more than 0')
  }
  const run = new Replay(exporter, options)
  try {
    return await run.all(source)
  } finally {
    await run.close()
  }
}

class Replay {
  private readonly counts = { sent: 0, refused: 0, damaged: 0, skipped: 0 }
  /** The counts at `position`: a replay that resumes there counts what lies behind it. */
  private settled = { ...this.counts }
  private position: ReplayPosition = { lines: 0, id: "" }
  private waiting: Uint8Array[] = []
  private waitingBytes = 0
  private readonly clock: Clock.Clock
  private readonly delivery: Delivery
  private readonly startedMs: number
  private readonly exporter: Exporter
  private readonly options: ReplayOptions
  private readonly identity: LogIdentity

  constructor(exporter: Exporter, options: ReplayOptions) {
    this.exporter = exporter
    this.options = options
    this.clock = options.clock ?? Effect.runSync(Clock.clockWith(Effect.succeed))
    this.startedMs = this.clock.currentTimeMillisUnsafe()
    const { signal } = options
    this.identity = identityFor(options, this.clock)
    this.delivery = new Delivery(exporter, {
      identity: this.identity,
      clock: this.clock,
      signal
    })
  }

  async all(source: ReplaySource): Promise<ReplayResult> {
    const { resume, signal, dryRun } = this.options
    if (dryRun !== true && this.exporter.isOn?.(this.identity) === false)
      throw switchedOff(this.exporter.name)
    let read: ReplayPosition = { lines: 0, id: "" }
    for await (const line of linesOf(source)) {
      if (signal?.aborted === true) return this.result(false)
      const decoded = line === undefined || isBlankLine(line) ? undefined : decodeLine(line)
      const event = decoded === undefined || "damage" in decoded ? undefined : decoded
      read = { lines: read.lines + 1, id: event?.head.id ?? "" }
      if (resume !== undefined && read.lines <= resume.lines) {
        if (read.lines === resume.lines && read.id !== resume.id) throw elsewhere()
        this.position = read
        continue
      }
      this.takeIn(line, event)
      if (this.isFull && !(await this.deliver(read))) return this.result(false)
    }
    if (resume !== undefined && read.lines < resume.lines) throw elsewhere()
    return this.result(await this.deliver(read))
  }

  close(): Promise<void> {
    return this.delivery.close()
  }

  private takeIn(line: SourceLine, event: AuditEvent | undefined): void {
    if (line !== undefined && isBlankLine(line)) return
    if (line === undefined || event === undefined) this.counts.damaged += 1
    else if (!this.isWanted(event)) this.counts.skipped += 1
    else {
      this.waiting.push(line)
      this.waitingBytes += line.length
    }
  }

  private isWanted({ kind, head }: AuditEvent): boolean {
    const { from, to } = this.options
    const time = lineTime(head.ts)
    if (from !== undefined && !(time >= Number(from))) return false
    if (to !== undefined && !(time < Number(to))) return false
    if (kind !== "event" || head.category === "session") return true
    const { level, category, session, seq = 0 } = head
    return this.exporter.accepts?.({ time, level, category, session, seq }) ?? true
  }

  // A second's worth of a rate is a batch at most, so that no far side gets a burst.
  private get isFull(): boolean {
    const { batchEventsMax, batchBytesMax } = this.exporter.queue
    const linesMax = Math.min(batchEventsMax, Math.ceil(this.options.rateMax ?? batchEventsMax))
    return this.waiting.length >= linesMax || this.waitingBytes >= batchBytesMax
  }

  /** False when it was ended before all that waits was settled. */
  private async deliver(read: ReplayPosition): Promise<boolean> {
    const lines = this.waiting
    this.waiting = []
    this.waitingBytes = 0
    if (this.options.dryRun === true) this.counts.sent += lines.length
    else if (lines.length > 0) {
      if (!(await this.keepRate(lines.length))) return false
      const delivered = await this.delivery.send(lines)
      if (delivered === undefined) return false
      this.counts.sent += delivered.sent
      this.counts.refused += delivered.refused
    }
    this.position = read
    this.settled = { ...this.counts }
    this.options.onProgress?.(this.progress)
    return true
  }

  /** Waits until these lines are due: by the average since the start, so that a slow far side is no debt. */
  private async keepRate(lines: number): Promise<boolean> {
    const { rateMax } = this.options
    if (rateMax === undefined) return true
    const done = this.counts.sent + this.counts.refused
    const dueMs = this.startedMs + (1000 * (done + lines)) / rateMax
    const leftMs = dueMs - this.clock.currentTimeMillisUnsafe()
    return leftMs <= 0 || (await this.delivery.pause(leftMs))
  }

  private get progress(): ReplayProgress {
    const { lastError } = this.delivery
    return { position: this.position, ...this.settled, ...(lastError === undefined ? {} : { lastError }) }
  }

  private result(complete: boolean): ReplayResult {
    return { complete, ...this.progress }
  }
}

const switchedOff = (name: string): Error =>
  new Error(`Cannot replay: the environment switches "${name}" off; give another one as the option "env"`)

const elsewhere = (): Error => new Error("Cannot resume a replay: the position is not in this source")

// What is sent has its own ids and session; this is who asks for it. What an exporter says about itself, such as which
// files it has deleted, stands under a session of the replay's own.
const identityFor = (options: ReplayOptions, clock: Clock.Clock): LogIdentity => {
  const { app, env = host.env, notice = host.notice } = options
  const notices = new Notices(app, notice, false)
  const streamKey = makeStreamKey()
  const now = (): number => clock.currentTimeMillisUnsafe()
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

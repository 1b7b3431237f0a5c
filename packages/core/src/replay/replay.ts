// Old lines once more, into any exporter: with the times, ids and trace ids that they have, so a store recognises
// repeats by their id. One batch is under way at a time, which is all the room that an exporter asks for. No log records
// or counts anything of it.
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { isBlankLine } from "../encode/edited-bytes.ts"
import { type AuditEvent, decodeLine } from "../event/decode-line.ts"
import { lineTime } from "../event/line-time.ts"
import { writerLimits } from "../limits.ts"
import { checkOptions, type OptionRules, optionRule } from "../option-rules.ts"
import { acceptsLine, isOn } from "../pipeline/accepts.ts"
import { batchOf, type DecodedLine } from "../pipeline/batch.ts"
import type { Exporter, LogIdentity } from "../pipeline/exporter.ts"
import { monotonicMsOf } from "../pipeline/unref-clock.ts"
import type { Settled } from "./feed.ts"
import { senderIdentity } from "./identity.ts"
import { LineIds } from "./line-ids.ts"
import { linesOf, type ReplaySource } from "./replay-source.ts"
import { Sender } from "./sender.ts"

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
  /** Gets lines that the far end refused for good, as they are, and why. Called before the position moves behind them. */
  readonly onRefused?: ((lines: Uint8Array, reason: string) => void) | undefined
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
  /** Bytes of the source whose lines are settled: sent, refused, skipped, damaged or blank. Lines of text have a newline. */
  readonly bytes: number
  /** The same in lines, for people. */
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

const rules: OptionRules = {
  app: optionRule.text("datatools"),
  from: { mustBe: "a Date, or ms since 1970", isRight: isMoment },
  to: { mustBe: "a Date, or ms since 1970", isRight: isMoment },
  rateMax: { mustBe: "more than 0", isRight: (value) => typeof value === "number" && value > 0 },
  dryRun: optionRule.flag,
  resume: {
    mustBe: "the position of an earlier replay, such as { bytes: 4096, lines: 12, id }",
    isRight: isPosition
  },
  onProgress: optionRule.callable,
  onRefused: optionRule.callable,
  signal: optionRule.object("an AbortSignal"),
  env: optionRule.object("an object such as process.env"),
  notice: optionRule.callable,
  clock: optionRule.object("a Clock of Effect")
}

function isMoment(value: unknown): boolean {
  return Number.isFinite(value instanceof Date ? value.getTime() : value)
}

function isPosition(value: unknown): boolean {
  const { bytes, id } = (value ?? {}) as Partial<ReplayPosition>
  return typeof bytes === "number" && bytes >= 0 && typeof id === "string"
}

/**
 * Sends the lines of a source. What may be tried again is tried until it succeeds or `signal` ends it, with a growing
 * wait up to 30 s; what is refused for good is halved until it stands alone, and counted. A notice says when trouble begins
 * and when it ends. A line without an id gets one from its bytes, the same each time that its source is sent from the front.
 *
 * Rejects with a TypeError for an option that is unknown or wrong, with an Error when `resume` is no place in this source
 * or the environment switches the exporter off, and with whatever reading the source, `onProgress` or `onRefused` throws.
 */
export const replay = async (
  source: ReplaySource,
  exporter: Exporter,
  options: ReplayOptions
): Promise<ReplayResult> => {
  checkOptions("replay", options, rules)
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
  private position: ReplayPosition = { bytes: 0, lines: 0, id: "" }
  private waiting: DecodedLine[] = []
  private waitingBytes = 0
  private readonly ids = new LineIds()
  private readonly clock: Clock.Clock
  private readonly sender: Sender
  private readonly startedMs: number
  private readonly exporter: Exporter
  private readonly options: ReplayOptions
  private readonly identity: LogIdentity
  /** Resolves when the replay was ended from outside. */
  private readonly aborted: Promise<false>
  private ignoreSignal: () => void = () => undefined

  constructor(exporter: Exporter, options: ReplayOptions) {
    this.exporter = exporter
    this.options = options
    this.clock = options.clock ?? Effect.runSync(Clock.clockWith(Effect.succeed))
    this.startedMs = monotonicMsOf(this.clock)
    this.identity = senderIdentity({ ...options, clock: this.clock })
    this.sender = new Sender(exporter, { identity: this.identity, clock: this.clock, random: noJitter })
    const { signal } = options
    this.aborted = new Promise((resolve) => {
      const end = (): void => resolve(false)
      if (signal?.aborted === true) end()
      signal?.addEventListener("abort", end)
      this.ignoreSignal = () => signal?.removeEventListener("abort", end)
    })
  }

  async all(source: ReplaySource): Promise<ReplayResult> {
    const { resume, signal, dryRun } = this.options
    if (dryRun !== true && !isOn(this.exporter, this.identity)) throw switchedOff(this.exporter.name)
    let read: ReplayPosition = { bytes: 0, lines: 0, id: "" }
    for await (const { bytes, end } of linesOf(source)) {
      if (signal?.aborted === true) return this.result(false)
      const line = bytes === undefined ? undefined : await this.decoded(bytes)
      read = { bytes: end, lines: read.lines + 1, id: line?.event.head.id ?? "" }
      if (resume !== undefined && end <= resume.bytes) {
        if (end === resume.bytes && read.id !== resume.id) throw elsewhere()
        this.position = read
        continue
      }
      if (resume !== undefined && this.position.bytes < resume.bytes) throw elsewhere()
      this.takeIn(bytes, line)
      if (this.isFull && !(await this.deliver(read))) return this.result(false)
    }
    if (resume !== undefined && read.bytes < resume.bytes) throw elsewhere()
    return this.result(await this.deliver(read))
  }

  async close(): Promise<void> {
    this.ignoreSignal()
    await this.sender.close(writerLimits.exportTimeoutMs)
  }

  private async decoded(bytes: Uint8Array): Promise<DecodedLine | undefined> {
    const event = isBlankLine(bytes) ? undefined : decodeLine(bytes)
    if (event === undefined || "damage" in event) return undefined
    return this.ids.named({ bytes, start: 0, end: bytes.length, event })
  }

  private takeIn(bytes: Uint8Array | undefined, line: DecodedLine | undefined): void {
    if (bytes !== undefined && isBlankLine(bytes)) return
    if (line === undefined) this.counts.damaged += 1
    else if (!this.isWanted(line.event)) this.counts.skipped += 1
    else {
      this.waiting.push(line)
      this.waitingBytes += line.end - line.start
    }
  }

  private isWanted(event: AuditEvent): boolean {
    const { from, to } = this.options
    const time = lineTime(event.head.ts)
    if (from !== undefined && !(time >= Number(from))) return false
    if (to !== undefined && !(time < Number(to))) return false
    return acceptsLine(this.exporter, event)
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
      if (!(await this.send(lines))) return false
    }
    this.position = read
    this.settled = { ...this.counts }
    this.options.onProgress?.(this.progress)
    return true
  }

  private async send(lines: readonly DecodedLine[]): Promise<boolean> {
    const batch = batchOf(lines)
    let from = 0
    let fail: (error: unknown) => void = () => undefined
    const failed = new Promise<never>((_, reject) => {
      fail = reject
    })
    const settle = ({ lines: count, refused, reason }: Settled): void => {
      this.counts.sent += count - refused
      this.counts.refused += refused
      try {
        if (refused > 0) this.options.onRefused?.(batch.bytes(from, from + count), reason ?? "")
      } catch (error) {
        // What could not be kept ends the replay, not the writer that says so.
        fail(error)
      }
      from += count
    }
    return Promise.race([failed, this.sender.send(batch, settle), this.aborted])
  }

  /** Waits until these lines are due: by the average since the start, so that a slow far side is no debt. */
  private async keepRate(lines: number): Promise<boolean> {
    const { rateMax, signal } = this.options
    if (rateMax === undefined) return true
    const done = this.counts.sent + this.counts.refused
    const dueMs = this.startedMs + (1000 * (done + lines)) / rateMax
    const leftMs = dueMs - monotonicMsOf(this.clock)
    if (!(leftMs > 0)) return true
    await Effect.runPromiseExit(this.clock.sleep(Duration.millis(leftMs)), { signal })
    return signal?.aborted !== true
  }

  private get progress(): ReplayProgress {
    const { lastError } = this.sender
    return { position: this.position, ...this.settled, ...(lastError === undefined ? {} : { lastError }) }
  }

  private result(complete: boolean): ReplayResult {
    return { complete, ...this.progress }
  }
}

/** One replay is no crowd: its waits need not differ from others'. */
const noJitter = (): number => 0.5

const switchedOff = (name: string): Error =>
  new Error(`Cannot replay: the environment switches "${name}" off; give another one as the option "env"`)

const elsewhere = (): Error => new Error("Cannot resume a replay: the position is not in this source")

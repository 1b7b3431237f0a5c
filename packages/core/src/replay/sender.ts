// Batches of old lines into an exporter, by the same writer that a log has: opened once, kept open, tried again as long as
// that helps, halved where a part is refused. Which lines come, and what is kept of the settled ones, is decided by who sends.
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { host } from "#host"
import { builtInKeys } from "../encode/keys.ts"
import { type Fibers, makeFibers } from "../log/fibers.ts"
import type { Backoff } from "../pipeline/backoff.ts"
import type { Batch } from "../pipeline/batch.ts"
import type { Exporter, LogIdentity } from "../pipeline/exporter.ts"
import type { ExporterState } from "../pipeline/health.ts"
import { makeUnrefClock } from "../pipeline/unref-clock.ts"
import { Writer } from "../pipeline/writer.ts"
import { Feed, type FeedOptions, type Settled } from "./feed.ts"

/** The host's time. Its timers never keep a process alive. */
export const unrefClock: Clock.Clock = makeUnrefClock(host.unref)

export interface SenderOptions extends FeedOptions {
  /** Who sends. */
  readonly identity: LogIdentity
  readonly clock: Clock.Clock
  /** Default: as of a log's writer, 100 ms to 30 s. */
  readonly backoff?: Backoff | undefined
  /** Lines of a batch that are refused one by one; when there are more, the rest is refused at once. Default 64. */
  readonly refusalsMax?: number | undefined
  /** 0 ≤ x < 1, for the jitter of the backoff. Default: chance. */
  readonly random?: (() => number) | undefined
  /** The state is another; `isNews` when trouble began, changed or ended. */
  onChange?(isNews: boolean): void
}

/** Sends one batch after another. */
export class Sender {
  private readonly feed: Feed
  private readonly writer: Writer
  private readonly fibers: Fibers
  private stop: () => void = () => undefined
  private isClosed = false
  private readonly onClosed: (() => void)[] = []

  constructor(exporter: Exporter, options: SenderOptions) {
    const { identity, clock, backoff, refusalsMax, random = Math.random, onChange } = options
    this.feed = new Feed(options)
    this.fibers = makeFibers(clock, host.nextTurn)
    this.writer = new Writer(exporter, this.feed, {
      identity,
      names: builtInKeys,
      backoff,
      refusalsMax,
      gapMark: () => {
        throw new Error("a feed has no holes")
      },
      fork: (effect) => {
        this.stop = this.fibers.fork(
          Effect.ensuring(
            effect,
            Effect.sync(() => this.closed())
          )
        )
      },
      nextTurn: host.nextTurn,
      settle: () => undefined,
      random,
      onChange: (isNews) => onChange?.(isNews)
    })
  }

  get state(): ExporterState {
    return this.writer.state
  }

  /** Why the last attempt failed, when one did. */
  get lastError(): string | undefined {
    return this.writer.health.lastError
  }

  /** When the next attempt begins, in the clock's ms since 1970, while a failure is waited out. */
  get nextAttemptAt(): number | undefined {
    return this.writer.nextAttemptAt
  }

  /** The time of the oldest line that is not settled, in ms since 1970. */
  get oldestTime(): number | undefined {
    return this.writer.oldestTime
  }

  /**
   * Sends a batch, however often it takes. Resolves when all its lines are settled, and with false when the sender was closed
   * before. `settle` is called for its lines in order. One at a time.
   */
  send(batch: Batch, settle: (settled: Settled) => void): Promise<boolean> {
    if (this.isClosed) return Promise.resolve(false)
    return new Promise((resolve) => {
      let left = batch.count
      this.onClosed.push(() => resolve(left === 0))
      this.feed.offer(batch, (settled) => {
        left -= settled.lines
        settle(settled)
        if (left > 0) return
        this.onClosed.length = 0
        resolve(true)
      })
      this.writer.wake()
    })
  }

  /** One attempt now, whatever the backoff says. Calls back when all that was given is settled, or the attempt has failed. */
  flush(done: (complete: boolean) => void): () => void {
    if (this.isClosed) {
      done(false)
      return () => undefined
    }
    return this.writer.flush(done)
  }

  /**
   * Lets the exporter finish and releases it. What was not sent by then is given up, without being settled; so is an exporter
   * that has not finished after so many ms.
   */
  async close(limitMs: number): Promise<void> {
    if (this.isClosed) return
    this.writer.close()
    const ended = Effect.callback<void>((resume) => this.writer.whenEnded(() => resume(Effect.void)))
    const isIdle = !this.writer.hasWork
    const inTime = isIdle ? await this.fibers.run(Effect.timeoutOption(ended, limitMs)) : Option.none()
    if (Option.isNone(inTime)) this.stop()
    this.closed()
  }

  private closed(): void {
    this.isClosed = true
    for (const done of this.onClosed.splice(0)) done()
  }
}

// The time limits of many short waits on few timers: one for all waits of the same length, whose limits end in the order
// in which they began. Most waits end long before, and cost an entry in a set.
import * as Effect from "effect/Effect"
import { writerLimits } from "../limits.ts"
import { type NextTurn, Signal } from "../pipeline/signal.ts"

interface Limit {
  /** On the monotonic clock. */
  readonly endsAtMs: number
  readonly onEnd: () => void
}

/** Limits of one length, oldest first, and the fiber that sleeps for them. */
interface Watched {
  readonly limits: Set<Limit>
  /** Poked when the last wait of this length ended and too many other lengths are watched. */
  readonly unwatched: Signal
}

export class TimeLimits {
  /** By their length in ms. */
  private readonly byLength = new Map<number, Watched>()
  private readonly fork: (effect: Effect.Effect<void>) => void
  private readonly nextTurn: NextTurn
  private readonly monotonicMs: () => number

  /** `fork` starts a fiber on the log's clock, `monotonicMs` asks that clock; NaN when it fails. */
  constructor(fork: (effect: Effect.Effect<void>) => void, nextTurn: NextTurn, monotonicMs: () => number) {
    this.fork = fork
    this.nextTurn = nextTurn
    this.monotonicMs = monotonicMs
  }

  /** Lengths for which a fiber sleeps. */
  get lengths(): number {
    return this.byLength.size
  }

  /** Calls back when so many ms are over, unless it is ended before. Returns how to end it. */
  begin(lengthMs: number, onEnd: () => void): () => void {
    const limit = { endsAtMs: this.monotonicMs() + lengthMs, onEnd }
    const watched = this.byLength.get(lengthMs) ?? {
      limits: new Set<Limit>(),
      unwatched: new Signal(this.nextTurn)
    }
    watched.limits.add(limit)
    if (!this.byLength.has(lengthMs)) this.watch(lengthMs, watched)
    return () => {
      if (!watched.limits.delete(limit) || watched.limits.size > 0) return
      // The next wait is likely to have the same length. A program that counts down to a deadline has ever new ones.
      if (this.byLength.size <= writerLimits.watchedLengthsMax) return
      this.unwatch(lengthMs, watched)
    }
  }

  private watch(lengthMs: number, watched: Watched): void {
    this.fork(this.sleepFor(lengthMs, watched))
    this.byLength.set(lengthMs, watched)
  }

  private unwatch(lengthMs: number, watched: Watched): void {
    if (this.byLength.get(lengthMs) === watched) this.byLength.delete(lengthMs)
    watched.unwatched.poke()
  }

  // Sleeps from one limit to the next. Without a clock the rest is unknown: then all end with the oldest.
  private sleepFor(lengthMs: number, watched: Watched): Effect.Effect<void> {
    const { limits, unwatched } = watched
    const isUnwatched = (): boolean => this.byLength.get(lengthMs) !== watched
    return Effect.suspend(() => {
      const [oldest] = limits
      if (oldest === undefined) {
        this.unwatch(lengthMs, watched)
        return Effect.void
      }
      const leftMs = oldest.endsAtMs - this.monotonicMs()
      const sleep = Effect.sleep(Number.isNaN(leftMs) ? lengthMs : Math.max(0, leftMs))
      return Effect.andThen(Effect.raceFirst(sleep, unwatched.wait(isUnwatched)), () => {
        const nowMs = this.monotonicMs()
        for (const limit of limits) {
          if (limit.endsAtMs > nowMs) break
          limits.delete(limit)
          limit.onEnd()
        }
        return this.sleepFor(lengthMs, watched)
      })
    })
  }
}

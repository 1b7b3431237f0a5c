// The time limits of many short waits on few timers: one for all waits of the same length, whose limits end in the order
// in which they began. Most waits end long before, and cost an entry in a set.
import * as Effect from "effect/Effect"

interface Limit {
  /** On the monotonic clock. */
  readonly endsAtMs: number
  readonly onEnd: () => void
}

export class TimeLimits {
  /** By their length in ms, oldest first; a length is here as long as a fiber sleeps for it. */
  private readonly byLength = new Map<number, Set<Limit>>()
  private readonly fork: (effect: Effect.Effect<void>) => void
  private readonly monotonicMs: () => number

  /** `fork` starts a fiber on the log's clock, `monotonicMs` asks that clock; NaN when it fails. */
  constructor(fork: (effect: Effect.Effect<void>) => void, monotonicMs: () => number) {
    this.fork = fork
    this.monotonicMs = monotonicMs
  }

  /** Calls back when so many ms are over, unless it is ended before. Returns how to end it. */
  begin(lengthMs: number, onEnd: () => void): () => void {
    const limit = { endsAtMs: this.monotonicMs() + lengthMs, onEnd }
    const known = this.byLength.get(lengthMs)
    if (known !== undefined) known.add(limit)
    else {
      this.byLength.set(lengthMs, new Set([limit]))
      this.fork(this.watch(lengthMs))
    }
    return () => void this.byLength.get(lengthMs)?.delete(limit)
  }

  // Sleeps from one limit to the next. Without a clock nobody knows how much is left: then all end with the oldest.
  private watch(lengthMs: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const limits = this.byLength.get(lengthMs) ?? new Set()
      const [oldest] = limits
      if (oldest === undefined) {
        this.byLength.delete(lengthMs)
        return Effect.void
      }
      const leftMs = oldest.endsAtMs - this.monotonicMs()
      const sleep = Effect.sleep(Number.isNaN(leftMs) ? lengthMs : Math.max(0, leftMs))
      return Effect.andThen(sleep, () => {
        const nowMs = this.monotonicMs()
        for (const limit of limits) {
          if (limit.endsAtMs > nowMs) break
          limits.delete(limit)
          limit.onEnd()
        }
        return this.watch(lengthMs)
      })
    })
  }
}

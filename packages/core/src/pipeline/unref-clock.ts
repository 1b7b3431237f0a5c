// The clock that the pipeline runs on: its timers never keep a process alive. All of Effect's timers (sleep, timeout,
// backoff) go through the `Clock` service, so this one file is enough.
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

// Taken now: a test with fake timers replaces them, and our fibers must go on. The date is asked anew, so that a fake one
// stands on the line.
const { setTimeout, clearTimeout } = globalThis
const monotonicNow = performance.now.bind(performance)

/** Longer delays overflow a timer's 32 bits and would fire at once. */
const timerMsMax = 2 ** 31 - 1

/** A clock's time in ms since 1970; NaN when it fails, which writes an empty `ts`. */
export const timeOf = (clock: Clock.Clock): number => {
  try {
    return clock.currentTimeMillisUnsafe()
  } catch {
    return Number.NaN
  }
}

const nanosPerMs = 1e6

/** A clock's monotonic time in ms; NaN when it fails. */
export const monotonicMsOf = (clock: Clock.Clock): number => {
  try {
    return Number(clock.monotonicTimeNanosUnsafe()) / nanosPerMs
  } catch {
    return Number.NaN
  }
}

/** A clock on the host's time. `unref` lets a process end while the timer runs. */
export const makeUnrefClock = (unref: (timer: unknown) => void): Clock.Clock => {
  const sleepMs = (ms: number): Effect.Effect<void> => {
    if (ms <= 0) return Effect.yieldNow
    if (ms === Number.POSITIVE_INFINITY) return Effect.never
    return Effect.callback((resume) => {
      const rest = ms > timerMsMax ? sleepMs(ms - timerMsMax) : Effect.void
      const timer = setTimeout(() => resume(rest), Math.min(ms, timerMsMax))
      unref(timer)
      return Effect.sync(() => clearTimeout(timer))
    })
  }
  const nanos = (ms: number): bigint => BigInt(Math.round(ms * nanosPerMs))
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => Date.now(),
    currentTimeMillis: Effect.sync(() => Date.now()),
    currentTimeNanosUnsafe: () => nanos(Date.now()),
    currentTimeNanos: Effect.sync(() => nanos(Date.now())),
    monotonicTimeNanosUnsafe: () => nanos(monotonicNow()),
    monotonicTimeNanos: Effect.sync(() => nanos(monotonicNow())),
    sleep: (duration) => sleepMs(Duration.toMillis(duration))
  }
  return clock
}

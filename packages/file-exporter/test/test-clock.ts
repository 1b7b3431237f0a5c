// A clock for logs under test: it shows what it is told, and its timers are the host's. Without a test library inside,
// because child processes use it too.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

export interface TestClock extends Clock.Clock {
  /** Milliseconds since 1970. */
  now: number
}

export const clockAt = (now: number): TestClock => {
  const host = Effect.runSync(Clock.clockWith(Effect.succeed))
  const nanos = (): bigint => BigInt(clock.now) * 1_000_000n
  const clock: TestClock = {
    now,
    currentTimeMillisUnsafe: () => clock.now,
    currentTimeMillis: Effect.sync(() => clock.now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => host.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: host.monotonicTimeNanos,
    sleep: (duration) => host.sleep(duration)
  }
  return clock
}

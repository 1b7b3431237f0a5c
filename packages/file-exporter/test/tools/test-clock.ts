// Clocks for logs under test: one that shows what it is told, with the host's timers, and one whose timers wait for the
// test as well. Without a test library inside, because child processes use them too.
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
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

export interface HeldClock extends TestClock {
  /** Resolves when so many fibers sleep. */
  asleep(count: number): Promise<void>
  /** Moves the time, and wakes who has slept long enough, in order. Whoever sleeps again sleeps from the new time. */
  advance(ms: number): void
}

/** A clock that moves only in `advance`. */
export const heldClockAt = (now: number): HeldClock => {
  const sleepers: { readonly at: number; readonly wake: () => void }[] = []
  let look = (): void => undefined
  const sleep = (duration: Duration.Duration): Effect.Effect<void> =>
    Effect.callback((resume) => {
      const sleeper = { at: clock.now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
      sleepers.push(sleeper)
      look()
      return Effect.sync(() => void sleepers.splice(sleepers.indexOf(sleeper), 1))
    })
  const nanos = (): bigint => BigInt(clock.now) * 1_000_000n
  const clock: HeldClock = Object.assign(clockAt(now), {
    sleep,
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    asleep: (count: number) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (sleepers.length >= count) resolve()
        }
        look()
      }),
    advance: (ms: number) => {
      clock.now += ms
      const due = sleepers.filter(({ at }) => at <= clock.now).sort((one, other) => one.at - other.at)
      for (const sleeper of due) {
        sleepers.splice(sleepers.indexOf(sleeper), 1)
        sleeper.wake()
      }
    }
  })
  return clock
}

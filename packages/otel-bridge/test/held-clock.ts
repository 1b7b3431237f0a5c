// A clock that moves only in `advance`, for logs under test: a test of a wait takes no time.
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

export interface HeldClock extends Clock.Clock {
  /** Milliseconds since 1970. */
  now: number
  /** Moves the time, and wakes all sleepers that are due, in order. */
  advance(ms: number): void
  /** Resolves when there is a sleeper for this long, or longer, and `isSo`. */
  asleepFor(ms: number, isSo?: () => boolean): Promise<void>
  /** How long each sleeper still sleeps, longest first. */
  readonly sleeping: readonly number[]
}

export const heldClock = (now = Date.parse("2026-11-22T09:00:00Z")): HeldClock => {
  const sleepers: { readonly at: number; readonly wake: () => void }[] = []
  const looks = new Set<() => void>()
  const nanos = (): bigint => BigInt(Math.round(clock.now)) * 1_000_000n
  const clock: HeldClock = {
    now,
    currentTimeMillisUnsafe: () => clock.now,
    currentTimeMillis: Effect.sync(() => clock.now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.callback((resume) => {
        const sleeper = { at: clock.now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
        sleepers.push(sleeper)
        for (const look of [...looks]) look()
        return Effect.sync(() => void sleepers.splice(sleepers.indexOf(sleeper), 1))
      }),
    get sleeping() {
      return sleepers.map(({ at }) => at - clock.now).sort((one, other) => other - one)
    },
    asleepFor: (ms, isSo = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!clock.sleeping.some((left) => left >= ms) || !isSo()) return
          looks.delete(look)
          resolve()
        }
        looks.add(look)
        look()
      }),
    advance: (ms) => {
      clock.now += ms
      const due = sleepers.filter(({ at }) => at <= clock.now).sort((one, other) => one.at - other.at)
      for (const sleeper of due) {
        sleepers.splice(sleepers.indexOf(sleeper), 1)
        sleeper.wake()
      }
    }
  }
  return clock
}

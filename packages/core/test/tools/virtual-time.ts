// Time and turns in a test's own hands: a clock that moves only when told, and an event loop whose turns run when asked.
// With both, a program of random steps takes the same course each time, and "nothing is left to run" is a fact and not
// a guess. Fibers take their turns through the host, so that is what is held here.
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { vi } from "vitest"
import { host } from "#host"

const { nextTurn } = host

const startMs = Date.UTC(2026, 10, 22, 9)
/** Turns that nothing but a loop without end would need. */
const turnsMax = 100_000

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** One program's time. `hold` it before anything runs, `release` it in the end. */
export class VirtualTime {
  /** Milliseconds since 1970. */
  now = startMs
  readonly clock: Clock.Clock = this.makeClock()
  private due: { run: (() => void) | undefined }[] = []
  private readonly sleepers: Sleeper[] = []

  /** From now on fibers run only in `settle`, `turn` and `advance`, and chance is `random`. */
  hold(random: () => number): void {
    vi.spyOn(Math, "random").mockImplementation(random)
    vi.spyOn(host, "nextTurn").mockImplementation((run) => {
      const task: { run: (() => void) | undefined } = { run }
      this.due.push(task)
      return () => {
        task.run = undefined
      }
    })
  }

  release(): void {
    vi.restoreAllMocks()
  }

  /** One turn of the loop: what is due now runs, then promises answer. False when nothing was due. */
  async turn(): Promise<boolean> {
    const tasks = this.due
    this.due = []
    for (const task of tasks) task.run?.()
    await new Promise<void>((resolve) => void nextTurn(resolve))
    return tasks.length > 0
  }

  /** Turns until nothing is left to run without the clock. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < turnsMax; turns++) {
      const hasRun = await this.turn()
      if (!hasRun && this.due.length === 0) return
    }
    throw new Error("the program never settles")
  }

  /** Moves the clock, and lets everything run that becomes due on the way, in its order. */
  async advance(ms: number): Promise<void> {
    const target = this.now + ms
    await this.settle()
    for (;;) {
      const next = this.nextSleeper(target)
      if (next === undefined) break
      this.now = next.at
      remove(this.sleepers, next)
      next.wake()
      await this.settle()
    }
    this.now = target
  }

  private nextSleeper(target: number): Sleeper | undefined {
    let next: Sleeper | undefined
    for (const sleeper of this.sleepers)
      if (sleeper.at <= target && (next === undefined || sleeper.at < next.at)) next = sleeper
    return next
  }

  private makeClock(): Clock.Clock {
    const nanos = (): bigint => BigInt(Math.round(this.now)) * 1_000_000n
    // Small, as a monotonic clock's are: since 1970, a number would not hold the nanoseconds exactly.
    const monotonicNanos = (): bigint => nanos() - BigInt(startMs) * 1_000_000n
    return {
      currentTimeMillisUnsafe: () => this.now,
      currentTimeMillis: Effect.sync(() => this.now),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: monotonicNanos,
      monotonicTimeNanos: Effect.sync(monotonicNanos),
      sleep: (duration) => this.sleep(Duration.toMillis(duration))
    }
  }

  private sleep(ms: number): Effect.Effect<void> {
    if (ms <= 0) return Effect.yieldNow
    if (ms === Number.POSITIVE_INFINITY) return Effect.never
    return Effect.callback((resume) => {
      const sleeper = { at: this.now + Math.ceil(ms), wake: () => resume(Effect.void) }
      this.sleepers.push(sleeper)
      return Effect.sync(() => remove(this.sleepers, sleeper))
    })
  }
}

const remove = <Item>(items: Item[], item: Item): void => {
  const at = items.indexOf(item)
  if (at !== -1) items.splice(at, 1)
}

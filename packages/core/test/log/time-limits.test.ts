// Many time limits on few timers: each ends at its own time and not before, ended ones never, and nothing sleeps when
// nobody waits. On a clock that the test moves.
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { writerLimits } from "../../src/limits.ts"
import { TimeLimits } from "../../src/log/time-limits.ts"
import { monotonicMsOf } from "../../src/pipeline/unref-clock.ts"
import { settle } from "../tools/eventually.ts"

/** Limits on the test clock, what ended in its order, and how many fibers were started. */
const makeBench = (monotonicMs?: () => number) =>
  Effect.map(Clock.clockWith(Effect.succeed), (clock) => {
    const ended: string[] = []
    let forks = 0
    const limits = new TimeLimits(
      (effect) => {
        forks += 1
        setImmediate(() => Effect.runFork(Effect.provideService(effect, Clock.Clock, clock)))
      },
      setImmediate,
      monotonicMs ?? (() => monotonicMsOf(clock))
    )
    const begin = (name: string, ms: number) => limits.begin(ms, () => void ended.push(name))
    return { ended, begin, forks: () => forks, limits }
  })

describe("time limits", () => {
  it.effect("end when their time is over, and not a moment before", () =>
    Effect.gen(function* () {
      const { begin, ended } = yield* makeBench()
      begin("a", 100)
      yield* TestClock.adjust(40)
      begin("b", 100)
      begin("c", 30)
      yield* TestClock.adjust(29)
      yield* settle
      expect(ended).toEqual([])
      yield* TestClock.adjust(1)
      yield* settle
      expect(ended).toEqual(["c"])
      yield* TestClock.adjust(30)
      yield* settle
      expect(ended).toEqual(["c", "a"])
      yield* TestClock.adjust(40)
      yield* settle
      expect(ended).toEqual(["c", "a", "b"])
    })
  )

  it.effect("that were ended never end, and share one fiber with the others of their length", () =>
    Effect.gen(function* () {
      const { begin, ended, forks } = yield* makeBench()
      const ends = Array.from({ length: 100 }, (_, number) => begin(String(number), 50))
      for (const [number, end] of ends.entries()) if (number !== 70) end()
      yield* TestClock.adjust(50)
      yield* settle
      expect(ended).toEqual(["70"])
      expect(forks()).toBe(1)
      begin("again", 50)
      yield* settle
      expect(forks()).toBe(2)
      yield* TestClock.adjust(50)
      yield* settle
      expect(ended).toEqual(["70", "again"])
    })
  )

  it.effect("of ever new lengths keep no more timers than a few, once they were ended", () =>
    Effect.gen(function* () {
      const { begin, ended, limits } = yield* makeBench()
      const ends = Array.from({ length: 1_000 }, (_, number) => begin(String(number), 3_600_000 - number))
      yield* settle
      expect(limits.lengths).toBe(1_000)
      for (const end of ends) end()
      yield* settle
      expect(limits.lengths).toBe(writerLimits.watchedLengthsMax)
      begin("last", 10)
      yield* TestClock.adjust(10)
      yield* settle
      expect(ended).toEqual(["last"])
    })
  )

  it.effect("end after their length where the clock fails", () =>
    Effect.gen(function* () {
      const { begin, ended } = yield* makeBench(() => Number.NaN)
      begin("a", 50)
      yield* TestClock.adjust(49)
      yield* settle
      expect(ended).toEqual([])
      yield* TestClock.adjust(1)
      yield* settle
      expect(ended).toEqual(["a"])
    })
  )
})

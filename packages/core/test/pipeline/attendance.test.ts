// How a writer's work is done where nothing outlives a request: in the fiber of whoever waits, one at a time, and past a
// request that died. On a test clock, with dead requests made of a clock on which nothing ever happens; the real ones are
// in conformance/, on workerd.
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { builtInKeys } from "../../src/encode/keys.ts"
import { makeStreamKey } from "../../src/event/stream-id.ts"
import { writerLimits } from "../../src/limits.ts"
import { EventRecorder } from "../../src/log/recorder.ts"
import type { Batch } from "../../src/pipeline/batch.ts"
import type { Exporter } from "../../src/pipeline/exporter.ts"
import { Pipeline } from "../../src/pipeline/pipeline.ts"
import { makeUnrefClock } from "../../src/pipeline/unref-clock.ts"
import { memoryExporter } from "../../src/testing/index.ts"
import { eventually, settle } from "../tools/eventually.ts"

/** A pipeline of a host that is bound to requests. Starting a fiber of its own would be a failed test. */
const makeBench = (exporter: Exporter) => {
  const streamKey = makeStreamKey()
  const notices: string[] = []
  const pipeline: Pipeline = new Pipeline(
    [exporter],
    {
      names: builtInKeys,
      identity: {
        app: "edge",
        session: streamKey.slice(0, 8),
        streamKey,
        env: {},
        monotonicMs: () => 0,
        now: () => 0,
        notice: (text) => void notices.push(text),
        mark: () => new Uint8Array()
      },
      gapMark: (gap, name) => recorder.gapMark(gap, name),
      fork: () => {
        throw new Error("a fiber was started that nobody waits for")
      },
      nextTurn: setImmediate,
      settle: () => undefined,
      random: () => 0.5,
      isRequestBound: true
    },
    () => undefined
  )
  const recorder = new EventRecorder(
    pipeline,
    streamKey,
    makeUnrefClock(() => undefined),
    builtInKeys,
    undefined
  )
  const log = (message: string): void => {
    recorder.record({ category: "case", level: "info", message }, { context: undefined, trace: undefined })
  }
  return { pipeline, notices, log }
}

/** The timers of a request that is dead: none of them ever fires. */
const deadClock: Clock.Clock = { ...makeUnrefClock(() => undefined), sleep: () => Effect.never }

/** Lets `ms` pass in steps of one look, with everything that follows from each. */
const pass = (ms: number) =>
  Effect.gen(function* () {
    for (let passed = 0; passed < ms; passed += writerLimits.lookMs) {
      yield* TestClock.adjust(writerLimits.lookMs)
      yield* settle
    }
  })

/** From the first look, which is at once, to the one after the last silent one. */
const silenceMs = writerLimits.lookMs * writerLimits.silentLooksMax

const textOf = (batch: Batch | undefined): string => new TextDecoder().decode(batch?.bytes())

/** An exporter whose operations end as the test says, one after the other. */
const scriptedExporter = (...operations: readonly Effect.Effect<void>[]) => {
  const begun: string[] = []
  const batches: Batch[] = []
  const memory = memoryExporter()
  const exporter: Exporter = {
    ...memory,
    open: () =>
      Effect.succeed({
        export: (batch) =>
          Effect.suspend(() => {
            const operation = operations[begun.length] ?? Effect.void
            begun.push(textOf(batch))
            batches.push(batch)
            return operation
          })
      })
  }
  return { exporter, begun, batches }
}

describe("where nothing outlives a request", () => {
  it.effect("an event alone starts nothing, and a flush delivers it in its own fiber", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      const { pipeline, log } = makeBench(exporter)
      log("a")
      yield* settle
      expect(exporter.opened).toBe(0)
      const flushed = yield* pipeline.flush(1_000)
      expect(flushed).toMatchObject({ complete: true, written: 1, pending: 0 })
    })
  )

  it.effect(
    "S0.22 an export that outlasts its flush is stopped, and goes out again as it was with the next",
    () =>
      Effect.gen(function* () {
        let isStopped = false
        const hangs = Effect.onInterrupt(Effect.never, () =>
          Effect.sync(() => {
            isStopped = true
          })
        )
        const { exporter, begun } = scriptedExporter(hangs)
        const { pipeline, notices, log } = makeBench(exporter)
        log("a")
        const flushing = yield* Effect.forkChild(pipeline.flush(200))
        yield* eventually(() => begun.length === 1, "the export is under way")
        yield* pass(200)
        expect(yield* Fiber.join(flushing)).toMatchObject({ complete: false, pending: 1 })
        yield* eventually(() => isStopped, "the export is stopped")
        expect(pipeline.health[0]?.state).toBe("degraded")
        log("b")
        expect(yield* pipeline.flush(200)).toMatchObject({ complete: true, written: 2 })
        expect(begun[1]).toBe(begun[0])
        expect(begun[2]).toContain('"message":"b"')
        expect(notices).toEqual([
          "memory: no answer while the request lasted; 1 events waiting, the next flush tries again",
          "memory: works again; 0 events were dropped meanwhile"
        ])
      })
  )

  it.effect("a request that died with an export under way is passed over after its silence", () =>
    Effect.gen(function* () {
      const { exporter, begun, batches } = scriptedExporter(Effect.never)
      const { pipeline, notices, log } = makeBench(exporter)
      log("a")
      yield* Effect.forkChild(Effect.provideService(pipeline.flush(1_000), Clock.Clock, deadClock))
      yield* eventually(() => begun.length === 1, "the export is under way")
      const flushing = yield* Effect.forkChild(pipeline.flush(10_000))
      yield* pass(silenceMs - writerLimits.lookMs)
      expect(begun).toHaveLength(1)
      yield* pass(writerLimits.lookMs)
      expect(yield* Fiber.join(flushing)).toMatchObject({ complete: true, written: 1 })
      expect(begun[1]).toBe(begun[0])
      expect(notices[0]).toContain("no answer while the request lasted")
      // Dead or not, it may still be reading what it was given: later batches are written elsewhere.
      log("b")
      expect(yield* pipeline.flush(1_000)).toMatchObject({ complete: true, written: 2 })
      expect(textOf(batches[0])).toBe(begun[0])
    })
  )

  it.effect("one that is alive is waited for, however long it takes, and nothing is sent beside it", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      exporter.break("hang")
      const { pipeline, log } = makeBench(exporter)
      log("a")
      const first = yield* Effect.forkChild(pipeline.flush(60_000))
      yield* eventually(() => exporter.attempts.length === 1, "the export is under way")
      log("b")
      const second = yield* Effect.forkChild(pipeline.flush(60_000))
      yield* pass(10 * silenceMs)
      expect(exporter.attempts).toEqual([1])
      exporter.heal()
      expect(yield* Fiber.join(first)).toMatchObject({ complete: true })
      yield* pass(2 * writerLimits.lookMs)
      expect(yield* Fiber.join(second)).toMatchObject({ complete: true, written: 2 })
      expect(exporter.events.map(({ head }) => head.message)).toEqual(["a", "b"])
    })
  )

  it.effect("what is taken for dead and comes back ends with its export: each event is confirmed once", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter({ queue: { batchEventsMax: 1 } })
      exporter.break("hang")
      const { pipeline, log } = makeBench(exporter)
      log("a")
      log("b")
      yield* Effect.forkChild(Effect.provideService(pipeline.flush(1_000), Clock.Clock, deadClock))
      yield* eventually(() => exporter.attempts.length === 1, "the export is under way")
      const flushing = yield* Effect.forkChild(pipeline.flush(10_000))
      yield* pass(silenceMs)
      yield* eventually(() => exporter.attempts.length === 2, "the batch goes out again")
      exporter.heal()
      yield* pass(silenceMs)
      expect(yield* Fiber.join(flushing)).toMatchObject({ complete: true, accepted: 2, written: 2 })
      expect(exporter.events.map(({ head }) => head.message)).toEqual(["a", "a", "b"])
    })
  )

  it.effect("a flush does its own work and no more: what came later is another request's", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      exporter.break("hang")
      const { pipeline, log } = makeBench(exporter)
      log("a")
      const flushing = yield* Effect.forkChild(pipeline.flush(1_000))
      yield* eventually(() => exporter.attempts.length === 1, "the export is under way")
      log("b")
      exporter.heal()
      expect(yield* Fiber.join(flushing)).toMatchObject({ complete: true, written: 1, pending: 1 })
      yield* settle
      expect(exporter.events.map(({ head }) => head.message)).toEqual(["a"])
    })
  )

  it.effect("S0.30 whoever waits on after a failure tries again as late as the writer would", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      exporter.break("fail")
      const { pipeline, log } = makeBench(exporter)
      log("a")
      yield* Effect.forkChild(pipeline.attended(pipeline.writers, Effect.never))
      yield* eventually(() => exporter.attempts.length === 1, "the first attempt")
      yield* pass(writerLimits.backoffMinMs - writerLimits.lookMs)
      expect(exporter.attempts).toHaveLength(1)
      yield* pass(writerLimits.lookMs)
      expect(exporter.attempts).toHaveLength(2)
      yield* pass(2 * writerLimits.backoffMinMs - writerLimits.lookMs)
      expect(exporter.attempts).toHaveLength(2)
      yield* pass(writerLimits.lookMs)
      expect(exporter.attempts).toHaveLength(3)
    })
  )

  it.effect(
    "an export that cannot be stopped holds nobody beyond a limit, and has no second one beside it",
    () =>
      Effect.gen(function* () {
        let finish = (): void => undefined
        const stubborn = Effect.uninterruptible(
          Effect.callback<void>((resume) => {
            finish = () => resume(Effect.void)
          })
        )
        const { exporter, begun } = scriptedExporter(stubborn)
        const { pipeline, log } = makeBench(exporter)
        log("a")
        for (const limitMs of [100, 2 * silenceMs]) {
          const flushing = yield* Effect.forkChild(pipeline.flush(limitMs))
          yield* eventually(() => begun.length === 1, "the export is under way")
          yield* pass(limitMs)
          expect(yield* Fiber.join(flushing)).toMatchObject({ complete: false, pending: 1 })
        }
        expect(begun).toHaveLength(1)
        finish()
        yield* settle
        expect(yield* pipeline.flush(1_000)).toMatchObject({ complete: true, written: 1 })
      })
  )

  it.effect("S0.30 a failure is the answer of its own flush, and the next one tries at once", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      exporter.break("fail")
      const { pipeline, log } = makeBench(exporter)
      log("a")
      expect(yield* pipeline.flush(1_000)).toMatchObject({ complete: false, pending: 1 })
      expect(yield* pipeline.flush(1_000)).toMatchObject({ complete: false, pending: 1 })
      exporter.heal()
      expect(yield* pipeline.flush(1_000)).toMatchObject({ complete: true, written: 1 })
      expect(exporter.attempts).toEqual([1, 1, 1])
    })
  )

  it.effect("an exporter that cannot be opened, or dies, is tried again by the next flush", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      const { pipeline, log } = makeBench(exporter)
      log("a")
      for (const breakage of ["open", "die"] as const) {
        exporter.break(breakage)
        expect(yield* pipeline.flush(1_000)).toMatchObject({ complete: false, pending: 1 })
        expect(pipeline.health[0]?.state).toBe("degraded")
      }
      exporter.heal()
      expect(yield* pipeline.flush(1_000)).toMatchObject({ complete: true, written: 1 })
      expect(pipeline.health[0]?.state).toBe("idle")
    })
  )

  it.effect("whoever waits for room makes it, through failures and their pauses", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter({ queue: { eventsMax: 8 } })
      const { pipeline, log } = makeBench(exporter)
      for (let n = 0; n < 6; n++) log(`event ${n}`)
      expect(pipeline.hasRoom()).toBe(false)
      yield* pipeline.room()
      expect(pipeline.hasRoom()).toBe(true)
    })
  )

  it.effect("F48 close delivers, releases and ends; a failed close leaves the rest to a later flush", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      exporter.break("fail")
      const { pipeline, log } = makeBench(exporter)
      log("a")
      expect(yield* pipeline.close(1_000)).toMatchObject({ complete: false, pending: 1 })
      exporter.heal()
      expect(yield* pipeline.flush(1_000)).toMatchObject({ complete: true, written: 1 })
      expect(pipeline.health[0]?.state).toBe("closed")
    })
  )
})

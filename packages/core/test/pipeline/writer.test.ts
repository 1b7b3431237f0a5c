// What the writer does when an exporter fails, hangs, refuses or dies, and what flush and health say meanwhile.
// The real log on a test clock; the memory exporter breaks on purpose.
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { writerLimits } from "../../src/limits.ts"
import { Log } from "../../src/log/log.ts"
import { ExportError, type Exporter } from "../../src/pipeline/exporter.ts"
import type { ExporterHealth } from "../../src/pipeline/health.ts"
import { type MemoryExporterOptions, memoryExporter } from "../../src/testing/index.ts"
import { eventually, settle } from "../tools/eventually.ts"

/** A log on the test clock with one memory exporter, and what it says to people. */
const makeBench = (options: MemoryExporterOptions = {}, others: readonly Exporter[] = []) =>
  Effect.map(Clock.clockWith(Effect.succeed), (clock) => {
    const exporter = memoryExporter(options)
    const notices: string[] = []
    const audit = createAuditLog({
      app: "bench",
      exporters: [exporter, ...others],
      clock,
      exitHook: false,
      notice: (line) => void notices.push(line)
    })
    const health = (): ExporterHealth => {
      const [first] = audit.health().exporters
      if (first === undefined) throw new Error("the log has an exporter")
      return first
    }
    const logMany = (count: number): void => {
      for (let n = 0; n < count; n++) audit.log("case", "event", { n })
    }
    const seqs = (): unknown[] =>
      exporter.events.map(({ kind, head }) => (kind === "event" ? head.seq : kind))
    return { audit, exporter, notices, health, logMany, seqs }
  })

const from1To = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1)
const flush = (
  bench: { audit: { flush: (options: { timeoutMs: number }) => Promise<unknown> } },
  timeoutMs = 1_000
) => Effect.promise(() => bench.audit.flush({ timeoutMs }))

describe("the writer", () => {
  it.effect("S0.18 starts with the first event, and nothing happens before", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      yield* settle
      expect(bench.exporter.opened).toBe(0)
      bench.logMany(1)
      expect(bench.exporter.opened).toBe(0)
      yield* eventually(() => bench.exporter.opened === 1, "the exporter is opened")
    })
  )

  it.effect("a lone event waits 25 ms for company; a quarter of the bound does not", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench({ queue: { eventsMax: 40 } })
      bench.logMany(9)
      yield* eventually(() => bench.exporter.opened === 1, "open")
      yield* settle
      expect(bench.exporter.attempts).toEqual([])
      bench.logMany(1)
      yield* eventually(() => bench.exporter.attempts.length === 1, "a quarter of the bound is exported")
      bench.logMany(1)
      yield* settle
      yield* TestClock.adjust(writerLimits.lingerMs - 1)
      yield* settle
      expect(bench.exporter.attempts).toEqual([10])
      yield* TestClock.adjust(1)
      yield* eventually(() => bench.exporter.attempts.length === 2, "the lone event is exported")
      expect(bench.seqs()).toEqual(from1To(11))
    })
  )

  it.effect(
    "S0.30 a failed batch is retried with backoff, in order, and trouble and recovery are told once",
    () =>
      Effect.gen(function* () {
        const bench = yield* makeBench()
        bench.exporter.break("fail")
        bench.logMany(3)
        yield* eventually(() => bench.exporter.opened === 1, "open")
        for (let tries = 1; tries <= 5; tries++) {
          yield* TestClock.adjust(writerLimits.backoffMaxMs * 2)
          yield* eventually(() => bench.exporter.attempts.length >= tries, `attempt ${tries}`)
        }
        yield* eventually(() => bench.health().state === "degraded", "degraded")
        bench.logMany(2)
        expect(bench.health()).toMatchObject({
          accepted: 5,
          pending: 5,
          written: 0,
          lastError: expect.stringContaining("`break` was called")
        })
        bench.exporter.heal()
        yield* TestClock.adjust(writerLimits.backoffMaxMs * 2)
        yield* eventually(() => bench.seqs().length === 5, "everything is written")
        expect(bench.seqs()).toEqual(from1To(5))
        yield* eventually(() => bench.health().state === "idle", "idle")
        expect(bench.notices).toEqual([
          "[daybook] bench: memory: Cannot keep a batch in memory: `break` was called; 3 events waiting, retrying in the background",
          "[daybook] bench: memory: works again; 0 events were dropped meanwhile"
        ])
      })
  )

  it.effect("the backoff doubles from 100 ms to 30 s, each ±20 %", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.clockWith(Effect.succeed)
      const attemptedAt: number[] = []
      const failing: Exporter = {
        ...memoryExporter(),
        open: () => {
          attemptedAt.push(clock.currentTimeMillisUnsafe())
          return Effect.fail(new ExportError({ reason: "closed", retryable: true, outcome: "failed" }))
        }
      }
      createAuditLog({
        app: "bench",
        exporters: [failing],
        clock,
        exitHook: false,
        notice: () => undefined
      }).log("a", "b")
      yield* eventually(() => attemptedAt.length === 1, "the first attempt")
      for (const delayMs of [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]) {
        const before = attemptedAt.length
        for (let steps = 0; steps < 100 && attemptedAt.length === before; steps++) {
          yield* TestClock.adjust(delayMs / 40)
          yield* settle
        }
        const waitedMs = (attemptedAt.at(-1) ?? 0) - (attemptedAt.at(-2) ?? 0)
        expect(waitedMs).toBeGreaterThanOrEqual(delayMs * 0.8)
        expect(waitedMs).toBeLessThanOrEqual(delayMs * 1.25)
      }
    })
  )

  it.effect("an exporter that cannot open keeps its queue, and opens when it can", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      bench.exporter.break("open")
      bench.logMany(3)
      yield* eventually(() => bench.health().state === "degraded", "degraded")
      expect(yield* flush(bench)).toMatchObject({ complete: false, accepted: 3, pending: 3 })
      bench.exporter.heal()
      expect(yield* flush(bench)).toMatchObject({ complete: true, written: 3, pending: 0 })
      expect(bench.seqs()).toEqual(from1To(3))
    })
  )

  it.effect("S0.18 S0.23 a bug in an exporter restarts the writer with its queue, and is told", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      bench.exporter.break("die")
      bench.logMany(3)
      expect(yield* flush(bench)).toMatchObject({ complete: false, pending: 3 })
      expect(bench.health()).toMatchObject({
        state: "degraded",
        lastError: 'died of Error: `break("die")` was called'
      })
      bench.exporter.heal()
      expect(yield* flush(bench)).toMatchObject({ complete: true, written: 3 })
      expect(bench.exporter.opened).toBe(2)
      expect(bench.seqs()).toEqual(from1To(3))
    })
  )

  it.effect("a batch that kills its exporter three times in a row is given up, and its hole is told", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      bench.exporter.break("die")
      bench.logMany(2)
      for (let tries = 1; tries <= writerLimits.defectsMax; tries++) yield* flush(bench)
      expect(bench.health().droppedBy.defect).toBe(2)
      bench.exporter.heal()
      bench.logMany(1)
      expect(yield* flush(bench)).toMatchObject({ complete: true, written: 1, dropped: 2 })
      expect(bench.seqs()).toEqual(["gap", 3])
      expect(bench.exporter.events[0]?.fields).toMatchObject({
        count: 2,
        first_seq: 1,
        last_seq: 2,
        reasons: { defect: 2 }
      })
    })
  )

  it.effect("a refused batch is dropped for good and its hole told; the next ones go on", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      bench.exporter.break("refuse")
      bench.logMany(3)
      expect(yield* flush(bench)).toMatchObject({ complete: false, dropped: 3, pending: 0 })
      yield* settle
      expect(bench.exporter.attempts.length).toBeLessThan(5)
      bench.exporter.heal()
      bench.logMany(1)
      expect(yield* flush(bench)).toMatchObject({ complete: true, written: 1, dropped: 3 })
      expect(bench.seqs()).toEqual(["gap", 4])
      bench.exporter.break("fail")
      bench.logMany(1)
      yield* flush(bench)
      bench.exporter.heal()
      yield* flush(bench)
      expect(bench.notices.at(-1)).toBe(
        "[daybook] bench: memory: works again; 0 events were dropped meanwhile"
      )
      expect(bench.notices.filter((line) => line.includes("refused"))).toHaveLength(1)
    })
  )

  it.effect("an unknown outcome is repeated with the same ids", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      bench.exporter.break("unknown")
      bench.logMany(2)
      expect(yield* flush(bench)).toMatchObject({ complete: false, pending: 2 })
      bench.exporter.heal()
      expect(yield* flush(bench)).toMatchObject({ complete: true, written: 2 })
      const ids = bench.exporter.events.map(({ head }) => head.id)
      expect(ids).toHaveLength(4)
      expect(ids.slice(0, 2)).toEqual(ids.slice(2))
    })
  )

  it.effect("F28 an export that does not answer is stalled, then stopped and repeated", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench({ exportTimeoutMs: 5_000 })
      bench.exporter.break("hang")
      bench.logMany(2)
      yield* eventually(() => bench.exporter.opened === 1, "open")
      yield* settle
      yield* TestClock.adjust(writerLimits.lingerMs)
      yield* eventually(() => bench.exporter.attempts.length === 1, "the first attempt")
      yield* settle
      yield* TestClock.adjust(5_000)
      yield* eventually(() => bench.health().state === "degraded", "stopped")
      expect(bench.notices[0]).toContain("no answer for 5000 ms; 2 events waiting")
      bench.exporter.heal()
      expect(yield* flush(bench)).toMatchObject({ complete: true, written: 2 })
      expect(bench.seqs()).toEqual([1, 2])
    })
  )

  it.effect(
    "F28 what cannot be interrupted and succeeds late has succeeded: it is confirmed, and not repeated",
    () =>
      Effect.gen(function* () {
        const memory = memoryExporter()
        let land: (() => void) | undefined
        const landing = Effect.callback<void>((resume) => {
          land = () => resume(Effect.void)
        })
        const late: Exporter = {
          ...memory,
          exportTimeoutMs: 1_000,
          open: (log) =>
            Effect.map(memory.open(log), (open) => ({
              export: (batch) => Effect.uninterruptible(Effect.andThen(landing, open.export(batch)))
            }))
        }
        const bench = yield* makeBench({}, [late])
        bench.logMany(2)
        const state = (): string | undefined => bench.audit.health().exporters[1]?.state
        yield* eventually(() => memory.opened === 1, "open")
        yield* settle
        yield* TestClock.adjust(writerLimits.lingerMs)
        yield* eventually(() => state() === "writing", "in flight")
        yield* settle
        yield* TestClock.adjust(3_500)
        yield* eventually(() => state() === "stalled", "stalled")
        land?.()
        yield* eventually(() => state() === "idle", "works again")
        expect(memory.attempts).toEqual([2])
        expect(memory.lines).toHaveLength(2)
        expect(bench.notices).toEqual([
          "[daybook] bench: memory: no answer for 1000 ms; 2 events waiting, retrying in the background",
          "[daybook] bench: memory: works again; 0 events were dropped meanwhile"
        ])
      })
  )

  it.effect("F47 S0.29 flush says done only after the batch in flight is down", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      bench.exporter.break("hang")
      bench.logMany(2)
      let answer: unknown
      void bench.audit.flush({ timeoutMs: 60_000 }).then((result) => {
        answer = result
      })
      yield* eventually(() => bench.exporter.attempts.length === 1, "in flight")
      yield* settle
      expect(answer).toBeUndefined()
      bench.exporter.heal()
      yield* eventually(() => answer !== undefined, "flush answers")
      expect(answer).toMatchObject({ complete: true, written: 2, pending: 0 })
    })
  )

  it.effect("S0.29 a flush that runs out of time says what is pending; a negative limit counts as none", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      bench.exporter.break("hang")
      bench.logMany(2)
      expect(yield* flush(bench, -5)).toMatchObject({ complete: false, accepted: 2, pending: 2, written: 0 })
      let answer: unknown
      void bench.audit.flush({ timeoutMs: 500 }).then((result) => {
        answer = result
      })
      yield* eventually(() => bench.exporter.attempts.length === 1, "in flight")
      yield* settle
      yield* TestClock.adjust(500)
      yield* eventually(() => answer !== undefined, "flush answers")
      expect(answer).toMatchObject({ complete: false, pending: 2 })
    })
  )

  it.effect("F61 flush is not complete when what it covers was dropped meanwhile", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench({ queue: { eventsMax: 4, overflow: "drop-oldest" } })
      bench.exporter.break("hang")
      bench.logMany(4)
      yield* eventually(() => bench.exporter.attempts.length === 1, "in flight")
      bench.logMany(4)
      let answer: unknown
      void bench.audit.flush({ timeoutMs: 60_000 }).then((result) => {
        answer = result
      })
      bench.logMany(3)
      bench.exporter.heal()
      yield* eventually(() => answer !== undefined, "flush answers")
      expect(answer).toMatchObject({ complete: false, dropped: 3 })
      yield* flush(bench)
      expect(bench.seqs()).toEqual([1, 2, 3, 4, "gap", 8, 9, 10, 11])
    })
  )

  it.effect("a stuck exporter holds up nobody else, neither writing nor room", () =>
    Effect.gen(function* () {
      const stuck = memoryExporter({ name: "stuck" })
      stuck.break("hang")
      const bench = yield* makeBench({}, [stuck])
      bench.logMany(5)
      yield* eventually(() => stuck.opened === 1, "open")
      yield* settle
      yield* TestClock.adjust(writerLimits.lingerMs)
      yield* eventually(() => bench.seqs().length === 5, "the other one writes")
      const result = yield* flush(bench, 0)
      expect(result).toMatchObject({
        complete: false,
        accepted: 10,
        written: 5,
        pending: 5,
        exporters: [
          { name: "memory", written: 5 },
          { name: "stuck", pending: 5 }
        ]
      })
    })
  )

  it.effect(
    "S0.26 after close the writer ends; a later call is dropped as closed, takes no seq, and is counted",
    () =>
      Effect.gen(function* () {
        const bench = yield* makeBench()
        bench.logMany(3)
        expect(yield* Effect.promise(() => bench.audit.close())).toMatchObject({ complete: true, written: 3 })
        expect(bench.health().state).toBe("closed")
        bench.logMany(2)
        expect(bench.health()).toMatchObject({
          accepted: 5,
          written: 3,
          dropped: 2,
          droppedBy: { closed: 2 }
        })
        expect(yield* Effect.promise(() => bench.audit.close())).toMatchObject({
          accepted: 5,
          dropped: 2,
          pending: 0
        })
        expect(bench.seqs()).toEqual([1, 2, 3])
      })
  )

  it.effect("what close could not wait for is still written while the process lives", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench()
      bench.exporter.break("fail")
      bench.logMany(3)
      expect(yield* Effect.promise(() => bench.audit.close())).toMatchObject({ complete: false, pending: 3 })
      bench.exporter.heal()
      yield* TestClock.adjust(writerLimits.backoffMaxMs)
      yield* eventually(() => bench.health().state === "closed", "closed")
      expect(bench.seqs()).toEqual([1, 2, 3])
    })
  )

  it.effect("room waits for half of the bounds, and never for an exporter that cannot make any", () =>
    Effect.gen(function* () {
      const bench = yield* makeBench({ queue: { eventsMax: 10 } })
      bench.exporter.break("hang")
      bench.logMany(4)
      yield* eventually(() => bench.exporter.attempts.length === 1, "in flight")
      bench.logMany(6)
      expect(bench.audit.hasRoom()).toBe(false)
      let hasRoom = false
      void bench.audit.room().then(() => {
        hasRoom = true
      })
      yield* settle
      expect(hasRoom).toBe(false)
      bench.exporter.heal()
      yield* eventually(() => hasRoom, "room")
      bench.exporter.break("fail")
      bench.logMany(10)
      yield* flush(bench)
      expect(bench.health()).toMatchObject({ state: "degraded", pending: 10 })
      expect(bench.audit.hasRoom()).toBe(true)
    })
  )

  it.effect(
    "onHealth calls back when trouble begins, with its reason, and when it ends: not for batches",
    () =>
      Effect.gen(function* () {
        const bench = yield* makeBench()
        const states: (string | undefined)[] = []
        let reason: string | undefined
        const stop = bench.audit.onHealth(({ exporters: [exporter] }) => {
          states.push(exporter?.state)
          if (exporter?.state === "degraded") reason = exporter.lastError
        })
        bench.audit.onHealth(() => {
          throw new Error("a bad listener")
        })
        bench.logMany(1)
        yield* flush(bench)
        bench.exporter.break("fail")
        bench.logMany(1)
        yield* flush(bench)
        bench.exporter.heal()
        yield* flush(bench)
        for (let batch = 0; batch < 20; batch++) {
          bench.logMany(1)
          yield* flush(bench)
        }
        expect(states).toEqual(["degraded", "idle"])
        yield* Effect.promise(() => bench.audit.close())
        expect(states).toEqual(["degraded", "idle", "closed"])
        stop()
        expect(reason).toBe("Cannot keep a batch in memory: `break` was called")
      })
  )
})

describe("an exporter that finishes when its log is closed", () => {
  const finisher = (failures: number) => {
    let left = failures
    const said: string[] = []
    const exporter: Exporter = {
      ...memoryExporter(),
      name: "finisher",
      open: () =>
        Effect.succeed({
          export: (batch) => Effect.sync(() => void said.push(`export ${batch.eventCount}`)),
          finish: () =>
            Effect.suspend(() => {
              said.push("finish")
              return left-- > 0
                ? Effect.fail(new ExportError({ reason: "no seal", retryable: true, outcome: "failed" }))
                : Effect.void
            })
        })
    }
    return { exporter, said }
  }

  it.effect("does so once, behind its last batch and not before the log is closed", () =>
    Effect.gen(function* () {
      const { exporter, said } = finisher(0)
      const { audit, logMany } = yield* makeBench({}, [exporter])
      logMany(3)
      yield* Effect.promise(() => audit.flush({ timeoutMs: 1_000 }))
      expect(said).toEqual(["export 3"])
      logMany(2)
      expect(yield* Effect.promise(() => audit.close({ timeoutMs: 1_000 }))).toMatchObject({ complete: true })
      expect(said).toEqual(["export 3", "export 2", "finish"])
    })
  )

  it.effect("is tried again after a failure, with one notice, and close is not complete before", () =>
    Effect.gen(function* () {
      const { exporter, said } = finisher(2)
      const { audit, logMany, notices } = yield* makeBench({}, [exporter])
      logMany(1)
      const closing = audit.close({ timeoutMs: 10 })
      yield* eventually(() => said.includes("finish"), "it is asked to finish")
      yield* TestClock.adjust(10)
      expect(yield* Effect.promise(() => closing)).toMatchObject({ complete: false, pending: 0, dropped: 0 })
      yield* TestClock.adjust(60_000)
      yield* settle
      expect(said).toEqual(["export 1", "finish", "finish", "finish"])
      expect(notices.filter((text) => text.includes("no seal"))).toHaveLength(1)
      expect(notices.at(-1)).toContain("works again")
      expect(audit.health().exporters.map(({ state }) => state)).toEqual(["closed", "closed"])
    })
  )

  it.effect(
    "has its last moment also when nothing is left to write, and one that throws holds up nobody",
    () =>
      Effect.gen(function* () {
        const said: string[] = []
        const throwing: Exporter = {
          ...memoryExporter(),
          name: "throwing",
          finishNow: () => {
            said.push("throwing")
            throw new Error("no seal")
          }
        }
        const exporter: Exporter = {
          ...memoryExporter(),
          name: "next",
          finishNow: () => void said.push("next")
        }
        const clock = yield* Clock.clockWith(Effect.succeed)
        const notice = (): void => undefined
        const options = { app: "bench", exporters: [throwing, exporter], clock, notice, exitHook: false }
        const log = new Log(options)
        log.record({ category: "case", level: "info", message: "event", fields: {} })
        expect(log.writeNow()).toBe(0)
        expect(log.writeNow()).toBe(0)
        expect(said).toEqual(["throwing", "next", "throwing", "next"])
      })
  )
})

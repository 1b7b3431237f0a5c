// A far side that does not take everything: batches that are refused and divided, events that are refused without a name,
// pauses that are asked for, and exporters that are switched off. What a whole refusal does is in writer.test.ts.
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { type AuditEvent, decodeLine } from "../../src/event/decode-line.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { writerLimits } from "../../src/limits.ts"
import type { Batch } from "../../src/pipeline/batch.ts"
import { defaultQueuePolicy, ExportError, type Exporter } from "../../src/pipeline/exporter.ts"
import { eventually, settle } from "../tools/eventually.ts"

const linesOf = (batch: Batch): readonly AuditEvent[] =>
  new TextDecoder()
    .decode(batch.bytes())
    .trimEnd()
    .split("\n")
    .map((line) => {
      const decoded = decodeLine(line)
      if ("damage" in decoded) throw new Error(`a batch has a line that is none: ${decoded.damage}`)
      return decoded
    })

/** A log on the test clock with one exporter, which answers each batch as it is told. */
const benchWith = (
  answer: (events: readonly AuditEvent[], batch: Batch) => ExportError | undefined,
  options: Partial<Exporter> = {}
) =>
  Effect.map(Clock.clockWith(Effect.succeed), (clock) => {
    const taken: AuditEvent[] = []
    const attempts: number[] = []
    const notices: string[] = []
    const exporter: Exporter & { readonly required: true } = {
      name: "picky",
      queue: defaultQueuePolicy,
      ...options,
      required: true,
      open: () =>
        Effect.succeed({
          export: (batch) =>
            Effect.suspend(() => {
              attempts.push(batch.count)
              const events = linesOf(batch)
              expect(batch.events()).toEqual(events)
              const error = answer(events, batch)
              if (error === undefined || error.refusedEvents !== undefined) taken.push(...events)
              return error === undefined ? Effect.void : Effect.fail(error)
            })
        })
    }
    const audit = createAuditLog({
      app: "bench",
      exporters: [exporter],
      clock,
      exitHook: false,
      notice: (line) => void notices.push(line)
    })
    const seqs = (): unknown[] => taken.flatMap(({ kind, head }) => (kind === "event" ? [head.seq] : []))
    const gaps = () => taken.filter(({ kind }) => kind === "gap").map(({ fields }) => fields)
    const logMany = (count: number): void => {
      for (let n = 0; n < count; n++) audit.log("case", "event")
    }
    const flush = Effect.promise(() => audit.flush({ timeoutMs: 1_000 }))
    return { audit, taken, attempts, notices, seqs, gaps, logMany, flush }
  })

const Committed = defineEvent({ category: "case", fields: {}, message: () => "committed" })

const refusal = (more: Partial<ExportError> = {}): ExportError =>
  new ExportError({ reason: "it has a poisoned line", retryable: false, outcome: "failed", ...more })

const from1To = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1)

const refusing = (...poison: readonly number[]) =>
  benchWith((events) =>
    events.some(({ head }) => head.seq !== undefined && poison.includes(head.seq))
      ? refusal({ divisible: true })
      : undefined
  )

describe("a batch that is refused and divisible", () => {
  it.effect("is halved until the poisoned event stands alone: only that one is lost, told and counted", () =>
    Effect.gen(function* () {
      const bench = yield* refusing(700)
      bench.logMany(1_000)
      const result = yield* bench.flush
      expect(result).toMatchObject({ accepted: 1_000, written: 999, dropped: 1, pending: 0, complete: false })
      yield* eventually(() => bench.gaps().length === 1, "the gap is told")
      expect(bench.seqs()).toEqual(from1To(1_000).filter((seq) => seq !== 700))
      expect(bench.gaps()).toMatchObject([
        { count: 1, first_seq: 700, last_seq: 700, reasons: { refused: 1 }, by_category: { case: 1 } }
      ])
      expect(bench.attempts.length).toBeLessThan(25)
      expect(bench.notices).toEqual([
        expect.stringContaining("refused 1 event for good: it has a poisoned line")
      ])
    })
  )

  it.effect("loses what is poisoned and nothing else, whichever they are", () =>
    Effect.gen(function* () {
      for (let mask = 0; mask < 64; mask++) {
        const poison = from1To(6).filter((seq) => (mask >> (seq - 1)) & 1)
        const bench = yield* refusing(...poison)
        bench.logMany(6)
        expect(yield* bench.flush).toMatchObject({ written: 6 - poison.length, dropped: poison.length })
        expect(bench.seqs()).toEqual(from1To(6).filter((seq) => !poison.includes(seq)))
        yield* eventually(() => bench.gaps().length === Math.sign(poison.length), "the gap is told")
        expect(bench.notices).toHaveLength(Math.sign(poison.length))
      }
    })
  )

  it.effect("keeps the gap mark in front of it: the event behind is refused, the mark is not", () =>
    Effect.gen(function* () {
      const bench = yield* refusing(1, 2)
      bench.logMany(1)
      yield* bench.flush
      bench.logMany(1)
      yield* bench.flush
      yield* eventually(() => bench.gaps().length === 2, "both gaps are told")
      expect(bench.gaps()).toMatchObject([{ first_seq: 1 }, { first_seq: 2 }])
    })
  )

  it.effect("of which everything is refused is given up after a bounded number of attempts", () =>
    Effect.gen(function* () {
      const bench = yield* refusing(...from1To(1_000))
      bench.logMany(1_000)
      expect(yield* bench.flush).toMatchObject({ dropped: 1_000, pending: 0 })
      expect(bench.attempts.length).toBeLessThan(writerLimits.refusalsMax * 8)
      yield* eventually(() => bench.gaps().length > 0, "the gap is told")
      expect(bench.gaps()).toMatchObject([{ count: 1_000, first_seq: 1, last_seq: 1_000 }])
    })
  )

  it.effect("answers each commit by its own line", () =>
    Effect.gen(function* () {
      const bench = yield* refusing(2)
      const answers = from1To(3).map(() =>
        bench.audit.commit(Committed({})).then(
          ({ durability }) => durability,
          (error: { readonly _tag: string }) => error._tag
        )
      )
      expect(yield* Effect.promise(() => Promise.all(answers))).toEqual(["os", "Refused", "os"])
    })
  )

  it.effect("waits in parts while the far side is away, and none of it is sent twice", () =>
    Effect.gen(function* () {
      let isAway = false
      const bench = yield* benchWith((events) => {
        if (isAway) return new ExportError({ reason: "away", retryable: true, outcome: "failed" })
        isAway = events.length === 2
        return events.length > 2 ? refusal({ divisible: true }) : undefined
      })
      bench.logMany(4)
      yield* bench.flush
      expect(bench.audit.health().exporters[0]).toMatchObject({ written: 2, pending: 2, state: "degraded" })
      isAway = false
      expect(yield* bench.flush).toMatchObject({ written: 4, pending: 0, complete: true })
      expect(bench.seqs()).toEqual([1, 2, 3, 4])
    })
  )
})

describe("a batch that arrived but for some events", () => {
  it.effect(
    "counts them as refused and the others as written, and a gap mark tells between which they were",
    () =>
      Effect.gen(function* () {
        let left = 1
        const bench = yield* benchWith(() => (left-- > 0 ? refusal({ refusedEvents: 3 }) : undefined))
        bench.logMany(10)
        expect(yield* bench.flush).toMatchObject({ written: 7, dropped: 3, pending: 0, complete: false })
        yield* eventually(() => bench.gaps().length === 1, "the gap is told")
        expect(bench.gaps()).toMatchObject([
          { count: 3, first_seq: 1, last_seq: 10, reasons: { refused: 3 }, by_category: { "(unknown)": 3 } }
        ])
        expect(bench.attempts).toEqual([10, 1])
        expect(bench.notices).toEqual([expect.stringContaining("refused 3 events for good")])
      })
  )

  it.effect("confirms no commit, for nobody knows whose event was refused", () =>
    Effect.gen(function* () {
      const bench = yield* benchWith(() => refusal({ refusedEvents: 1 }))
      const answer = bench.audit.commit(Committed({})).catch((error: { _tag: string }) => error._tag)
      expect(yield* Effect.promise(() => answer)).toBe("Refused")
    })
  )

  it.effect("and is a gap mark alone, is told again until it is taken, and makes no mark of its own", () =>
    Effect.gen(function* () {
      let isRefusing = true
      const bench = yield* benchWith((events) => {
        const isMark = events.every(({ kind }) => kind !== "event")
        if (isMark) return isRefusing ? refusal({ refusedEvents: 1 }) : undefined
        return refusal()
      })
      bench.logMany(3)
      yield* bench.flush
      for (let times = 1; times <= 4; times++) yield* bench.flush
      isRefusing = false
      yield* bench.flush
      const told = bench.gaps().filter(({ count }) => count === 3)
      expect(told.at(-1)).toMatchObject({ first_seq: 1, last_seq: 3, reasons: { refused: 3 } })
      expect(bench.gaps().filter(({ count }) => count !== 3)).toEqual([])
      expect(yield* bench.flush).toMatchObject({ dropped: 3, pending: 0, complete: true })
    })
  )

  it.effect("is whole when it says none, and never loses more than it had", () =>
    Effect.gen(function* () {
      const counts = [0, 99, -1, Number.NaN]
      const bench = yield* benchWith((events) => {
        const isMark = events.every(({ kind }) => kind !== "event")
        return isMark ? undefined : refusal({ refusedEvents: counts[0] ?? 0 })
      })
      const found: number[] = []
      while (counts.length > 0) {
        bench.logMany(2)
        found.push((yield* bench.flush).dropped)
        counts.shift()
      }
      expect(found).toEqual([0, 2, 2, 2])
      expect(bench.gaps()).toMatchObject([{ count: 2 }])
    })
  )
})

describe("a pause that is asked for", () => {
  const paused = (retryAfterMs: number) =>
    new ExportError({ reason: "asked to wait", retryable: true, outcome: "failed", retryAfterMs })

  it.effect.each([
    [10_000, 10_000],
    [86_400_000, writerLimits.retryAfterMaxMs]
  ] as const)("of %i ms is waited for: no attempt before %i ms", ([askedMs, waitedMs]) =>
    Effect.gen(function* () {
      const bench = yield* benchWith(() => paused(askedMs))
      bench.logMany(1)
      yield* bench.flush
      expect(bench.attempts).toHaveLength(1)
      yield* TestClock.adjust(waitedMs - 1)
      yield* settle
      expect(bench.attempts).toHaveLength(1)
      yield* TestClock.adjust(0.2 * waitedMs + 1)
      yield* eventually(() => bench.attempts.length === 2, "it is tried again")
    })
  )

  it.effect.each([Number.NaN, -1, Number.NEGATIVE_INFINITY])(
    "of %d ms is none: the writer waits as it does by itself",
    (askedMs) =>
      Effect.gen(function* () {
        const bench = yield* benchWith(() => paused(askedMs))
        bench.logMany(1)
        yield* bench.flush
        yield* TestClock.adjust(writerLimits.backoffMinMs * 0.8 - 1)
        yield* settle
        expect(bench.attempts).toHaveLength(1)
        yield* TestClock.adjust(writerLimits.backoffMinMs)
        yield* eventually(() => bench.attempts.length === 2, "it is tried again")
      })
  )

  it.effect("is told, once, also in a trouble that has been told already", () =>
    Effect.gen(function* () {
      let answers = 0
      const bench = yield* benchWith(() =>
        ++answers === 1
          ? new ExportError({ reason: "connection refused", retryable: true, outcome: "failed" })
          : answers <= 4
            ? paused(1_000)
            : undefined
      )
      bench.logMany(1)
      for (let times = 1; times <= 5; times++) yield* bench.flush
      expect(bench.notices.map((text) => /: (.*?)[;,]/.exec(text.replace(/^.*picky/, ""))?.[1])).toEqual([
        "connection refused",
        "asked to wait",
        "works again"
      ])
    })
  )
})

describe("an exporter that is switched off", () => {
  it.effect("is never opened, gets nothing, and holds up nobody", () =>
    Effect.gen(function* () {
      const bench = yield* benchWith(() => undefined, { isOn: ({ env }) => env.PICKY !== "off" })
      const audit = createAuditLog({
        app: "bench",
        env: { PICKY: "off" },
        exitHook: false,
        exporters: [
          {
            name: "picky",
            queue: defaultQueuePolicy,
            isOn: ({ env }) => env.PICKY !== "off",
            open: () => Effect.die("opened")
          }
        ]
      })
      audit.log("case", "event")
      expect(yield* Effect.promise(() => audit.flush())).toMatchObject({ accepted: 0, complete: true })
      expect(audit.hasRoom()).toBe(true)
      bench.logMany(1)
      expect(yield* bench.flush).toMatchObject({ accepted: 1, written: 1 })
    })
  )

  it.effect("and one whose switch throws is on", () =>
    Effect.gen(function* () {
      const bench = yield* benchWith(() => undefined, {
        isOn: () => {
          throw new Error("broken")
        }
      })
      bench.logMany(1)
      expect(yield* bench.flush).toMatchObject({ written: 1 })
    })
  )
})

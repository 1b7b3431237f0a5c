// Durable events: a commit succeeds when every required exporter has confirmed the line, and otherwise says why not.
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { QueueFull, Refused, Unknown } from "../../src/log/commit.ts"
import { type MemoryExporterOptions, memoryExporter } from "../../src/testing/index.ts"
import { eventually, settle } from "../tools/eventually.ts"

const Paid = defineEvent({ category: "payment", fields: { amount: Schema.Finite }, message: "Paid" })

const makeLog = (options: MemoryExporterOptions = {}) =>
  Effect.map(Clock.clockWith(Effect.succeed), (clock) => {
    const durable = memoryExporter({ ...options, name: "durable", required: true })
    const beside = memoryExporter({ name: "beside" })
    const audit = createAuditLog({
      app: "commits",
      exporters: [durable, beside],
      clock,
      exitHook: false,
      notice: () => undefined
    })
    return { audit, durable, beside }
  })

const failureOf = (promise: Promise<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() =>
    promise.then(
      () => "succeeded",
      (error: unknown) => error
    )
  )

describe("commit", () => {
  it.effect(
    "succeeds with a receipt once the required exporter has the line, without waiting for the linger",
    () =>
      Effect.gen(function* () {
        const { audit, durable } = yield* makeLog()
        const receipt = yield* Effect.promise(() => audit.commit(Paid({ amount: 5 })))
        expect(receipt).toEqual({ durability: "os", seq: 1 })
        expect(durable.events[0]).toMatchObject({ head: { category: "payment" }, fields: { amount: 5 } })
      })
  )

  it.effect("100 concurrent commits share one batch", () =>
    Effect.gen(function* () {
      const { audit, durable } = yield* makeLog()
      const receipts = yield* Effect.promise(() =>
        Promise.all(Array.from({ length: 100 }, (_, amount) => audit.commit(Paid({ amount }))))
      )
      expect(receipts.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
      expect(durable.attempts).toEqual([100])
    })
  )

  it.effect("waits for no exporter that is not required", () =>
    Effect.gen(function* () {
      const { audit, beside } = yield* makeLog()
      beside.break("hang")
      expect(yield* Effect.promise(() => audit.commit(Paid({ amount: 1 })))).toMatchObject({ seq: 1 })
    })
  )

  it.effect("fails with QueueFull when a required queue has no room, and evicts no committed line", () =>
    Effect.gen(function* () {
      const { audit, durable } = yield* makeLog({ queue: { eventsMax: 2, overflow: "drop-oldest" } })
      durable.break("open")
      const first = audit.commit(Paid({ amount: 1 }), undefined, { timeoutMs: 60_000 })
      const second = audit.commit(Paid({ amount: 2 }), undefined, { timeoutMs: 60_000 })
      expect(yield* failureOf(audit.commit(Paid({ amount: 3 })))).toBeInstanceOf(QueueFull)
      audit.log(Paid({ amount: 4 }))
      durable.heal()
      yield* Effect.promise(() => audit.flush())
      expect(yield* Effect.promise(() => Promise.all([first, second]))).toMatchObject([
        { seq: 1 },
        { seq: 2 }
      ])
      expect(durable.events.map(({ kind, fields }) => fields.amount ?? kind)).toEqual([1, 2, "gap"])
    })
  )

  it.effect("fails with Unknown after its time limit; the event still waits and is written later", () =>
    Effect.gen(function* () {
      const { audit, durable } = yield* makeLog()
      durable.break("hang")
      const failure = failureOf(audit.commit(Paid({ amount: 1 }), undefined, { timeoutMs: 300 }))
      const fiber = yield* Effect.forkChild(failure)
      yield* eventually(() => durable.attempts.length === 1, "in flight")
      yield* settle
      yield* TestClock.adjust(300)
      yield* eventually(() => fiber.pollUnsafe() !== undefined, "the commit answers")
      expect(yield* failure).toBeInstanceOf(Unknown)
      durable.heal()
      yield* Effect.promise(() => audit.flush())
      expect(durable.lines).toHaveLength(1)
    })
  )

  it.effect("fails with Refused when the exporter refuses, and when the log is closed", () =>
    Effect.gen(function* () {
      const { audit, durable } = yield* makeLog()
      durable.break("refuse")
      expect(yield* failureOf(audit.commit(Paid({ amount: 1 })))).toMatchObject({
        _tag: "Refused",
        why: "refused"
      })
      durable.heal()
      yield* Effect.promise(() => audit.close())
      const closed = yield* failureOf(audit.commit(Paid({ amount: 1 })))
      expect(closed).toBeInstanceOf(Refused)
      expect(String(closed)).toContain('Cannot commit to "durable": the log is closed')
    })
  )

  it("does not compile without a required exporter", () => {
    const audit = createAuditLog({ app: "commits", exporters: [memoryExporter()], exitHook: false })
    // @ts-expect-error no exporter of this log is required
    expect(audit.commit).toBeTypeOf("function")
  })
})

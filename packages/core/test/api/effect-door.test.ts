// The Effect door: the service and its layers, on the program's own clock.
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { AuditLog, CommittingAuditLog } from "../../src/api/audit-log-service.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { memoryExporter } from "../../src/testing/index.ts"
import { settle } from "../tools/eventually.ts"

const Uploaded = defineEvent({ category: "upload", fields: { filename: Schema.String }, message: "Uploaded" })

describe("the Effect door: a fiber that awaited room()", () => {
  it.effect(
    "is not resumed in the middle of the writer's work: its flush waits for the batch in flight",
    () =>
      Effect.gen(function* () {
        const exporter = memoryExporter({ queue: { eventsMax: 4 }, latencyMs: 300 })
        const program = Effect.gen(function* () {
          const audit = yield* AuditLog
          for (let n = 0; n < 4; n++) yield* audit.log("case", "event")
          yield* audit.room()
          return yield* audit.flush({ timeoutMs: 5_000 })
        })
        const layer = AuditLog.layer({ app: "effects", exporters: [exporter], exitHook: false })
        const flushing = yield* Effect.forkChild(Effect.provide(program, layer))
        yield* settle
        yield* TestClock.adjust(300)
        yield* settle
        yield* TestClock.adjust(1_000)
        expect(yield* Fiber.join(flushing)).toMatchObject({ complete: true, written: 4, pending: 0 })
      })
  )

  it.effect("is not resumed in the middle of somebody's event: what it logs is an event of its own", () =>
    Effect.gen(function* () {
      const queue = { bytesMax: 1_000, overflow: "drop-oldest", batchEventsMax: 1 } as const
      const exporter = memoryExporter({ queue, breakage: "hang" })
      const program = Effect.gen(function* () {
        const audit = yield* AuditLog
        yield* audit.log("case", "in flight")
        yield* settle
        yield* TestClock.adjust(25)
        yield* settle
        yield* audit.log("case", "large", { text: "x".repeat(600) })
        const log = Effect.andThen(audit.room(), audit.log("case", "from who waited"))
        const waiter = yield* Effect.forkChild(log)
        yield* settle
        // It takes the place of the large one, and so makes room.
        yield* audit.log("case", "small", { text: "y".repeat(280) })
        yield* Fiber.join(waiter)
        const { exporters } = yield* audit.health
        exporter.heal()
        return exporters[0]
      })
      const layer = AuditLog.layer({ app: "effects", exporters: [exporter], exitHook: false })
      const health = yield* Effect.provide(program, layer)
      expect(health).toMatchObject({ accepted: 4, droppedBy: { overflow: 1, defect: 0 } })
    })
  )
})

describe("the Effect door", () => {
  it.effect("logs through the service, and the end of the layer closes the log", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      const program = Effect.gen(function* () {
        const audit = yield* AuditLog
        yield* audit.sessionStart()
        yield* audit.log(Uploaded({ filename: "a.csv" }), { source: "drop" })
        yield* audit.log("untyped", "message", { n: 1 }, { level: "warn" })
        yield* audit.pageOpen("A")
        yield* audit.exception("here", new Error("x"))
        const plain = yield* AuditLog.plain
        plain.log("plain", "the same log")
        return yield* audit.health
      })
      const health = yield* Effect.provide(
        program,
        AuditLog.layer({ app: "effects", exporters: [exporter], exitHook: false })
      )
      expect(health).toMatchObject({ app: "effects", exporters: [{ accepted: 6 }] })
      expect(exporter.events.map(({ head }) => head.category)).toEqual([
        "session",
        "upload",
        "untyped",
        "nav",
        "error",
        "plain",
        "session"
      ])
      expect(new Set(exporter.events.map(({ head }) => head.ts)).size).toBe(1)
    })
  )

  it.effect(
    "making an event is describing it: nothing is recorded until the effect runs, and each run records once",
    () =>
      Effect.gen(function* () {
        const exporter = memoryExporter()
        const program = Effect.gen(function* () {
          const audit = yield* AuditLog
          const once = audit.log("a", "b")
          yield* once
          yield* once
          return yield* audit.flush()
        })
        const layer = AuditLog.layer({ app: "effects", exporters: [exporter], exitHook: false })
        expect(yield* Effect.provide(program, layer)).toMatchObject({
          complete: true,
          accepted: 2,
          written: 2
        })
      })
  )

  it.effect("a committing layer serves both keys with one log", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter({ required: true })
      const program = Effect.gen(function* () {
        const committing = yield* CommittingAuditLog
        const audit = yield* AuditLog
        yield* audit.log("a", "b")
        return yield* committing.commit(Uploaded({ filename: "a.csv" }))
      })
      const layer = CommittingAuditLog.layer({ app: "effects", exporters: [exporter], exitHook: false })
      expect(yield* Effect.provide(program, layer)).toEqual({ durability: "os", seq: 2 })
    })
  )

  it("a committing layer does not compile without a required exporter", () => {
    const make = (): unknown =>
      // @ts-expect-error one exporter must be marked required
      CommittingAuditLog.layer({ app: "effects", exporters: [memoryExporter()] })
    expect(make).toBeTypeOf("function")
  })
})

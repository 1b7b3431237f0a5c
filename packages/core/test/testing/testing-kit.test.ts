// The testing kit as its users meet it: a log for tests, assertions about it, and an exporter that is slow or broken.
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { type Breakage, expectAudit, makeTestAudit, memoryExporter } from "../../src/testing/index.ts"
import { eventually } from "../tools/eventually.ts"

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Int, at: Schema.Date },
  message: ({ filename }) => `Uploaded ${filename}`
})
const upload = (filename: string, bytes = 1) => Uploaded({ filename, bytes, at: new Date(7) })

describe("makeTestAudit", () => {
  it("tells what was recorded at once, in order, without waiting", () => {
    const audit = makeTestAudit()
    audit.log(upload("a.csv"))
    expect(audit.lines).toHaveLength(1)
    audit.log("other", "m", { n: 1 })
    expect(audit.events.map(({ head }) => head.category)).toEqual(["upload", "other"])
    expect(audit.eventsOf(Uploaded)).toMatchObject([
      { fields: { filename: "a.csv", at: new Date(7) }, misfits: [] }
    ])
    expect(audit.events.map(({ head }) => head.seq)).toEqual([1, 2])
  })

  it("what is read at once is not written again, and flush and commit answer as ever", async () => {
    const audit = makeTestAudit()
    audit.log(upload("a.csv"))
    expect(audit.events).toHaveLength(1)
    expect(await audit.commit(upload("b.csv"))).toMatchObject({ seq: 2 })
    audit.log(upload("c.csv"))
    expect(audit.events).toHaveLength(3)
    expect(await audit.close()).toMatchObject({ complete: true, written: 3, pending: 0 })
    expect(audit.lines).toHaveLength(3)
  })

  it("the environment does not reach it, options do, and notices are kept", async () => {
    process.env.TEST_AUDIT_ENABLED = "0"
    try {
      const audit = makeTestAudit({ level: "warn" })
      audit.log("a", "info")
      audit.log("a", "warn", undefined, { level: "warn" })
      expect(audit.events).toHaveLength(1)
      audit.exporter.break("fail")
      audit.log("a", "lost?", undefined, { level: "error" })
      expect(await audit.flush()).toMatchObject({ complete: false, pending: 1 })
      expect(audit.events).toHaveLength(1)
      expect(audit.notices).toEqual([expect.stringContaining("memory: Cannot keep a batch in memory")])
      audit.exporter.heal()
      expect(audit.events).toHaveLength(2)
    } finally {
      delete process.env.TEST_AUDIT_ENABLED
    }
  })
})

describe("expectAudit", () => {
  const audit = makeTestAudit()
  audit.log(upload("a.csv", 3), { source: { kind: "drop", tags: ["x", "y"] } })
  audit.log(upload("b.csv", 4))
  audit.log("nav", "Opened A", { page: "A" })

  it("toHaveRecorded: a definition or a category, fields in part, nested, typed, or by matchers", () => {
    expectAudit(audit).toHaveRecorded(Uploaded)
    expectAudit(audit).toHaveRecorded(Uploaded, { filename: "a.csv" })
    expectAudit(audit).toHaveRecorded(Uploaded, { at: new Date(7), bytes: expect.any(Number) })
    expectAudit(audit).toHaveRecorded(Uploaded, { source: { tags: ["x", expect.stringMatching(/y/)] } })
    expectAudit(audit).toHaveRecorded("nav", { page: "A" })
    expectAudit(audit).toHaveRecordedTimes(2, Uploaded)
    expectAudit(audit).toHaveRecordedTimes(1, Uploaded, { bytes: 4 })
    expectAudit(audit).notToHaveRecorded(Uploaded, { filename: "c.csv" })
    expectAudit(audit).notToHaveRecorded("error")
  })

  it("what does not hold is an error that tells what was recorded instead", () => {
    expect(() => expectAudit(audit).toHaveRecorded(Uploaded, { filename: "c.csv" })).toThrow(
      /^expected an event "upload" with \{"filename":"c.csv"\}, found 0; recorded were:\n {2}upload \{"filename":"a.csv"/
    )
    for (const source of [{ tags: ["x"] }, { tags: ["x", "z"] }, { tags: "x" }, { kind: null }]) {
      expect(() => expectAudit(audit).toHaveRecorded(Uploaded, { source })).toThrow("found 0")
    }
    expect(() => expectAudit(audit).toHaveRecorded(Uploaded, { at: new Date(8) })).toThrow("found 0")
    expect(() => expectAudit(audit).toHaveRecordedTimes(1, Uploaded)).toThrow("found 2")
    expect(() => expectAudit(audit).notToHaveRecorded("nav")).toThrow("found 1")
    expect(() => expectAudit(makeTestAudit()).toHaveRecorded("nav")).toThrow("nothing was recorded")
  })

  it("a field that the definition knows has its type", () => {
    const uncalled = (): void => {
      // @ts-expect-error no event is defined by a number
      expectAudit(audit).toHaveRecorded(7)
    }
    expect(uncalled).toBeTypeOf("function")
  })
})

describe("the memory exporter", () => {
  it.effect("a slow one confirms after its latency on the log's clock", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter({ latencyMs: 5_000 })
      const clock = yield* TestClock.testClockWith(Effect.succeed)
      const audit = createAuditLog({ app: "slow", exporters: [exporter], exitHook: false, env: {}, clock })
      audit.log("a", "b")
      yield* TestClock.adjust(25)
      yield* eventually(() => exporter.attempts.length === 1, "the export begins")
      expect(audit.health().exporters[0]).toMatchObject({ state: "writing", pending: 1 })
      yield* TestClock.adjust(5_000)
      yield* eventually(() => exporter.lines.length === 1, "the export ends")
    })
  )

  it.each<Breakage>(["fail", "refuse", "die", "hang", "open"])(
    "one that is broken from the start (%s) takes nothing until it is healed",
    async (breakage) => {
      const exporter = memoryExporter({ breakage })
      const audit = createAuditLog({ app: "broken", exporters: [exporter], exitHook: false, env: {} })
      audit.log("a", "b")
      expect(await audit.flush({ timeoutMs: 50 })).toMatchObject({ complete: false, written: 0 })
      expect(exporter.lines).toEqual([])
      exporter.heal()
    }
  )
})

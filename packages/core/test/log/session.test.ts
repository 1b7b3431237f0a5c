// The end of a session: what tells one that was closed from one that broke off. Its start is in plain-door.test.ts.
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { AuditLog } from "../../src/api/audit-log-service.ts"
import { SessionEnded } from "../../src/catalogue/index.ts"
import { expectAudit, makeTestAudit, memoryExporter } from "../../src/testing/index.ts"

describe("the end of a session", () => {
  it("is recorded by close, once, as the last line of a session that was started", async () => {
    const audit = makeTestAudit()
    audit.sessionStart()
    audit.log("a", "b")
    const first = await audit.close()
    const second = await audit.close()
    expect(audit.events.map(({ head }) => head.message)).toEqual(["Session started", "b", "Session ended"])
    expect(audit.events.at(-1)).toMatchObject({
      head: { category: "session", level: "info", seq: 3 },
      fields: { duration_ms: expect.any(Number) }
    })
    expect([first.written, second.written]).toEqual([3, 3])
  })

  it("is not recorded of a session that nobody started", async () => {
    const audit = makeTestAudit()
    audit.log("a", "b")
    await audit.close()
    expectAudit(audit).notToHaveRecorded("session")
  })

  it("is recorded whatever the rules leave out, and passes every filter, like the start", async () => {
    const exporter = memoryExporter({ accepts: () => false })
    const audit = createAuditLog({ app: "ends", exporters: [exporter], exitHook: false, env: {}, allow: [] })
    audit.sessionStart()
    audit.log("a", "b")
    await audit.close()
    expect(exporter.events.map(({ head }) => head.message)).toEqual(["Session started", "Session ended"])
  })

  it("tells how long the session was, on the log's own clock, and comes with the end of a layer", async () => {
    const exporter = memoryExporter()
    const program = Effect.gen(function* () {
      const audit = yield* AuditLog
      yield* audit.sessionStart()
      yield* TestClock.adjust("90 seconds")
    })
    const layer = AuditLog.layer({ app: "ends", exporters: [exporter], exitHook: false, env: {} })
    await Effect.runPromise(program.pipe(Effect.provide(layer), Effect.provide(TestClock.layer())))
    expect(exporter.events.at(-1)?.fields).toEqual({ duration_ms: 90_000 })
  })

  it("has a definition that reads it back", async () => {
    const audit = makeTestAudit()
    audit.sessionStart()
    await audit.close()
    const whole = audit.eventsOf(SessionEnded).filter(({ misfits }) => misfits.length === 0)
    expect(whole).toHaveLength(1)
  })
})

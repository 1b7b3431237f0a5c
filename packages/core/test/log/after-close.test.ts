// A log that is closed: every method of both doors still answers as it says it does, none throws or waits, and each
// event that comes too late is counted, takes no `seq` and reaches no exporter.
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createAuditLog } from "../../src/api/audit-log.ts"
import {
  AuditLog,
  CommittingAuditLog,
  type CommittingAuditLogService
} from "../../src/api/audit-log-service.ts"
import { auditTool } from "../../src/api/audit-tool.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { Refused } from "../../src/log/commit.ts"
import { makeTestAudit, memoryExporter, type TestAudit } from "../../src/testing/index.ts"

const SomeEvent = defineEvent({ category: "a", fields: {}, message: "b" })

/** Calls of the plain door, what each must return, and how many events it offers. */
const plainCalls: readonly {
  readonly name: string
  readonly call: (audit: TestAudit) => unknown
  readonly answer: unknown
  readonly events: number
}[] = [
  { name: "log", call: (audit) => audit.log("a", "b", { n: 1 }), answer: undefined, events: 1 },
  { name: "log, typed", call: (audit) => audit.log(SomeEvent({})), answer: undefined, events: 1 },
  { name: "sessionStart", call: (audit) => audit.sessionStart(), answer: undefined, events: 1 },
  { name: "pageOpen", call: (audit) => audit.pageOpen("A"), answer: undefined, events: 1 },
  {
    name: "exception",
    call: (audit) => audit.exception("here", new Error("x")),
    answer: undefined,
    events: 1
  },
  { name: "relay", call: (audit) => audit.relay({ message: "elsewhere" }), answer: undefined, events: 1 },
  {
    name: "setRecording",
    call: (audit) => audit.setRecording({ allow: "all" }),
    answer: undefined,
    events: 1
  },
  {
    name: "timed",
    call: (audit) => audit.timed("recall", {}, () => "its result"),
    answer: "its result",
    events: 1
  },
  {
    name: "a tool",
    call: (audit) => auditTool(audit, "t", () => "its result")(),
    answer: "its result",
    events: 1
  },
  { name: "lastPage", call: (audit) => audit.lastPage(), answer: undefined, events: 0 },
  { name: "isEnabled", call: (audit) => audit.isEnabled("a"), answer: true, events: 0 },
  { name: "hasRoom", call: (audit) => audit.hasRoom("memory"), answer: true, events: 0 },
  { name: "room", call: (audit) => audit.room(), answer: undefined, events: 0 },
  {
    name: "flush",
    call: (audit) => audit.flush(),
    answer: expect.objectContaining({ complete: true, accepted: 1, written: 1, dropped: 0, pending: 0 }),
    events: 0
  },
  {
    name: "close",
    call: (audit) => audit.close(),
    answer: expect.objectContaining({ complete: true, accepted: 1, written: 1, dropped: 0, pending: 0 }),
    events: 0
  },
  {
    name: "health",
    call: (audit) => audit.health().exporters,
    answer: [expect.objectContaining({ name: "memory", state: "closed", accepted: 1, written: 1 })],
    events: 0
  },
  {
    name: "onHealth",
    call: (audit) => audit.onHealth(() => undefined)(),
    answer: undefined,
    events: 0
  }
]

/** Too late is too late: counted as closed, and nothing else has changed since the one event that was in time. */
const expectCounted = ({ health, exporter, lines }: TestAudit, events: number): void => {
  expect(health().exporters).toEqual([
    expect.objectContaining({
      state: "closed",
      accepted: 1 + events,
      written: 1,
      dropped: events,
      pending: 0,
      droppedBy: { overflow: 0, closed: events, too_large: 0, refused: 0, gave_up: 0, defect: 0 }
    })
  ])
  expect(lines).toHaveLength(1)
  expect([exporter.opened, exporter.attempts]).toEqual([1, [1]])
}

/** A log that was closed behind its first event. */
const closedLog = async (): Promise<TestAudit> => {
  const audit = makeTestAudit()
  audit.log("a", "in time")
  await audit.close()
  return audit
}

/** The methods of a door that no call of a list is about. */
const uncalled = (door: object, calls: readonly { readonly name: string }[]): readonly string[] => {
  const called = new Set(calls.map(({ name }) => name.split(",")[0]))
  return Object.keys(door).filter((method) => !called.has(method))
}

describe("F48 after close, the plain door", () => {
  it("has no method that is not called here", () => {
    expect(uncalled(createAuditLog({ app: "ends", exporters: [] }), plainCalls)).toEqual(["commit"])
  })

  for (const { name, call, answer, events } of plainCalls) {
    it(`answers ${name}, and counts its event if it has one`, async () => {
      const audit = await closedLog()
      expect(await call(audit)).toEqual(answer)
      expectCounted(audit, events)
    })
  }

  it("refuses a commit, with the reason, and counts it", async () => {
    const audit = await closedLog()
    const refused = new Refused({ exporter: "memory", why: "the log is closed" })
    await expect(audit.commit(SomeEvent({}))).rejects.toEqual(refused)
    expectCounted(audit, 1)
  })

  it("passes on what an operation throws", async () => {
    const audit = await closedLog()
    const error = new RangeError("its own")
    const throws = (): never => {
      throw error
    }
    await expect(audit.timed("recall", {}, throws)).rejects.toBe(error)
    expect(auditTool(audit, "t", throws)).toThrow(error)
    expectCounted(audit, 2)
  })

  it("tells in a later flush what came too late, and is complete: nothing of it is lost between", async () => {
    const audit = await closedLog()
    for (let n = 0; n < 1_000; n++) audit.log("a", "too late", { n })
    const { exporters, ...total } = await audit.flush()
    expect(total).toEqual({
      complete: true,
      accepted: 1_001,
      written: 1,
      handedOver: 0,
      dropped: 1_000,
      pending: 0
    })
    expect(exporters).toHaveLength(1)
    expectCounted(audit, 1_000)
  })

  it("is closed from the call on, not from its answer", async () => {
    const audit = makeTestAudit()
    audit.log("a", "in time")
    const closed = audit.close()
    audit.log("a", "too late")
    const again = audit.close()
    audit.log("a", "too late")
    expect(await closed).toMatchObject({ complete: true, written: 1 })
    expect(await again).toMatchObject({ complete: true, written: 1 })
    expectCounted(audit, 2)
  })

  it("S0.26 still writes what was in time when it could not at first, and none of what came too late", async () => {
    const audit = makeTestAudit()
    const { exporter } = audit
    exporter.break("fail")
    for (let n = 0; n < 3; n++) audit.log("a", "in time")
    expect(await audit.close()).toMatchObject({ complete: false, pending: 3 })
    for (let n = 0; n < 5; n++) audit.log("a", "too late")
    expect(await audit.flush()).toMatchObject({ complete: false, accepted: 8, dropped: 5, pending: 3 })
    exporter.heal()
    expect(await audit.flush()).toMatchObject({ complete: true, written: 3, dropped: 5, pending: 0 })
    audit.log("a", "too late")
    expect(exporter.events.map(({ kind, head }) => [kind, head.message])).toEqual(
      Array.from({ length: 3 }, () => ["event", "in time"])
    )
  })

  it("counts what comes too late for a log that never had an event", async () => {
    const audit = makeTestAudit()
    expect(await audit.close()).toMatchObject({ complete: true, accepted: 0 })
    audit.log("a", "too late")
    expect(audit.health().exporters[0]).toMatchObject({ accepted: 1, dropped: 1, droppedBy: { closed: 1 } })
    expect(audit.lines).toEqual([])
  })
})

/** The same calls on the service, which the layer's end has closed. */
const serviceCalls: readonly {
  readonly name: string
  readonly call: (audit: CommittingAuditLogService) => Effect.Effect<unknown, unknown>
  readonly answer: unknown
  readonly events: number
}[] = [
  { name: "log", call: (audit) => audit.log("a", "b", { n: 1 }), answer: undefined, events: 1 },
  { name: "log, typed", call: (audit) => audit.log(SomeEvent({})), answer: undefined, events: 1 },
  { name: "sessionStart", call: (audit) => audit.sessionStart(), answer: undefined, events: 1 },
  { name: "pageOpen", call: (audit) => audit.pageOpen("A"), answer: undefined, events: 1 },
  {
    name: "exception",
    call: (audit) => audit.exception("here", new Error("x")),
    answer: undefined,
    events: 1
  },
  { name: "relay", call: (audit) => audit.relay({ message: "elsewhere" }), answer: undefined, events: 1 },
  {
    name: "setRecording",
    call: (audit) => audit.setRecording({ allow: "all" }),
    answer: undefined,
    events: 1
  },
  {
    name: "timed",
    call: (audit) => audit.timed("recall", {}, () => Effect.succeed("its result")),
    answer: "its result",
    events: 1
  },
  {
    name: "timed, when it fails",
    call: (audit) => Effect.flip(audit.timed("recall", {}, () => Effect.fail("its own"))),
    answer: "its own",
    events: 1
  },
  {
    name: "commit",
    call: (audit) => Effect.flip(audit.commit(SomeEvent({}))),
    answer: new Refused({ exporter: "memory", why: "the log is closed" }),
    events: 1
  },
  { name: "lastPage", call: (audit) => audit.lastPage(), answer: undefined, events: 0 },
  { name: "isEnabled", call: (audit) => audit.isEnabled("a"), answer: true, events: 0 },
  { name: "room", call: (audit) => audit.room(), answer: undefined, events: 0 },
  {
    name: "flush",
    call: (audit) => audit.flush(),
    answer: expect.objectContaining({ complete: true, accepted: 1, written: 1, pending: 0 }),
    events: 0
  },
  {
    name: "health",
    call: (audit) => Effect.map(audit.health, ({ exporters }) => exporters),
    answer: [expect.objectContaining({ name: "memory", state: "closed", accepted: 1, written: 1 })],
    events: 0
  },
  {
    name: "plain",
    call: (audit) => Effect.sync(() => audit.plain.log("a", "b")),
    answer: undefined,
    events: 1
  }
]

describe("F48 after the end of its layer, the Effect door", () => {
  it.effect("has no method that is not called here", () =>
    Effect.gen(function* () {
      const audit = yield* Effect.provide(AuditLog, AuditLog.layerDisabled)
      expect(uncalled(audit, serviceCalls)).toEqual([])
    })
  )

  for (const { name, call, answer, events } of serviceCalls) {
    it.effect(`answers ${name}, and counts its event if it has one`, () =>
      Effect.gen(function* () {
        const exporter = memoryExporter({ required: true })
        const layer = CommittingAuditLog.layer({
          app: "ends",
          exporters: [exporter],
          exitHook: false,
          env: {}
        })
        const audit = yield* Effect.provide(
          Effect.gen(function* () {
            yield* (yield* AuditLog).log("a", "in time")
            return yield* CommittingAuditLog
          }),
          layer
        )
        expect(yield* call(audit)).toEqual(answer)
        expect((yield* audit.health).exporters).toEqual([
          expect.objectContaining({
            state: "closed",
            accepted: 1 + events,
            written: 1,
            dropped: events,
            pending: 0
          })
        ])
        expect(exporter.lines).toHaveLength(1)
      })
    )
  }
})

// What surrounds a call: values that follow the running code without leaking to its siblings, and the active span.

import { setTimeout as later } from "node:timers/promises"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Audit } from "../../src/api/audit.ts"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { AuditLog } from "../../src/api/audit-log-service.ts"
import { recordToolCall } from "../../src/api/audit-tool.ts"
import type { Fields } from "../../src/encode/fields.ts"
import type { TraceSource } from "../../src/event/trace-context.ts"
import { makeCallContext } from "../../src/host/call-context.ts"
import { enterContext, withAuditContext, withContext } from "../../src/log/context.ts"
import { memoryExporter } from "../../src/testing/index.ts"
import { encodeParsed } from "../tools/encode-line.ts"

const makeLog = (options: { readonly traceSource?: TraceSource } = {}) => {
  const exporter = memoryExporter()
  const audit = createAuditLog({ app: "context", exporters: [exporter], exitHook: false, ...options })
  const written = async () => {
    await audit.flush()
    return exporter.events
  }
  return { audit, exporter, written }
}

const traceId = "0af7651916cd43dd8448eb211c80319c"
const spanId = "b7ad6b7169203331"

describe("context of plain code", () => {
  it("S2.7 follows await, timers and Promise.all, and does not leak to siblings", async () => {
    const { audit, written } = makeLog()
    const work = (name: string, turns: number): Promise<void> =>
      withContext({ engine: name }, async () => {
        for (let turn = 0; turn < turns; turn++) {
          await later(0)
          audit.log("a", name)
          setTimeout(() => audit.log("a", name), 0)
          await Promise.all([Promise.resolve().then(() => audit.log("a", name)), later(1)])
        }
      })
    await Promise.all([work("one", 3), work("two", 2), work("three", 4)])
    audit.log("a", "outside")
    while ((audit.health().exporters[0]?.accepted ?? 0) < 28) await later(0)
    const events = await written()
    expect(events).toHaveLength(28)
    for (const { head, fields } of events)
      expect(fields.engine).toBe(head.message === "outside" ? undefined : head.message)
  })

  it("inner values win, outer ones stay, and what `run` returns is returned", async () => {
    const { audit, written } = makeLog()
    const answer = withContext({ engine: "outer", model: "m" }, () =>
      withContext({ engine: "inner" }, () => {
        audit.log("a", "b")
        return 42
      })
    )
    expect(answer).toBe(42)
    expect((await written())[0]?.fields).toEqual({ engine: "inner", model: "m" })
  })

  it("F82 values that throw do not keep the code from running", async () => {
    const { audit, written } = makeLog()
    const values = {
      user: "ada",
      get bad() {
        throw new Error("no")
      }
    }
    expect(withContext(values, () => 42)).toBe(42)
    withContext(values, () => audit.log("a", "b"))
    expect((await written())[0]?.fields).toEqual({ user: "ada" })
  })

  it("loses against fields and extras of the same name; its secrets are redacted, reserved names move aside", () => {
    const context = { filename: "context", source: "context", user: "ada", api_key: "k", seq: 9 }
    const line = encodeParsed({ fields: { filename: "field" }, extras: { source: "extra" }, context })
    expect(line).toMatchObject({
      filename: "field",
      source: "extra",
      user: "ada",
      api_key: "[redacted]",
      "extra.seq": 9,
      seq: 1
    })
  })

  it("F82 does not cost the event its line when the extras cannot be looked at", async () => {
    const { audit, written } = makeLog()
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    withContext({ user: "ada" }, () => audit.log("a", "b", proxy as Record<string, unknown>))
    expect((await written())[0]?.fields).toEqual({ user: "ada", extra: expect.stringContaining("[Threw: ") })
  })

  it("its user is whose page was opened, and is told to filters", async () => {
    const seen: unknown[] = []
    const exporter = memoryExporter({ accepts: ({ user }) => seen.push(user) > 0 })
    const audit = createAuditLog({ app: "context", exporters: [exporter], exitHook: false })
    for (const user of ["ada", "bob", "ada"]) withContext({ user }, () => audit.pageOpen("A"))
    await audit.close()
    expect(exporter.lines).toHaveLength(2)
    expect(seen).toEqual(["ada", "bob"])
  })
})

describe("a context that was entered", () => {
  // The shape of an agent platform: a request says once whose it is, and tools are called far below.
  const callTool = async (audit: Audit, tool: string): Promise<void> => {
    await later(0)
    recordToolCall(audit, { tool, args: {}, status: "ok", result: "x" })
    setTimeout(() => recordToolCall(audit, { tool, args: {}, status: "denied" }), 0)
    await later(1)
  }
  const serve = async (audit: Audit, user: string): Promise<void> => {
    enterContext({ user, engine: `engine of ${user}` })
    await callTool(audit, user)
    enterContext({ model: `model of ${user}` })
    await Promise.all([callTool(audit, user), callTool(audit, user)])
  }

  it("S2.19 holds for the rest of the run, for all that it starts, and for no run beside it", async () => {
    const { audit, written } = makeLog()
    const users = ["ada", "bob", "cem"]
    const requests = users.map(
      (user) => new Promise((resolve) => setImmediate(() => resolve(serve(audit, user))))
    )
    await Promise.all(requests)
    recordToolCall(audit, { tool: "outside", args: {}, status: "ok" })
    while ((audit.health().exporters[0]?.accepted ?? 0) < 19) await later(0)
    const events = await written()
    const calls = events.map(({ fields }) => [fields.tool, fields.user, fields.engine, fields.model])
    expect(calls).toHaveLength(19)
    for (const [tool, ...around] of calls)
      if (tool === "outside") expect(around).toEqual([undefined, "", ""])
      else expect(around.slice(0, 2)).toEqual([tool, `engine of ${tool}`])
    for (const user of users) {
      const models = calls.filter(([tool]) => tool === user).map(([, , , model]) => model)
      expect(models.toSorted()).toEqual(["", "", ...Array(4).fill(`model of ${user}`)])
    }
  })

  it("S2.19 ends with the withContext around it, whose values it keeps", async () => {
    const { audit, written } = makeLog()
    await withContext({ engine: "e", model: "m" }, async () => {
      enterContext({ model: "entered", user: "ada" })
      await later(0)
      audit.log("a", "inside")
    })
    await later(0)
    audit.log("a", "outside")
    expect((await written()).map(({ fields }) => fields)).toEqual([
      { engine: "e", model: "entered", user: "ada" },
      {}
    ])
  })

  it("S2.19 F82 values that cannot be looked at add nothing, and nothing throws", async () => {
    const { audit, written } = makeLog()
    await withContext({ user: "ada" }, async () => {
      for (const values of [
        undefined,
        null,
        7,
        {
          get bad() {
            throw new Error("no")
          }
        }
      ])
        enterContext(values as never)
      await later(0)
      audit.log("a", "b")
    })
    expect((await written())[0]?.fields).toEqual({ user: "ada", extra: 7 })
  })

  it("S2.19 without AsyncLocalStorage.enterWith it holds until the run around it returns, and elsewhere not at all", () => {
    class Unentered {
      getStore = () => undefined
      run = <A>(_values: Fields, run: () => A): A => run()
      enterWith = (): void => {
        throw new Error("not implemented")
      }
    }
    expect(makeCallContext(() => Unentered).enter({ user: "ada" })).toBe(false)
    const store = makeCallContext(() => undefined)
    expect([store.enter({ user: "ada" }), store.get()]).toEqual([false, undefined])
    const inside = store.run({ user: "bob" }, () => {
      const inner = store.run({ user: "cem" }, () => [store.enter({ user: "dan" }), store.get()])
      return [...inner, store.get(), store.enter({ user: "eve" }), store.get()]
    })
    expect(inside).toEqual([true, { user: "dan" }, { user: "bob" }, true, { user: "eve" }])
    expect(store.get()).toBeUndefined()
  })
})

describe("the active span", () => {
  it("is read from the source at the call, and stands before seq", async () => {
    let active: { traceId: string; spanId: string; traceFlags?: number } | undefined = {
      traceId,
      spanId,
      traceFlags: 1
    }
    const { audit, exporter, written } = makeLog({ traceSource: () => active })
    audit.log("a", "inside")
    active = undefined
    audit.log("a", "outside")
    const [inside, outside] = await written()
    expect(inside?.head).toMatchObject({ trace_id: traceId, span_id: spanId, trace_flags: 1 })
    expect(outside?.head.trace_id).toBeUndefined()
    expect(Object.keys(JSON.parse(exporter.lines[0] ?? "")).slice(-5)).toEqual([
      "trace_id",
      "span_id",
      "trace_flags",
      "seq",
      "id"
    ])
  })

  it("a source that throws, or gives what W3C does not allow, is a call outside of any span", async () => {
    const bad: TraceSource[] = [
      () => {
        throw new Error("no")
      },
      () => ({ traceId: "0".repeat(32), spanId }),
      () => ({ traceId, spanId: 'x","forged":"1' }),
      () => 7 as never
    ]
    for (const traceSource of bad) {
      const { audit, written } = makeLog({ traceSource })
      audit.log("a", "b")
      expect((await written())[0]?.head.trace_id).toBeUndefined()
    }
  })
})

describe("context and span of fibers", () => {
  it.effect("a fiber's own values and span, its children's too, and not its siblings'", () =>
    Effect.gen(function* () {
      const exporter = memoryExporter()
      const work = (engine: string) =>
        Effect.gen(function* () {
          const audit = yield* AuditLog
          yield* Effect.yieldNow
          yield* Effect.forkChild(audit.log("a", engine)).pipe(
            Effect.flatMap((fiber) => Effect.yieldNow.pipe(Effect.as(fiber)))
          )
          yield* audit.log("a", engine)
          return yield* Effect.currentSpan
        }).pipe(withAuditContext({ engine }), Effect.withSpan(engine))
      const program = Effect.gen(function* () {
        const audit = yield* AuditLog
        const spans = yield* Effect.all([work("one"), work("two")], { concurrency: 2 })
        yield* audit.log("a", "outside")
        yield* audit.flush()
        return spans
      })
      const layer = AuditLog.layer({ app: "context", exporters: [exporter], exitHook: false })
      const spans = yield* Effect.provide(program, layer)
      expect(exporter.events).toHaveLength(5)
      for (const { head, fields } of exporter.events) {
        const span = spans.find(({ name }) => name === head.message)
        expect(fields.engine).toBe(span?.name)
        expect(head.trace_id).toBe(span?.traceId)
        expect(head.span_id).toBe(span?.spanId)
      }
    })
  )
})

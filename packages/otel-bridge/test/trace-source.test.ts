// The span that is active at a call stands on the line and in the record, however late the batch leaves: with a real
// tracer of OpenTelemetry's SDK, with Effect's spans, and with both.
import { AuditLog, createAuditLog, decodeLine } from "@daybook/core"
import { memoryExporter } from "@daybook/core/testing"
import { context, type SpanContext } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import { TracerProvider } from "@opentelemetry/sdk-trace"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { otelExporter, otelTraceSource } from "../src/index.ts"
import { makeRecordMaker } from "../src/log-records.ts"
import { otlpSettings } from "../src/otlp-settings.ts"
import { acknowledge, send, startCollector } from "./collector.ts"
import { heldClock } from "./held-clock.ts"

const tracer = new TracerProvider().getTracer("test")

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(() => context.disable())

const inSpan = <A>(run: (span: SpanContext) => A): A =>
  tracer.startActiveSpan("work", (span) => {
    try {
      return run(span.spanContext())
    } finally {
      span.end()
    }
  })

describe("the trace source", () => {
  it("is the active span of OpenTelemetry, across await, and nothing outside of one", async () => {
    expect(otelTraceSource()).toBeUndefined()
    await inSpan(async ({ traceId, spanId, traceFlags }) => {
      expect(otelTraceSource()).toEqual({ traceId, spanId, traceFlags })
      await Promise.resolve()
      expect(otelTraceSource()).toEqual({ traceId, spanId, traceFlags })
    })
    expect(otelTraceSource()).toBeUndefined()
  })

  it("is the span of the Effect fiber that runs the call, where OpenTelemetry has none", async () => {
    const program = Effect.gen(function* () {
      const span = yield* Effect.currentSpan
      const found = yield* Effect.sync(() => otelTraceSource())
      expect(found).toEqual({ traceId: span.traceId, spanId: span.spanId, traceFlags: 1 })
    }).pipe(Effect.withSpan("work"))
    await Effect.runPromise(program)
  })

  it("stands on a plain log's lines inside an Effect program, and on an Effect log's lines inside OpenTelemetry's span", async () => {
    const [plain, effect] = [memoryExporter(), memoryExporter()]
    const audit = createAuditLog({
      app: "a",
      exporters: [plain],
      exitHook: false,
      traceSource: otelTraceSource
    })
    const span = await Effect.runPromise(
      Effect.gen(function* () {
        yield* Effect.sync(() => audit.log("case", "inside"))
        return yield* Effect.currentSpan
      }).pipe(Effect.withSpan("work"))
    )
    await audit.close()
    expect(plain.events[0]?.head).toMatchObject({ trace_id: span.traceId, span_id: span.spanId })

    const options = { app: "a", exporters: [effect], exitHook: false, traceSource: otelTraceSource }
    const program = Effect.gen(function* () {
      const log = yield* AuditLog
      yield* log.log("case", "inside")
    }).pipe(Effect.provide(AuditLog.layer(options)))
    const outer = await inSpan(async (active) => {
      await Effect.runPromise(program)
      return active
    })
    expect(effect.events[0]?.head).toMatchObject({ trace_id: outer.traceId, span_id: outer.spanId })
  })
})

describe("a record", () => {
  it("keeps the span of its call, though it leaves hours later inside another one", async () => {
    const collector = await startCollector(send(503))
    const clock = heldClock()
    const audit = createAuditLog({
      app: "datatools",
      exporters: [otelExporter({ url: collector.url })],
      exitHook: false,
      env: {},
      clock,
      notice: () => undefined,
      traceSource: otelTraceSource
    })
    audit.log("case", "outside")
    const spans = [1, 2].map((n) =>
      inSpan((span) => {
        audit.log("case", `inside ${n}`)
        return span
      })
    )
    await audit.flush()
    clock.now += 3 * 3_600_000
    collector.answer(acknowledge)
    await inSpan(async () => void (await audit.flush()))
    expect(collector.records.map(({ traceId, spanId, flags }) => [traceId, spanId, flags])).toEqual([
      ["", "", 0],
      ...spans.map(({ traceId, spanId }) => [traceId, spanId, 1])
    ])
  })

  it("of a line without a span has none, though one is active where it is made", () => {
    const line = decodeLine('{"ts":"2026-11-22T09:00:00.123Z","message":"m"}')
    if ("damage" in line) throw new Error(line.damage)
    const settings = otlpSettings({}, { app: "datatools", env: {} }, () => undefined)
    const [record] = inSpan(() => makeRecordMaker("datatools", settings, {})([line]))
    expect(record?.spanContext).toBeUndefined()
  })

  it("is sent outside of any trace: an instrumented fetch sees that tracing is suppressed", async () => {
    const suppressed: unknown[] = []
    const key = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING")
    const fetch = async (): Promise<Response> => {
      suppressed.push(context.active().getValue(key))
      const span = tracer.startSpan("HTTP POST")
      suppressed.push(span.isRecording())
      return new Response(null, { status: 204 })
    }
    const exporters = [otelExporter({ fetch })]
    const audit = createAuditLog({ app: "datatools", exporters, exitHook: false, env: {} })
    await inSpan(async () => {
      audit.log("case", "event")
      await audit.close()
    })
    expect(suppressed).toEqual([true, false])
  })
})

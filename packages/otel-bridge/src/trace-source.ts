// The span that is active at a call of plain code: OpenTelemetry's, else that of the Effect fiber that runs the call. Core's
// Effect door reads the fiber's span by itself; this is for `createAuditLog`.
import type { TraceContext, TraceSource } from "@daybook/core"
import { trace } from "@opentelemetry/api"
import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/**
 * The option `traceSource` of a log: `createAuditLog({ app, exporters, traceSource: otelTraceSource })`. Asked at each
 * call; `undefined` outside of any span, and in an application without an OpenTelemetry context manager.
 */
export const otelTraceSource: TraceSource = () => spanOfContext() ?? spanOfFiber()

const spanOfContext = (): TraceContext | undefined => {
  const span = trace.getActiveSpan()?.spanContext()
  return span === undefined
    ? undefined
    : { traceId: span.traceId, spanId: span.spanId, traceFlags: span.traceFlags }
}

// An Effect program without OpenTelemetry's context has its span only in the fiber.
const spanOfFiber = (): TraceContext | undefined => {
  const fiber = Fiber.getCurrent()
  if (fiber === undefined) return undefined
  const span = Option.getOrUndefined(Context.getOption(fiber.context, Tracer.ParentSpan))
  return span === undefined
    ? undefined
    : { traceId: span.traceId, spanId: span.spanId, traceFlags: span.sampled ? 1 : 0 }
}

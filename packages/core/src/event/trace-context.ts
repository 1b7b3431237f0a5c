// The span that was active at the call, as W3C Trace Context names it. Where it comes from is the application's choice:
// an option for OpenTelemetry's API, the fiber itself for Effect.

/** A span's identity. */
export interface TraceContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string
  /** Bit 0: sampled. */
  readonly traceFlags?: number
}

/** Asked at each call. One that throws, or gives something else, is a call outside of any span. */
export type TraceSource = () => TraceContext | undefined

/** Reads a source, each value once; `undefined` for everything that is no span by W3C's rules. */
export const readTrace = (source: TraceSource | undefined): TraceContext | undefined => {
  if (source === undefined) return undefined
  try {
    const { traceId, spanId, traceFlags } = source() ?? nothing
    if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined
    return typeof traceFlags === "number" ? { traceId, spanId, traceFlags } : { traceId, spanId }
  } catch {
    return undefined
  }
}

const nothing: Partial<TraceContext> = {}

const isTraceId = (value: unknown): value is string =>
  typeof value === "string" && /^(?!0{32})[0-9a-f]{32}$/.test(value)

const isSpanId = (value: unknown): value is string =>
  typeof value === "string" && /^(?!0{16})[0-9a-f]{16}$/.test(value)

// What an OTLP request holds, as plain values, decoded by code that was generated from the official definitions. Only what the
// report shows is kept.
import root from "otlp-codec/build/src/generated/root.js"

interface Received {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface ReceivedSpan extends Received {
  readonly parentId: string
  readonly name: string
  readonly startNs: bigint
  readonly endNs: bigint
  readonly isFailed: boolean
}

/** A log record with a name. Without a span its ids are "". */
export interface ReceivedEvent extends Received {
  readonly name: string
  readonly level: string
  readonly message: string
}

interface Value {
  readonly stringValue?: string
  readonly intValue?: string
  readonly doubleValue?: number
  readonly boolValue?: boolean
}
interface Part {
  readonly traceId?: string
  readonly spanId?: string
  readonly attributes?: readonly { readonly key: string; readonly value: Value }[]
}
interface SpanPart extends Part {
  readonly parentSpanId?: string
  readonly name?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status?: { readonly code?: number }
}
interface LogPart extends Part {
  readonly eventName?: string
  readonly severityText?: string
  readonly body?: Value
}
interface TraceRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SpanPart[] }[]
  }[]
}
interface LogRequest {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly LogPart[] }[]
  }[]
}
interface Codec<Request> {
  decode(bytes: Uint8Array): object
  toObject(
    message: object,
    options: { readonly longs: typeof String; readonly bytes: typeof String }
  ): Request
}

// The generated code has no types.
const { logs, trace } = (
  root as unknown as {
    opentelemetry: {
      proto: {
        collector: {
          logs: { v1: { ExportLogsServiceRequest: Codec<LogRequest> } }
          trace: { v1: { ExportTraceServiceRequest: Codec<TraceRequest> } }
        }
      }
    }
  }
).opentelemetry.proto.collector

export const readSpans = (bytes: Uint8Array): readonly ReceivedSpan[] =>
  decode(trace.v1.ExportTraceServiceRequest, bytes)
    .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map((span) => ({
      ...received(span),
      parentId: hex(span.parentSpanId),
      name: span.name ?? "",
      startNs: BigInt(span.startTimeUnixNano),
      endNs: BigInt(span.endTimeUnixNano),
      isFailed: span.status?.code === 2
    }))

export const readLogs = (bytes: Uint8Array): readonly ReceivedEvent[] =>
  decode(logs.v1.ExportLogsServiceRequest, bytes)
    .resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    .map((record) => ({
      ...received(record),
      name: record.eventName ?? "",
      level: record.severityText ?? "",
      message: record.body?.stringValue ?? ""
    }))

const decode = <Request>(codec: Codec<Request>, bytes: Uint8Array): Request =>
  codec.toObject(codec.decode(bytes), { longs: String, bytes: String })

const received = ({ traceId, spanId, attributes = [] }: Part): Received => ({
  traceId: hex(traceId),
  spanId: hex(spanId),
  attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]))
})

const hex = (base64 = ""): string => Buffer.from(base64, "base64").toString("hex")

const plain = (value: Value): unknown =>
  value.stringValue ?? value.doubleValue ?? value.boolValue ?? Number(value.intValue)

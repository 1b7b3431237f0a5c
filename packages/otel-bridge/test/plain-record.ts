// Log records as a test compares them: plain values, whatever the encoding. Protobuf is decoded by code generated from the
// official definitions, not by the code under test. `lineOf` makes a record's line again, which shows that nothing was lost.
import root from "otlp-codec/build/src/generated/root.js"

export interface PlainRecord {
  /** Nanoseconds since 1970, as text: a number cannot hold them. */
  readonly time: string
  readonly observed: string
  readonly severityNumber: number
  readonly severityText: string
  readonly body: unknown
  readonly eventName: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly droppedAttributesCount: number
  /** "" without a span. */
  readonly traceId: string
  readonly spanId: string
  readonly flags: number
  readonly scope: string
  readonly resource: Readonly<Record<string, unknown>>
}

interface Value {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly bytesValue?: string
  readonly arrayValue?: { readonly values?: readonly Value[] }
  readonly kvlistValue?: { readonly values?: readonly Pair[] }
}
interface Pair {
  readonly key: string
  readonly value?: Value
}
interface Request {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly Pair[] }
    readonly scopeLogs?: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string }
      readonly logRecords?: readonly {
        readonly timeUnixNano?: string
        readonly observedTimeUnixNano?: string
        readonly severityNumber?: number
        readonly severityText?: string
        readonly body?: Value
        readonly eventName?: string
        readonly attributes?: readonly Pair[]
        readonly droppedAttributesCount?: number
        readonly traceId?: string | Uint8Array
        readonly spanId?: string | Uint8Array
        readonly flags?: number
      }[]
    }[]
  }[]
}

interface Codec {
  decode(bytes: Uint8Array): object
  toObject(message: object, options: { longs: typeof String }): Request
  encode(message: object): { finish(): Uint8Array }
}

const service = (
  root as unknown as {
    opentelemetry: { proto: { collector: { logs: { v1: Record<string, Codec> } } } }
  }
).opentelemetry.proto.collector.logs.v1

const codec = (name: string): Codec => {
  const found = service[name]
  if (found === undefined) throw new Error(`the official definitions have no ${name}`)
  return found
}

/** The records of one request body, in order. */
export const decodeRequest = (bytes: Uint8Array, contentType: string): readonly PlainRecord[] => {
  if (contentType === "application/json") return recordsOf(JSON.parse(new TextDecoder().decode(bytes)))
  if (contentType !== "application/x-protobuf") throw new Error(`a request of type ${contentType}`)
  const request = codec("ExportLogsServiceRequest")
  return recordsOf(request.toObject(request.decode(bytes), { longs: String }))
}

/** What a collector answers in protobuf. */
export const encodeAnswer = (answer: object): Uint8Array =>
  codec("ExportLogsServiceResponse").encode(answer).finish()

const recordsOf = ({ resourceLogs = [] }: Request): readonly PlainRecord[] =>
  resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ scope, logRecords = [] }) =>
      logRecords.map((record) => ({
        time: record.timeUnixNano ?? "0",
        observed: record.observedTimeUnixNano ?? "0",
        severityNumber: record.severityNumber ?? 0,
        severityText: record.severityText ?? "",
        body: plainValue(record.body),
        eventName: record.eventName ?? "",
        attributes: valuesOf(record.attributes),
        droppedAttributesCount: record.droppedAttributesCount ?? 0,
        traceId: hex(record.traceId),
        spanId: hex(record.spanId),
        flags: record.flags ?? 0,
        scope: `${scope?.name} ${scope?.version}`,
        resource: valuesOf(resource?.attributes)
      }))
    )
  )

const hex = (id: string | Uint8Array = ""): string =>
  typeof id === "string" ? id : Buffer.from(id).toString("hex")

const valuesOf = (pairs: readonly Pair[] = []): Readonly<Record<string, unknown>> => {
  const names = pairs.map(({ key }) => key)
  if (new Set(names).size < names.length) throw new Error(`two attributes of one name: ${names.join()}`)
  const values: Record<string, unknown> = Object.create(null)
  for (const { key, value } of pairs) values[key] = plainValue(value)
  return { ...values }
}

const plainValue = (value: Value = {}): unknown => {
  if (value.stringValue !== undefined) return value.stringValue
  if (value.boolValue !== undefined) return value.boolValue
  if (value.intValue !== undefined) return Number(value.intValue)
  if (value.doubleValue !== undefined) return value.doubleValue
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plainValue)
  if (value.kvlistValue !== undefined) return valuesOf(value.kvlistValue.values)
  return null
}

const fieldNames: Readonly<Record<string, string>> = {
  "exception.type": "exc_type",
  "exception.message": "exc_message",
  "exception.stacktrace": "exc_stack",
  "user.id": "user"
}
const fromHead: ReadonlySet<string> = new Set([
  "session.id",
  "log.record.uid",
  "id",
  "seq",
  "error.type",
  "schema_error",
  "origin"
])

/** The line that a record was made of, without its newline. For lines of core, whose keys have this order. */
export const lineOf = (record: PlainRecord, app: string): string => {
  const { attributes, traceId, spanId, flags } = record
  const fields = Object.entries(attributes).filter(([name]) => !fromHead.has(name))
  const line = {
    ts: new Date(Number(BigInt(record.observed) / 1_000_000n)).toISOString(),
    level: record.severityText,
    category: record.eventName.slice(app.length + 1),
    session: String(attributes["session.id"]).slice(0, 8),
    message: record.body,
    ...Object.fromEntries(fields.map(([name, value]) => [fieldNames[name] ?? name, value])),
    schema_error: attributes.schema_error,
    origin: attributes.origin,
    ...(traceId === "" ? {} : { trace_id: traceId, span_id: spanId, trace_flags: flags }),
    seq: attributes.seq,
    id: attributes.id ?? attributes["log.record.uid"]
  }
  // The characters that core escapes beyond JSON.
  return JSON.stringify(line).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
}

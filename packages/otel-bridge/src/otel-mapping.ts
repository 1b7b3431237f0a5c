// What of a line stands where in an OpenTelemetry log record: the only file that knows both sides. The tables are what the
// code works by and what docs/reference/otel-mapping.md is made of. How values look is attribute-value.ts's business.
import type { AuditEvent, Level } from "@daybook/core"
import {
  type Attributes,
  type Context,
  type LogRecord,
  ROOT_CONTEXT,
  SeverityNumber,
  trace
} from "@opentelemetry/api"
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE
} from "@opentelemetry/semantic-conventions"
import type {
  ATTR_LOG_RECORD_UID,
  ATTR_SESSION_ID,
  ATTR_USER_ID
} from "@opentelemetry/semantic-conventions/incubating"
import { attributeName, type Empty, toAttributeValue, wellFormed } from "./attribute-value.ts"
import { exactTime, unknownTime } from "./exact-time.ts"

/** One row of the mapping. `from` and `note` are for people, in Markdown. */
interface Row<Read> {
  readonly to: string
  readonly from: string
  readonly note: string
  readonly read: Read
}

type ReadPart<Part extends keyof LogRecord> = Row<(line: AuditEvent, app: string) => LogRecord[Part]>

/** `debug` … `fatal` as SeverityNumber. SeverityText is the level's own name. */
export const severityNumbers: Readonly<Record<Level, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL
}

/** The parts of a record beside its attributes. */
export const recordParts: {
  readonly [Part in Exclude<keyof LogRecord, "attributes" | "exception">]-?: ReadPart<Part>
} = {
  timestamp: {
    to: "Timestamp",
    from: "`origin.ts`, else `ts`",
    note: "When it happened, to the nanosecond where the sender told it so; 0 (unknown) without a clock, before 1970 and after 2262",
    read: ({ head }) => exactTime(originOf(head.origin, "ts")) ?? exactTime(head.ts) ?? unknownTime
  },
  observedTimestamp: {
    to: "ObservedTimestamp",
    from: "`ts`",
    note: "When this log had it",
    read: ({ head }) => exactTime(head.ts) ?? unknownTime
  },
  severityNumber: {
    to: "SeverityNumber",
    from: "`level`",
    note: "See below",
    read: ({ head }) => severityNumbers[head.level]
  },
  severityText: { to: "SeverityText", from: "`level`", note: "As it is", read: ({ head }) => head.level },
  body: {
    to: "Body",
    from: "`message`",
    note: "Text",
    read: ({ head }) => wellFormed(head.message)
  },
  eventName: {
    to: "EventName",
    from: "the log's `app`, `category`",
    note: "`<app>.<category>`, for marks too: `datatools.gap`",
    read: ({ head }, app) => (head.category === "" ? app : wellFormed(`${app}.${head.category}`))
  },
  context: {
    to: "TraceId, SpanId, TraceFlags",
    from: "`origin.traceparent`, else `origin.trace_id`, `origin.span_id`, `origin.trace_flags`, else `trace_id`, `span_id`, `trace_flags`",
    note: "The span that was active at the call, not at the export; of a relayed event, at its sender's",
    read: ({ head }) => contextOf(head)
  }
}

/** Attributes that the log itself gives, in this order and before all others, so that no limit cuts them. */
export const headAttributes: readonly Row<(head: AuditEvent["head"]) => unknown>[] = [
  {
    to: "session.id" satisfies typeof ATTR_SESSION_ID,
    from: "`id`",
    note: "The whole stream key, 15 hex digits; `session` on lines of older systems, which have no id",
    read: ({ id, session }) => streamKeyOf(id) ?? filled(session)
  },
  {
    to: "log.record.uid" satisfies typeof ATTR_LOG_RECORD_UID,
    from: "`origin.id`, else `id`",
    note: "The idempotency key: the same twice is the same event twice",
    read: ({ id, origin }) => uidOf(id, origin)
  },
  {
    to: "id",
    from: "`id`",
    note: "Only where `log.record.uid` is the sender's",
    read: ({ id, origin }) => (uidOf(id, origin) === id ? undefined : filled(id))
  },
  { to: "seq", from: "`seq`", note: "Events only: a hole is a loss", read: ({ seq }) => seq },
  {
    to: "schema_error",
    from: "`schema_error`",
    note: "When a typed field did not fit",
    read: (head) => head.schema_error
  },
  { to: "v", from: "`v`", note: "When the format is not 1", read: ({ v }) => v },
  {
    to: "origin",
    from: "`origin`",
    note: "A relayed event: all that its sender said, nested, under the sender's names",
    read: ({ origin }) => origin
  },
  {
    to: "trace_id",
    from: "`trace_id`",
    note: "Only where it is none by the W3C's rules, stands without a valid `span_id`, or the record has the sender's",
    read: (head) => (isOwnSpan(head) ? undefined : head.trace_id)
  },
  {
    to: "span_id",
    from: "`span_id`",
    note: "The same",
    read: (head) => (isOwnSpan(head) ? undefined : head.span_id)
  }
]

/** Fields that OpenTelemetry has a name for. */
export const fieldAttributes: Readonly<
  Record<string, { readonly to: readonly string[]; readonly note: string }>
> = {
  exc_type: { to: [ATTR_EXCEPTION_TYPE, ATTR_ERROR_TYPE], note: "Also of failed operations and tool calls" },
  exc_message: { to: [ATTR_EXCEPTION_MESSAGE], note: "" },
  exc_stack: { to: [ATTR_EXCEPTION_STACKTRACE], note: "" },
  user: { to: ["user.id" satisfies typeof ATTR_USER_ID], note: "Whoever the application named" }
}

/** Names that no field of an event may take: one that would is written as `extra.<name>`. */
const takenNames: ReadonlySet<string> = new Set([
  ...headAttributes.map(({ to }) => to),
  ...Object.values(fieldAttributes).flatMap(({ to }) => to)
])

/** The record of one line. `app` is the name of its log. Times are exact; nothing of the caller's context goes in. */
export const toLogRecord = (line: AuditEvent, app: string, empty: Empty = null): LogRecord => ({
  timestamp: recordParts.timestamp.read(line, app) ?? unknownTime,
  observedTimestamp: recordParts.observedTimestamp.read(line, app) ?? unknownTime,
  severityNumber: recordParts.severityNumber.read(line, app) ?? SeverityNumber.UNSPECIFIED,
  severityText: recordParts.severityText.read(line, app) ?? "",
  body: recordParts.body.read(line, app),
  eventName: recordParts.eventName.read(line, app) ?? "",
  context: recordParts.context.read(line, app) ?? ROOT_CONTEXT,
  attributes: attributesOf(line, empty)
})

const attributesOf = ({ head, fields, rest }: AuditEvent, empty: Empty): Attributes => {
  const attributes: Attributes = Object.create(null)
  for (const { to, read } of headAttributes) {
    const value = read(head)
    if (value !== undefined) attributes[to] = toAttributeValue(value, empty)
  }
  const all = { ...rest, ...fields }
  for (const name of Object.keys(all)) {
    const value = toAttributeValue(all[name], empty)
    const named = Object.hasOwn(fieldAttributes, name) ? fieldAttributes[name] : undefined
    for (const to of named?.to ?? [attributeName(name, all, takenNames)]) attributes[to] = value
  }
  return attributes
}

const filled = (text: string): string | undefined => (text === "" ? undefined : text)

const originOf = (origin: unknown, name: string): unknown =>
  typeof origin === "object" && origin !== null && Object.hasOwn(origin, name)
    ? (origin as Readonly<Record<string, unknown>>)[name]
    : undefined

const uidOf = (id: string, origin: unknown): string | undefined => {
  const senders = originOf(origin, "id")
  return typeof senders === "string" && senders !== "" ? senders : filled(id)
}

/** The end of an id of ours: 3 digits behind the variant, and 12. */
const streamKeyOf = (id: string): string | undefined => {
  const [, high, low] =
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]([0-9a-f]{3})-([0-9a-f]{12})$/.exec(id) ?? []
  return high === undefined || low === undefined ? undefined : high + low
}

type Span = { readonly traceId: string; readonly spanId: string; readonly traceFlags: number }

// A relayed event happened where its sender was: in the sender's span, if it told it.
const spanOf = ({ origin, trace_id, span_id, trace_flags }: AuditEvent["head"]): Span | undefined =>
  spanFrom(/^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(textOf(origin, "traceparent"))) ??
  toSpan(originOf(origin, "trace_id"), originOf(origin, "span_id"), originOf(origin, "trace_flags")) ??
  toSpan(trace_id, span_id, trace_flags)

const isOwnSpan = (head: AuditEvent["head"]): boolean =>
  spanOf(head)?.spanId === toSpan(head.trace_id, head.span_id, head.trace_flags)?.spanId &&
  spanOf(head) !== undefined

const textOf = (origin: unknown, name: string): string => {
  const value = originOf(origin, name)
  return typeof value === "string" ? value : ""
}

/** From the parts of a `traceparent` by the W3C. */
const spanFrom = (parts: RegExpExecArray | null): Span | undefined =>
  toSpan(parts?.[1], parts?.[2], Number.parseInt(parts?.[3] ?? "0", 16))

const toSpan = (traceId: unknown, spanId: unknown, flags: unknown): Span | undefined => {
  if (!isHex(traceId, 32) || !isHex(spanId, 16)) return undefined
  return { traceId, spanId, traceFlags: typeof flags === "number" ? flags & 0xff : 0 }
}

const isHex = (text: unknown, length: number): text is string =>
  typeof text === "string" && text.length === length && /^[0-9a-f]+$/.test(text) && !/^0+$/.test(text)

// Without a span the root: else the SDK would take the span that happens to be active at the export.
const contextOf = (head: AuditEvent["head"]): Context => {
  const span = spanOf(head)
  return span === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, span)
}

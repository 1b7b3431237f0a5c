// What of a line stands where in an OpenTelemetry log record: the only file that knows both sides. Its tables have the names;
// docs/reference/otel-mapping.md explains them to people. Values are in attribute-value.ts, the conventions for generative AI, which
// are in development, in gen-ai-attributes.ts.
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
import { genAiAttributes, isToolCall, toolContentAttributes } from "./gen-ai-attributes.ts"

/** `debug` … `fatal` as SeverityNumber. SeverityText is the level's own name. */
export const severityNumbers: Readonly<Record<Level, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL
}

/** Attributes that the log itself gives, in this order and before all others, so that no limit cuts them. */
export const headAttributes: readonly {
  readonly to: string
  readonly read: (head: AuditEvent["head"]) => unknown
}[] = [
  {
    to: "session.id" satisfies typeof ATTR_SESSION_ID,
    read: ({ id, session }) => streamKeyOf(id) ?? filled(session)
  },
  {
    to: "log.record.uid" satisfies typeof ATTR_LOG_RECORD_UID,
    read: ({ id, origin }) => uidOf(id, origin)
  },
  { to: "id", read: ({ id, origin }) => (uidOf(id, origin) === id ? undefined : filled(id)) },
  { to: "seq", read: ({ seq }) => seq },
  { to: "schema_error", read: (head) => head.schema_error },
  { to: "v", read: ({ v }) => v },
  { to: "origin", read: ({ origin }) => origin },
  { to: "trace_id", read: (head) => (isOwnSpan(head) ? undefined : head.trace_id) },
  { to: "span_id", read: (head) => (isOwnSpan(head) ? undefined : head.span_id) }
]

/** Fields that OpenTelemetry has a name for. */
export const fieldAttributes: Readonly<Record<string, readonly string[]>> = {
  exc_type: [ATTR_EXCEPTION_TYPE, ATTR_ERROR_TYPE],
  exc_message: [ATTR_EXCEPTION_MESSAGE],
  exc_stack: [ATTR_EXCEPTION_STACKTRACE],
  user: ["user.id" satisfies typeof ATTR_USER_ID]
}

/** Names that no field of an event may take: one that would is written as `extra.<name>`. */
const takenNames: ReadonlySet<string> = new Set([
  ...headAttributes.map(({ to }) => to),
  ...Object.values(fieldAttributes).flat()
])

export interface RecordForm {
  /** What null becomes. Default null. */
  readonly empty?: Empty
  /** Arguments and results of tool calls have the names of the conventions as well. Default false. */
  readonly toolContent?: boolean | undefined
}

/** The record of one line. `app` is the name of its log. Times are exact; nothing of the caller's context goes in. */
export const toLogRecord = (line: AuditEvent, app: string, form: RecordForm = {}): LogRecord => {
  const { head } = line
  const recordedAt = exactTime(head.ts)
  return {
    timestamp: exactTime(originOf(head.origin, "ts")) ?? recordedAt ?? unknownTime,
    observedTimestamp: recordedAt ?? unknownTime,
    severityNumber: severityNumbers[head.level],
    severityText: head.level,
    body: wellFormed(head.message),
    eventName: head.category === "" ? app : wellFormed(`${app}.${head.category}`),
    context: contextOf(line),
    attributes: attributesOf(line, form)
  }
}

const attributesOf = (line: AuditEvent, { empty = null, toolContent = false }: RecordForm): Attributes => {
  const { head, fields } = line
  const attributes: Attributes = Object.create(null)
  for (const { to, read } of headAttributes) {
    const value = read(head)
    if (value !== undefined) attributes[to] = toAttributeValue(value, empty)
  }
  for (const name of Object.keys(fields)) {
    const value = toAttributeValue(fields[name], empty)
    const named = Object.hasOwn(fieldAttributes, name) ? fieldAttributes[name] : undefined
    for (const to of named ?? [attributeName(name, fields, takenNames)]) attributes[to] = value
  }
  if (isToolCall(line)) {
    for (const { to, read } of genAiAttributes) {
      const value = read(fields)
      // Beside the line's own fields, never instead of one.
      if (value !== undefined && !Object.hasOwn(attributes, to)) attributes[to] = wellFormed(value)
    }
    for (const [to, from] of toolContent ? toolContentAttributes : []) {
      const value = fields[from]
      if (value !== undefined && !Object.hasOwn(attributes, to))
        attributes[to] = toAttributeValue(value, empty)
    }
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

// A relayed event happened where its sender was: in the sender's span, if it gave one.
const spanOf = ({ origin, trace_id, span_id, trace_flags }: AuditEvent["head"]): Span | undefined =>
  spanFrom(textOf(origin, "traceparent")) ??
  toSpan(originOf(origin, "trace_id"), originOf(origin, "span_id"), originOf(origin, "trace_flags")) ??
  toSpan(trace_id, span_id, trace_flags)

const isOwnSpan = (head: AuditEvent["head"]): boolean =>
  spanOf(head)?.spanId === toSpan(head.trace_id, head.span_id, head.trace_flags)?.spanId &&
  spanOf(head) !== undefined

const textOf = (origin: unknown, name: string): string => {
  const value = originOf(origin, name)
  return typeof value === "string" ? value : ""
}

/** From a `traceparent` by the W3C. */
const spanFrom = (traceparent: string): Span | undefined => {
  const parts = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent)
  return toSpan(parts?.[1], parts?.[2], Number.parseInt(parts?.[3] ?? "0", 16))
}

const toSpan = (traceId: unknown, spanId: unknown, flags: unknown): Span | undefined => {
  if (!isHex(traceId, 32) || !isHex(spanId, 16)) return undefined
  return { traceId, spanId, traceFlags: typeof flags === "number" ? flags & 0xff : 0 }
}

const isHex = (text: unknown, length: number): text is string =>
  typeof text === "string" && text.length === length && /^[0-9a-f]+$/.test(text) && !/^0+$/.test(text)

// Without a span the root: else the SDK would take the span that happens to be active at the export. A tool call that no span of
// ours surrounds is in the span that its caller says it is in.
const contextOf = (line: AuditEvent): Context => {
  const callers = isToolCall(line) ? textOf(line.fields, "traceparent") : ""
  const span = spanOf(line.head) ?? spanFrom(callers)
  return span === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, span)
}

// Reading format 1: one line of bytes to head, fields and rest. Nothing is thrown and nothing is dropped:
// keys that this version does not know stay in `fields`, and a line that is no event says why.
import { headKeys } from "./head.ts"
import { type Level, readLevel } from "./level.ts"
import { type LineKind, lineKinds } from "./mark.ts"

/** The keys that format 1 fixes, as they stand on the line. */
export interface EventHead {
  /** UTC, ISO-8601 with milliseconds; "" when the clock had failed. */
  readonly ts: string
  readonly level: Level
  readonly category: string
  readonly session: string
  readonly message: string
  /** The line's idempotency key; "" on lines of older systems. */
  readonly id: string
  /** Counts the session's accepted events from 1; absent on marks. */
  readonly seq?: number
  readonly trace_id?: string
  readonly span_id?: string
  readonly trace_flags?: number
  /** Paths of typed fields that did not fit their schema. */
  readonly schema_error?: string
  /** What the sender of a relayed event said about it. */
  readonly origin?: unknown
  /** Format version; absent means 1. */
  readonly v?: number
}

/**
 * One line, decoded. `fields` holds the event's own keys. With a definition at hand, a reader may move those that the
 * definition does not know into `rest`; without one, `rest` is empty.
 */
export interface AuditEvent {
  readonly kind: LineKind
  readonly head: EventHead
  readonly fields: Readonly<Record<string, unknown>>
  readonly rest: Readonly<Record<string, unknown>>
}

/** Why a line is not an event. Never quotes the line: it may hold what should not be shown. */
export type LineDamage = "not UTF-8" | "not JSON" | "not an object" | "too long"

const decoder = new TextDecoder("utf-8", { fatal: true })
const markKinds: ReadonlySet<string> = new Set(lineKinds.slice(1))
const none: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null))

/** Decodes one line, with or without its newline. */
export const decodeLine = (line: Uint8Array | string): AuditEvent | { readonly damage: LineDamage } => {
  let text: string
  try {
    text = typeof line === "string" ? line : decoder.decode(line)
  } catch {
    return { damage: "not UTF-8" }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { damage: "not JSON" }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { damage: "not an object" }
  return toEvent(value as Record<string, unknown>)
}

const toEvent = (record: Record<string, unknown>): AuditEvent => {
  const fields: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(record)) if (!headKeys.has(key)) fields[key] = record[key]
  const level = readLevel(record.level)
  if (level === undefined && record.level !== undefined) fields.level = record.level
  const head = {
    ts: text(record.ts),
    level: level ?? "info",
    category: text(record.category),
    session: text(record.session),
    message: text(record.message),
    id: text(record.id),
    ...optional(record)
  } as const
  // A mark has an id and no seq; a line of an older system has neither and is an event.
  const isMark = head.seq === undefined && head.id !== "" && markKinds.has(head.category)
  return { kind: isMark ? (head.category as LineKind) : "event", head, fields, rest: none }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

const optional = (record: Record<string, unknown>): Partial<EventHead> => ({
  ...(typeof record.seq === "number" ? { seq: record.seq } : {}),
  ...(typeof record.trace_id === "string" ? { trace_id: record.trace_id } : {}),
  ...(typeof record.span_id === "string" ? { span_id: record.span_id } : {}),
  ...(typeof record.trace_flags === "number" ? { trace_flags: record.trace_flags } : {}),
  ...(typeof record.schema_error === "string" ? { schema_error: record.schema_error } : {}),
  ...(record.origin === undefined ? {} : { origin: record.origin }),
  ...(typeof record.v === "number" ? { v: record.v } : {})
})

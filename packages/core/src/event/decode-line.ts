// Reading format 1: one line of bytes to head and fields. Nothing is thrown and nothing is dropped: keys that this version
// does not know stay in `fields`, and so does what the head cannot hold. A line that is no event says why.
import { mayOverflow, parseExactly, parseLine } from "./exact-numbers.ts"
import { headTypes } from "./head.ts"
import { isWholeLevel, type Level, readLevel } from "./level.ts"
import { type LineKind, lineKinds } from "./mark.ts"

/** The keys that format 1 fixes, as they stand on the line. */
export interface EventHead {
  /** UTC, ISO-8601 with milliseconds, and other text as it stands; "" when the clock had failed. */
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
 * One line, decoded. `fields` holds the event's own keys, and the head's whose value is of another type than the head has: a
 * `ts` in seconds or milliseconds since 1970, a level's word that says more than ours, a `message` that is an object.
 *
 * A number that a double cannot hold is its digits as a text, and so are NaN and the infinities: as the encoder writes them.
 */
export interface AuditEvent {
  readonly kind: LineKind
  readonly head: EventHead
  readonly fields: Readonly<Record<string, unknown>>
}

/** Why a line is not an event. Never quotes the line: it may hold what should not be shown. */
export type LineDamage = "not UTF-8" | "not JSON" | "not an object" | "too long"

const decoder = new TextDecoder("utf-8", { fatal: true })
const markKinds: ReadonlySet<string> = new Set(lineKinds.slice(1))

/** Decodes one line, with or without its newline. */
export const decodeLine = (line: Uint8Array | string): AuditEvent | { readonly damage: LineDamage } => {
  let text: string
  try {
    // The decoder leaves out a byte order mark, too.
    text = typeof line !== "string" ? decoder.decode(line) : line.startsWith("\ufeff") ? line.slice(1) : line
  } catch {
    return { damage: "not UTF-8" }
  }
  let value: unknown
  try {
    value = parseLine(text)
  } catch {
    return { damage: "not JSON" }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { damage: "not an object" }
  return toEvent(value as Record<string, unknown>, text)
}

const toEvent = (record: Record<string, unknown>, line: string): AuditEvent => {
  let isSuspect = false
  const fields: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(record)) {
    const value = record[key]
    const type = headTypes.get(key)
    if (type === undefined || (type !== "any" && typeof value !== type)) fields[key] = value
    if (typeof value === "object" || (typeof value === "number" && !Number.isFinite(value))) isSuspect = true
  }
  if (isSuspect && mayOverflow(line)) return toEvent(parseExactly(line) as Record<string, unknown>, "")
  const level = readLevel(record.level)
  if (record.level !== undefined && !isWholeLevel(record.level)) fields.level = record.level
  const head: Writable<EventHead> = {
    ts: typeof record.ts === "number" ? isoTime(record.ts) : text(record.ts),
    level: level ?? "info",
    category: text(record.category),
    session: text(record.session),
    message: text(record.message),
    id: text(record.id)
  }
  const { seq, trace_id, span_id, trace_flags, schema_error, origin, v } = record
  if (typeof seq === "number") head.seq = seq
  if (typeof trace_id === "string") head.trace_id = trace_id
  if (typeof span_id === "string") head.span_id = span_id
  if (typeof trace_flags === "number") head.trace_flags = trace_flags
  if (typeof schema_error === "string") head.schema_error = schema_error
  if (origin !== undefined) head.origin = origin
  if (typeof v === "number") head.v = v
  // A mark has an id and no seq; a line of an older system has neither and is an event.
  const isMark = seq === undefined && head.id !== "" && markKinds.has(head.category)
  return { kind: isMark ? (head.category as LineKind) : "event", head, fields }
}

type Writable<Object> = { -readonly [Key in keyof Object]: Object[Key] }

const text = (value: unknown): string => (typeof value === "string" ? value : "")

/** Seconds until the year 5138, milliseconds above that; "" for a moment that no calendar has. */
const isoTime = (time: number): string => {
  const date = new Date(Math.abs(time) < secondsMax ? time * 1_000 : time)
  return Number.isNaN(date.getTime()) ? "" : date.toISOString()
}

const secondsMax = 1e11

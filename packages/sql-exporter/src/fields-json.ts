// The fields of a line as JSON text, cut out of the line: what stands between its message and its seq is JSON already, so a
// line of ours is not encoded again. Any other line is: one with its keys in another order, or with a number that is no JSON.
import type { AuditEvent } from "@daybook/core"

/** `line` is the text that `event` was decoded from, without its newline. A `ts` that names no time is kept as a field. */
export const fieldsJson = (event: AuditEvent, line: string, keepsTime: boolean): string => {
  const cut = keepsTime ? undefined : cutOut(event, line)
  return cut ?? JSON.stringify(allFields(event, keepsTime))
}

const cutOut = ({ head }: AuditEvent, line: string): string | undefined => {
  const { ts, level, category, session, id, seq } = head
  const middle = middleOf(level, category, session)
  const at = past(line, past(line, past(line, 0, tsKey), ts), middle)
  const end = seq === undefined ? `,"id":"${id}"}` : `,"seq":${seq},"id":"${id}"}`
  if (at === -1 || line.slice(-end.length) !== end) return undefined
  const from = endOfString(line, at)
  const to = line.length - end.length
  if (from === to) return "{}"
  if (from > to || line.charCodeAt(from) !== comma) return undefined
  const members = line.slice(from + 1, to)
  // Those two are no JSON, and the decoded value has them as texts.
  return members.includes("NaN") || members.includes("Infinity") ? undefined : `{${members}}`
}

const tsKey = '{"ts":"'

let known = { level: "", category: "", session: "", text: "" }

/** What stands between the time and the message: the same for lines that follow each other. */
const middleOf = (level: string, category: string, session: string): string => {
  if (level === known.level && category === known.category && session === known.session) return known.text
  const text = `","level":"${level}","category":"${category}","session":"${session}","message":"`
  known = { level, category, session, text }
  return text
}

// A line is a slice of its batch's text. To compare slices costs a fifth of `startsWith`, which takes one unit after the other.
/** Behind a text, if it is there. */
const past = (line: string, at: number, text: string): number => {
  const end = at + text.length
  return at === -1 || line.slice(at, end) !== text ? -1 : end
}

const comma = 0x2c

/** Behind the quote that ends a string which begins at `from`. */
const endOfString = (text: string, from: number): number => {
  for (let quote = text.indexOf('"', from); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = quote
    while (backslashes > from && text.charCodeAt(backslashes - 1) === backslash) backslashes -= 1
    if ((quote - backslashes) % 2 === 0) return quote + 1
  }
  return text.length
}

const backslash = 0x5c

// What of the head has no column stands among the fields, as it does on the line.
const allFields = ({ head, fields }: AuditEvent, keepsTime: boolean): Readonly<Record<string, unknown>> => {
  const { schema_error, origin, trace_id, span_id, trace_flags, v, ts } = head
  const all: Record<string, unknown> = Object.create(null)
  return Object.assign(all, fields, {
    ...(keepsTime ? { ts } : {}),
    schema_error,
    origin,
    trace_id,
    span_id,
    trace_flags,
    v
  })
}

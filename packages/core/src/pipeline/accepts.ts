// Filters of exporters, which are foreign code: one that throws has not refused. Asked when an event comes, and again for a line
// that was written before. Marks and session lines are for everybody.
import type { AuditEvent } from "../event/decode-line.ts"
import type { Head } from "../event/head.ts"
import { lineTime } from "../event/line-time.ts"

/** What a filter is part of. */
export interface Filtering {
  readonly accepts?: ((head: Head) => boolean) | undefined
}

export const accepts = (filtering: Filtering, head: Head | undefined): boolean => {
  if (filtering.accepts === undefined || head === undefined) return true
  try {
    return filtering.accepts(head)
  } catch {
    return true
  }
}

/** The same for a line that was written before. */
export const acceptsLine = (filtering: Filtering, { kind, head, fields }: AuditEvent): boolean => {
  const { level, category, session, seq = 0 } = head
  if (filtering.accepts === undefined || kind !== "event" || category === "session") return true
  const user = typeof fields.user === "string" ? { user: fields.user } : {}
  return accepts(filtering, { time: lineTime(head.ts), level, category, session, seq, ...user })
}

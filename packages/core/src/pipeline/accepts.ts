// Filters and switches of exporters, which are foreign code: one that throws has not refused. A filter is asked when an event comes, and again for a line
// that was written before. Marks and session lines are for everybody.
import type { AuditEvent } from "../event/decode-line.ts"
import type { Head } from "../event/head.ts"
import { lineTime } from "../event/line-time.ts"
import type { Exporter, LogIdentity } from "./exporter.ts"

/** What a filter is part of. */
export interface Filtering {
  readonly accepts?: ((head: Head) => boolean) | undefined
}

export const accepts = (filtering: Filtering, head: Head | undefined): boolean => {
  if (head === undefined) return true
  try {
    return filtering.accepts?.(head) ?? true
  } catch {
    return true
  }
}

/** Whether there is a filter: only what it wants is described for it. One that cannot be read is asked, and has not refused. */
export const isFiltered = (filtering: Filtering): boolean => {
  try {
    return filtering.accepts !== undefined
  } catch {
    return true
  }
}

/** The same for a line that was written before. */
export const acceptsLine = (filtering: Filtering, { kind, head, fields }: AuditEvent): boolean => {
  const { level, category, session, seq = 0 } = head
  if (!isFiltered(filtering) || kind !== "event" || category === "session") return true
  const user = typeof fields.user === "string" ? { user: fields.user } : {}
  return accepts(filtering, { time: lineTime(head.ts), level, category, session, seq, ...user })
}

/** Whether the environment switches an exporter on. */
export const isOn = (exporter: Exporter, log: LogIdentity): boolean => {
  try {
    return exporter.isOn?.(log) ?? true
  } catch {
    return true
  }
}

// What this page's log holds in memory, as rows for a person: newest first, the fields that say something, a bounded number.
// How a line is written is the core's business; this reads it as any reader would.
import { type AuditEvent, decodeLine } from "@daybook/core"

export interface RecentRow {
  readonly id: string
  readonly time: string
  readonly level: string
  readonly category: string
  readonly message: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** A screen has no use for more. */
export const rowsMax = 200

/** `lines` is JSONL, oldest line first. */
export const recentRows = (lines: string): readonly RecentRow[] =>
  lines
    .trimEnd()
    .split("\n")
    .slice(-rowsMax)
    .toReversed()
    .flatMap((line) => {
      const event = decodeLine(line)
      return "damage" in event ? [] : [toRow(event)]
    })

const toRow = ({ head, fields }: AuditEvent): RecentRow => ({
  id: head.id,
  time: new Date(head.ts).toLocaleTimeString("en-GB"),
  level: head.level,
  category: head.category,
  message: head.message,
  fields: Object.entries(fields).flatMap(([name, value]) => flat(name, value))
})

/** Nested fields are told apart by a dot: `findings.empty_cells`. */
const flat = (name: string, value: unknown): RecentRow["fields"] => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([inner, content]) => flat(`${name}.${inner}`, content))
  }
  return [[name, typeof value === "string" ? value : JSON.stringify(value)]]
}

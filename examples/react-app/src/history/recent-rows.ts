// The lines that this page's log holds in memory, as rows for a person: newest first, with their fields, at most 200. They are
// read with core's decodeLine, as any reader does.
import { type AuditEvent, decodeLine } from "@daybook/core"

export interface RecentRow {
  readonly id: string
  readonly time: string
  readonly level: string
  readonly category: string
  readonly message: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** More rows are of no use on a screen. */
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

/** A dot joins nested names: `metadata.size`. */
const flat = (name: string, value: unknown): RecentRow["fields"] => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([inner, content]) => flat(`${name}.${inner}`, content))
  }
  return [[name, typeof value === "string" ? value : JSON.stringify(value)]]
}

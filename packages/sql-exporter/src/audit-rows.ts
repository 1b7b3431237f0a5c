// The exporter's own table: every line that no table of the application's takes, events and marks alike. Nothing of a line is
// left out: what has no column stands in its JSON.
import { lineTime } from "@daybook/core"
import type { EventLine } from "./event-line.ts"
import { fieldsJson } from "./fields-json.ts"
import { fittingJson, fittingText } from "./fitting-text.ts"
import type { Flavor, InsertTarget, SqlRow, SqlValue, TablePlace } from "./flavor.ts"

/** Columns in the order of a row's values, with the types that PostgreSQL casts to. */
const columns: InsertTarget["columns"] = [
  { name: "key", type: "uuid" },
  { name: "id", type: "text" },
  { name: "body_hash", type: "text" },
  { name: "ts", type: "timestamptz" },
  { name: "level", type: "text" },
  { name: "category", type: "text" },
  { name: "session", type: "text" },
  { name: "seq", type: "bigint" },
  { name: "message", type: "text" },
  { name: "fields", type: "jsonb" },
  { name: "replaced", type: "integer" }
]

export const auditTarget = (place: TablePlace): InsertTarget => ({
  place,
  columns,
  unique: "key",
  bodyHash: "body_hash"
})

export const auditRow = ({ event, text, key, bodyHash }: EventLine, flavor: Flavor): SqlRow => {
  const { head } = event
  const { holdsNul, checksJson } = flavor
  const ts = utcText(head.ts)
  const json = fieldsJson(event, text, ts === undefined && head.ts !== "")
  const fields = checksJson ? fittingJson(json, holdsNul) : { text: json, replaced: 0 }
  const row: SqlValue[] = [
    key,
    head.id,
    bodyHash,
    ts === undefined ? null : flavor.timeText(ts),
    head.level,
    head.category,
    streamOf(head.session, head.id),
    head.seq ?? null,
    head.message,
    fields.text,
    null
  ]
  let { replaced } = fields
  for (const at of textsAt) {
    const fitting = fittingText(row[at] as string, holdsNul)
    if (fitting === undefined) continue
    row[at] = fitting.text
    replaced += fitting.replaced
  }
  if (replaced > 0) row[replacedAt] = replaced
  return row
}

const indexOf = (name: string): number => columns.findIndex((column) => column.name === name)
/** Texts that a foreign line may have filled with anything. */
const textsAt = ["id", "category", "session", "message"].map(indexOf)
const replacedAt = indexOf("replaced")

/** MySQL's years. */
const [oldest, newest] = [Date.UTC(1000, 0, 1), Date.UTC(9999, 11, 31)]

/** What stands before the milliseconds of the time that was looked at last: lines of one second follow each other. */
let knownSecond = "-"

/** A line's time in the form of format 1; `undefined` for a text that names no time which all databases hold. */
export const utcText = (ts: string): string | undefined => {
  if (ts.startsWith(knownSecond) && endsInMs.test(ts)) return ts
  const time = lineTime(ts)
  if (!(time >= oldest && time < newest)) return undefined
  if (!utc.test(ts)) return new Date(time).toISOString()
  knownSecond = ts.slice(0, "2026-11-22T09:00:00.".length)
  return ts
}

const endsInMs = /^.{20}\d{3}Z$/
const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** The whole stream key, the end of each id, where the line shows the beginning of it. */
const streamOf = (session: string, id: string): string => {
  if (id.length !== 36) return session
  const stream = id.slice(20, 23) + id.slice(24)
  return session.length === 8 && stream.startsWith(session) ? stream : session
}

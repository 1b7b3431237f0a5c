// The exporter's own table: every line that no table of the application's takes, events and marks alike, with nothing left out.
import { lineTime } from "@daybook/core"
import type { EventLine } from "./event-line.ts"
import { fieldsJson } from "./fields-json.ts"
import { fittingJson, fittingText } from "./fitting-text.ts"
import type { Flavor, InsertTarget, SqlRow, TablePlace } from "./flavor.ts"

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
  let replaced = fields.replaced
  const fit = (value: string): string => {
    const fitting = fittingText(value, holdsNul)
    replaced += fitting.replaced
    return fitting.text
  }
  const row = [
    key,
    fit(head.id),
    bodyHash,
    ts === undefined ? null : flavor.timeText(ts),
    head.level,
    fit(head.category),
    fit(streamOf(head.session, head.id)),
    head.seq ?? null,
    fit(head.message),
    fields.text
  ]
  return [...row, replaced === 0 ? null : replaced]
}

const utc = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
/** MySQL's years. */
const [oldest, newest] = [Date.UTC(1000, 0, 1), Date.UTC(9999, 11, 31)]

/** A line's time in the form of format 1; `undefined` for a text that names no time which all databases hold. */
export const utcText = (ts: string): string | undefined => {
  const time = lineTime(ts)
  if (!(time >= oldest && time < newest)) return undefined
  return utc.test(ts) ? ts : new Date(time).toISOString()
}

/** The whole stream key, the end of each id, where the line shows the beginning of it. */
const streamOf = (session: string, id: string): string => {
  if (id.length !== 36) return session
  const stream = id.slice(20, 23) + id.slice(24)
  return session.length === 8 && stream.startsWith(session) ? stream : session
}

// A tenant's rows as a table for people: one line a row, in the order in which the operations began. The database makes the texts
// of times and JSON.
import { styleText } from "node:util"
import type { Row } from "./database.ts"

const columns = [
  ["action", 7],
  ["transport", 9],
  ["bank_id", 7],
  ["outcome", 7],
  ["started", 8],
  ["ms", 3]
] as const

/** What the report asks of a tenant's table. */
export const reportQuery = (schema: string, table: string, session: readonly string[]): string =>
  `select action, transport, bank_id, coalesce(metadata->>'outcome', '') as outcome,
  to_char(started_at, 'HH24:MI:SS') as started,
  round(extract(epoch from ended_at - started_at) * 1000)::text as ms,
  request::text as request, response::text as response, (metadata - 'outcome')::text as metadata
  from "${schema}".${table} where id in (${session.map((id) => `'${id}'`).join(", ")}) order by started_at, id`

export const rowsReport = (schema: string, rows: readonly Row[]): readonly string[] => [
  "",
  `  ${styleText("bold", schema)}  ${rows.length} rows`,
  "",
  styleText(
    "dim",
    line(Object.fromEntries(columns.map(([name]) => [name, name])), "request → response, metadata")
  ),
  ...rows.map((row) => line(row, `${row.request ?? "–"} → ${row.response ?? "–"}  ${row.metadata}`))
]

const line = (row: Row, rest: string): string =>
  `  ${columns.map(([name, width]) => String(row[name] ?? "–").padEnd(width)).join("  ")}  ${rest}`

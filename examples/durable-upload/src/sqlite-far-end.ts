// SQLite as the far end. It is taken away as it happens to files of SQLite: another program, such as a backup, has the file
// locked. The lock is that of a connection of its own.
import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { nodeSqlite, sqlExporter } from "@daybook/sql-exporter"
import type { FarEnd } from "./far-end.ts"
import { loginTable, tableStatements, tables, useTable } from "./tables.ts"

const types = { name: "text", text: "text", moment: "text", time: "text", uuid: "text", end: "" }

export const sqliteFarEnd = (path: string): FarEnd => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const outside = new DatabaseSync(path)
  for (const statement of tableStatements(types)) outside.exec(statement)
  const counted = outside.prepare(
    [useTable, loginTable]
      .map((table) => `select event_id as id, count(*) as count from ${table} group by event_id`)
      .join(" union all ")
  )
  const prompt = outside.prepare(`select prompt from ${useTable} where event_id = ?`)
  return {
    name: `SQLite, ${path}`,
    exporter: () => sqlExporter({ name: "sqlite", dialect: nodeSqlite(path), tables, table: false }),
    takeAway: async () => {
      outside.exec("begin immediate")
      return "another program locks the database file"
    },
    bringBack: async () => {
      outside.exec("rollback")
      return "the other program lets go of the database file"
    },
    rowsOfEvents: async () => new Map(counted.all().map(({ id, count }) => [String(id), Number(count)])),
    promptOf: async (eventId) => prompt.get(eventId)?.prompt?.toString(),
    close: async () => outside.close()
  }
}

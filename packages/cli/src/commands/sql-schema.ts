// `daybook sql schema`: the statements that make the exporter's table, as text,
// for a database whose application may not make tables.

import { nearestOf } from "@daybook/core/lines"
import { sqlMigrations } from "@daybook/sql-exporter"
import { usageError } from "../terminal/exit.ts"
import { command } from "./running.ts"

export interface SqlSchemaFlags {
  readonly dialect?: string
  readonly schema?: string
  readonly table?: string
}

const databases = ["postgresql", "mysql", "sqlite"] as const

/** Other names of them. */
const otherNames: Readonly<Record<string, string>> = {
  postgres: "postgresql",
  pg: "postgresql",
  mariadb: "mysql",
  sqlite3: "sqlite"
}

export const sqlSchema = command<SqlSchemaFlags, []>(async ({ out }, { dialect, schema, table }) => {
  if (dialect === undefined) throw usageError(`Name the database: --dialect ${databases.join(", ")}`)
  const word = otherNames[dialect.toLowerCase()] ?? dialect.toLowerCase()
  const database = databases.find((name) => name === word)
  if (database === undefined) {
    const near = nearestOf(word, databases)
    throw usageError(
      `There is no dialect ${JSON.stringify(dialect)}; ${near === undefined ? `they are ${databases.join(", ")}` : `did you mean ${near}?`}`
    )
  }
  for (const statement of sqlMigrations(database, { schema, ...(table === undefined ? {} : { table }) }))
    await out.line(`${statement.trimEnd()};`)
})

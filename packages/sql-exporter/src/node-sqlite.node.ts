// SQLite that the runtime brings along, as a dialect of kysely: Node, Deno and Bun have `node:sqlite`, so there is nothing to
// install. The file is only its owner's, like the day files.
import { closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"
import { type Dialect, SqliteDialect } from "kysely"
import { sqlLimits } from "./limits.ts"

/**
 * A database in a file, made when it is missing, with its folder. A commit is on the disk when it has succeeded: a batch costs one
 * `fsync`, on the thread of the log.
 */
export const nodeSqlite = (path: string): Dialect => {
  if (typeof path !== "string" || path === "")
    throw new TypeError('nodeSqlite: the path must be a text such as "audit.db"')
  return new SqliteDialect({
    database: async () => {
      const { DatabaseSync } = await import("node:sqlite")
      if (path !== ":memory:") makeFile(path)
      const database = new DatabaseSync(path)
      // Readers do not wait for the writer. `full`, because a delivery forgets what was confirmed.
      database.exec("pragma journal_mode = wal; pragma synchronous = full")
      return asKysely(database)
    }
  })
}

const makeFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, "a", 0o600))
}

interface KyselyStatement {
  readonly reader: boolean
  all(parameters: readonly unknown[]): unknown[]
  run(parameters: readonly unknown[]): ReturnType<StatementSync["run"]>
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>
}

// kysely prepares a statement for each execution. To parse an insert of many rows costs as much as to run it, so statements
// are kept.
const asKysely = (database: DatabaseSync): { close(): void; prepare(sql: string): KyselyStatement } => {
  const known = new Map<string, KyselyStatement>()
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const found = known.get(sql)
      if (found !== undefined) return found
      const made = asStatement(database.prepare(sql))
      if (known.size >= sqlLimits.statementsMax) known.clear()
      known.set(sql, made)
      return made
    }
  }
}

const asStatement = (statement: StatementSync): KyselyStatement => ({
  reader: statement.columns().length > 0,
  all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
  run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
  iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[]))
})

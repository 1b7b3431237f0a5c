// A SQLite file of one test, and connections to it: one of kysely for an exporter's option pool, and one of the test's own that
// looks from outside.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Kysely } from "kysely"
import { onTestFinished } from "vitest"
import { nodeSqlite } from "../src/index.ts"

export const freshFile = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-sql-"))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return join(dir, "audit.db")
}

export interface SqliteFile {
  readonly kysely: Kysely<unknown>
  all(sql: string): readonly Readonly<Record<string, unknown>>[]
  exec(sql: string): void
  isInTransaction(): boolean
  /** Takes kysely's connection until the result is called. */
  takeConnection(): Promise<() => void>
}

export const openFile = (path: string): SqliteFile => {
  const kysely = new Kysely<unknown>({ dialect: nodeSqlite(path) })
  const database = new DatabaseSync(path)
  onTestFinished(async () => {
    await kysely.destroy()
    database.close()
  })
  return {
    kysely,
    all: (sql) => database.prepare(sql).all(),
    exec: (sql) => database.exec(sql),
    isInTransaction: () => database.isTransaction,
    takeConnection: () =>
      new Promise((taken) => {
        void kysely.connection().execute(
          () =>
            new Promise<void>((release) => {
              taken(release)
            })
        )
      })
  }
}

// The databases that tests run on: SQLite and PGlite always, PostgreSQL and MariaDB where there is a server. Each test gets one
// that is empty, and connections of its own to look at it from outside.
import { PGlite } from "@electric-sql/pglite"
import { CompiledQuery, Kysely, MysqlDialect, PGliteDialect, PostgresDialect } from "kysely"
import { createPool } from "mysql2"
import { Pool } from "pg"
import { inject, onTestFinished } from "vitest"
import { nodeSqlite, type SqlDatabase, type SqlPool, sqlMigrations } from "../src/index.ts"
import { freshFile } from "./sqlite-file.ts"

export type Row = Readonly<Record<string, unknown>>

/** One empty database of a test. */
export interface TestDatabase {
  /** What an application would have. */
  readonly pool: SqlPool
  /** Over the same pool. */
  readonly kysely: Kysely<unknown>
  all(sql: string): Promise<readonly Row[]>
  exec(...statements: readonly string[]): Promise<void>
}

export interface DatabaseKind {
  readonly name: "SQLite" | "PGlite" | "PostgreSQL" | "MariaDB"
  readonly sql: SqlDatabase
  /** Why there is none. */
  readonly missing: string | undefined
  /** `"` or a backtick. */
  readonly quote: string
  fresh(): Promise<TestDatabase>
  /** Starts what all tests of a file share. */
  warmUp?(): Promise<unknown>
}

const servers = { PostgreSQL: inject("PostgreSQL"), MariaDB: inject("MariaDB") }
const missingOf = (name: keyof typeof servers): string | undefined => {
  const server = servers[name]
  return "missing" in server ? server.missing : undefined
}
const urlOf = (name: keyof typeof servers, database?: string): string => {
  const server = servers[name]
  const url = new URL("url" in server ? server.url : "")
  if (database !== undefined) url.pathname = database
  return url.href
}

let made = 0
const freshName = (): string => `daybook_${process.pid}_${++made}`

export const databases: readonly DatabaseKind[] = [
  {
    name: "SQLite",
    sql: "sqlite",
    missing: undefined,
    quote: '"',
    fresh: async () => viewed(new Kysely<unknown>({ dialect: nodeSqlite(freshFile()) }))
  },
  {
    name: "PGlite",
    warmUp: () => sharedPglite(),
    sql: "postgresql",
    missing: undefined,
    quote: '"',
    fresh: async () => {
      const kysely = new Kysely<unknown>({ dialect: new PGliteDialect({ pglite: await sharedPglite() }) })
      // The instance is shared by the tests of a file, because it takes seconds to start.
      const view = viewed(kysely, undefined, false)
      await view.exec("drop schema public cascade", "create schema public")
      return view
    }
  },
  {
    name: "PostgreSQL",
    sql: "postgresql",
    missing: missingOf("PostgreSQL"),
    quote: '"',
    fresh: async () => {
      const name = freshName()
      await onServer("PostgreSQL", `create database ${name}`)
      onTestFinished(() => onServer("PostgreSQL", `drop database ${name} with (force)`))
      const pool = new Pool({ connectionString: urlOf("PostgreSQL", name), max: 3 })
      // A server that drops its database ends the connections.
      pool.on("error", () => undefined)
      return viewed(new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }), pool)
    }
  },
  {
    name: "MariaDB",
    sql: "mysql",
    missing: missingOf("MariaDB"),
    quote: "`",
    fresh: async () => {
      const name = freshName()
      await onServer("MariaDB", `create database ${name}`)
      onTestFinished(() => onServer("MariaDB", `drop database ${name}`))
      const pool = mariadbPool(urlOf("MariaDB", name))
      return viewed(new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) }), pool)
    }
  }
]

/** As the guide says: affected rows are the new ones. */
export const mariadbPool = (uri: string): ReturnType<typeof createPool> =>
  createPool({ uri, connectionLimit: 3, charset: "utf8mb4", flags: ["-FOUND_ROWS"] })

export const kindNamed = (name: DatabaseKind["name"]): DatabaseKind =>
  databases.find((kind) => kind.name === name) as DatabaseKind

/** A database with the exporter's table. */
export const freshWithTable = async (kind: DatabaseKind): Promise<TestDatabase> => {
  const database = await kind.fresh()
  await database.exec(...sqlMigrations(kind.sql))
  return database
}

let pglite: Promise<PGlite> | undefined
const sharedPglite = (): Promise<PGlite> => {
  pglite ??= PGlite.create()
  return pglite
}

const viewed = (kysely: Kysely<unknown>, pool: SqlPool = kysely, isOwn = true): TestDatabase => {
  if (isOwn) onTestFinished(() => kysely.destroy())
  const run = (sql: string) => kysely.executeQuery<Row>(CompiledQuery.raw(sql))
  return {
    pool,
    kysely,
    all: async (sql) => (await run(sql)).rows,
    exec: async (...statements) => {
      for (const sql of statements) await run(sql)
    }
  }
}

const onServer = async (name: "PostgreSQL" | "MariaDB", sql: string): Promise<void> => {
  const dialect =
    name === "PostgreSQL"
      ? new PostgresDialect({ pool: new Pool({ connectionString: urlOf(name), max: 1 }) })
      : new MysqlDialect({ pool: createPool({ uri: urlOf(name), connectionLimit: 1 }) })
  const kysely = new Kysely<unknown>({ dialect })
  try {
    await kysely.executeQuery(CompiledQuery.raw(sql))
  } finally {
    await kysely.destroy()
  }
}

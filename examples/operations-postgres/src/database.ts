// The database: PGlite, which is PostgreSQL in this process, or a real server by its URL. Either takes a while until it can be
// asked, and the service does not wait for it.
import type { SqlPool } from "@daybook/sql-exporter"
import { Kysely, PGliteDialect } from "kysely"
import { Pool } from "pg"

export type Row = Readonly<Record<string, unknown>>

export interface Database {
  /** For people; without a password. */
  readonly name: string
  /** What the exporter writes through. */
  readonly pool: SqlPool
  query(sql: string): Promise<readonly Row[]>
  close(): Promise<void>
}

export const openDatabase = (url: string | undefined): Promise<Database> =>
  url ? openServer(url) : openPglite()

const openPglite = async (): Promise<Database> => {
  // Loaded only here: it is 20 MB of WebAssembly.
  const { PGlite } = await import("@electric-sql/pglite")
  const pglite = await PGlite.create()
  return {
    name: "PGlite, in memory",
    pool: new Kysely<unknown>({ dialect: new PGliteDialect({ pglite }) }),
    query: async (sql) => (await pglite.query<Row>(sql)).rows,
    close: () => pglite.close()
  }
}

const openServer = async (url: string): Promise<Database> => {
  const { host, pathname } = new URL(url)
  const pool = new Pool({ connectionString: url, max: 3, connectionTimeoutMillis: 5_000 })
  // A server that goes away ends idle connections; the next query gets a new one.
  pool.on("error", () => undefined)
  const { rows } = await pool.query("show server_version")
  return {
    name: `PostgreSQL ${rows[0]?.server_version}, ${host}${pathname}`,
    pool,
    query: async (sql) => (await pool.query<Row>(sql)).rows,
    close: () => pool.end()
  }
}

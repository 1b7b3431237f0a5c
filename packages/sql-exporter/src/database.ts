// One database as the exporter works with it: kysely over a dialect of its own or over a pool of the application's, which of
// the three it is, and what was learnt of it once.
import {
  CompiledQuery,
  type Dialect,
  Kysely,
  MysqlAdapter,
  MysqlDialect,
  type MysqlPool,
  PostgresAdapter,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type QueryResult,
  SqliteAdapter
} from "kysely"
import type { ColumnFacts, Flavor, Statement } from "./flavor.ts"
import { mysql } from "./mysql.ts"
import { postgres } from "./postgres.ts"
import { WrongSetup } from "./sql-error.ts"
import { sqlite } from "./sqlite.ts"

/** A kysely instance, whatever its tables. */
export interface AnyKysely {
  getExecutor(): unknown
  withoutPlugins(): unknown
}

/** A pool of the application's: `pg`, `mysql2` with callbacks or promises, or kysely. The exporter never closes it. */
export type SqlPool = PostgresPool | MysqlPool | { readonly pool: MysqlPool } | AnyKysely

/** Runs statements: on any connection, or within a transaction. */
export type Run = (statement: Statement) => Promise<QueryResult<Readonly<Record<string, unknown>>>>

export class Database {
  readonly flavor: Flavor
  /** What a server accepts in one packet. */
  packetBytesMax = Number.POSITIVE_INFINITY
  /** Whether the number of affected rows is that of new rows; `undefined` until it was tried. */
  countsNew: boolean | undefined
  /** Tables whose migrations were run, or are being run. */
  readonly migrated = new Map<string, Promise<void>>()
  /** Columns of the application's tables, by quoted name. */
  readonly columns = new Map<string, ReadonlyMap<string, ColumnFacts>>()

  private readonly kysely: Kysely<unknown>
  private isKnown = false

  constructor(kysely: Kysely<unknown>) {
    this.kysely = kysely.withoutPlugins()
    this.flavor = flavorOf(kysely)
    if (this.flavor.database === "PostgreSQL" || this.flavor.database === "SQLite") {
      this.countsNew = true
      this.isKnown = true
    }
  }

  readonly run: Run = (statement) => this.kysely.executeQuery(compiled(statement))

  /** Runs `use` in a transaction on a connection of its own. `onCommit` is called before it is committed. */
  async inTransaction(use: (run: Run) => Promise<void>, onCommit: () => void): Promise<void> {
    await this.kysely.transaction().execute(async (transaction) => {
      await use((statement) => transaction.executeQuery(compiled(statement)))
      onCommit()
    })
  }

  /** Asks a server what has to be known before the first insert. */
  async meet(): Promise<void> {
    if (this.isKnown) return
    const { rows } = await this.run({
      sql: "select @@max_allowed_packet as packet, @@sql_mode as mode",
      parameters: []
    })
    const { packet, mode } = rows[0] ?? {}
    const modes = String(mode).split(",")
    if (!modes.includes("STRICT_TRANS_TABLES") && !modes.includes("STRICT_ALL_TABLES"))
      throw new WrongSetup(
        "the connection is not strict, so values that do not fit would be shortened in silence; set sql_mode to STRICT_ALL_TABLES"
      )
    // The driver escapes with backslashes; without them a quote in a value would end it.
    if (modes.includes("NO_BACKSLASH_ESCAPES"))
      throw new WrongSetup(
        "sql_mode has NO_BACKSLASH_ESCAPES, which the driver does not honour; leave it out"
      )
    this.packetBytesMax = Number(packet)
    this.isKnown = true
  }

  /** What is there is looked at again before the next row. */
  forget(): void {
    this.migrated.clear()
    this.columns.clear()
  }

  close(): Promise<void> {
    return this.kysely.destroy()
  }
}

const compiled = ({ sql, parameters }: Statement): CompiledQuery<Readonly<Record<string, unknown>>> =>
  CompiledQuery.raw(sql, parameters as unknown[]) as CompiledQuery<Readonly<Record<string, unknown>>>

export const databaseOfDialect = (dialect: Dialect): Database =>
  new Database(new Kysely<unknown>({ dialect }))

/** @throws WrongSetup for what is no pool. */
export const databaseOfPool = (pool: SqlPool): Database => {
  if (has(pool, "getExecutor")) return new Database(pool as unknown as Kysely<unknown>)
  if (has(pool, "getConnection")) {
    const inner = "pool" in pool && has(pool.pool, "getConnection") ? pool.pool : pool
    return new Database(new Kysely<unknown>({ dialect: new MysqlDialect({ pool: inner as MysqlPool }) }))
  }
  if (has(pool, "connect") && has(pool, "query"))
    return new Database(
      new Kysely<unknown>({ dialect: new PostgresDialect({ pool: guarded(pool as PostgresPool) }) })
    )
  throw new WrongSetup("the option pool gave no pool of pg or mysql2 and no kysely instance")
}

interface PgClient extends PostgresPoolClient {
  on(event: "error", listener: () => void): unknown
  off(event: "error", listener: () => void): unknown
}

// A client of pg whose connection ends between two statements emits an error, and without a listener that ends the process. The
// pool listens while a client is idle; while we have it, we do.
const guarded = (pool: PostgresPool): PostgresPool => ({
  ...(pool.Client === undefined ? {} : { Client: pool.Client }),
  options: pool.options,
  end: () => pool.end(),
  connect: async () => {
    const client = (await pool.connect()) as PgClient
    const release = client.release.bind(client)
    client.on("error", ignore)
    client.release = (isBroken) => {
      client.off("error", ignore)
      release(isBroken)
    }
    return client
  }
})

// The next statement fails, and says it.
const ignore = (): void => undefined

const has = (value: unknown, name: string): boolean =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Readonly<Record<string, unknown>>)[name] === "function"

const flavorOf = (kysely: Kysely<unknown>): Flavor => {
  const { adapter } = kysely.getExecutor()
  if (adapter instanceof PostgresAdapter) return postgres
  if (adapter instanceof MysqlAdapter) return mysql
  if (adapter instanceof SqliteAdapter) return sqlite
  throw new WrongSetup("the dialect is none of PostgreSQL, MySQL and SQLite")
}

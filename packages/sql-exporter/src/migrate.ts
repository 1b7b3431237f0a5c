// Runs the numbered migrations of the exporter's own table, each once for each schema, and gives their statements as text for
// a database whose role may not make tables.
import type { Database, Run } from "./database.ts"
import type { Flavor, SqlMigration, TablePlace } from "./flavor.ts"
import { identifierForm, isIdentifier } from "./identifier.ts"
import { mysql } from "./mysql.ts"
import { postgres } from "./postgres.ts"
import { sqlite } from "./sqlite.ts"
import type { SqlTable } from "./table-for.ts"

/** Makes what is missing, once. Several processes may do it at the same time; one of them may have to try again. */
export const migrate = (database: Database, place: TablePlace): Promise<void> => {
  const { flavor, migrated } = database
  const at = flavor.quoted(place)
  const known = migrated.get(at)
  if (known !== undefined) return known
  const made = run(database, place)
  migrated.set(at, made)
  made.catch(() => migrated.delete(at))
  return made
}

const run = async ({ flavor, run }: Database, place: TablePlace): Promise<void> => {
  await run({ sql: flavor.makeMigrationsTable(place.schema), parameters: [] })
  const last = await lastNumber(run, flavor, place)
  for (const { number, statements } of recorded(flavor, place)) {
    if (number <= last) continue
    for (const sql of statements) await run({ sql, parameters: [] })
  }
}

const versions = "daybook_migrations"

const lastNumber = async (run: Run, flavor: Flavor, { schema, table }: TablePlace): Promise<number> => {
  const at = flavor.quoted({ schema, table: versions })
  const sql = `select max(${column(flavor, "number")}) as last from ${at} where ${column(flavor, "for_table")} = ${literal(table)}`
  const { rows } = await run({ sql, parameters: [] })
  return Number(rows[0]?.last ?? 0)
}

const column = (flavor: Flavor, name: string): string => flavor.quoted({ schema: undefined, table: name })

/** Names have no quotes in them: see identifier.ts. */
const literal = (name: string): string => `'${name}'`

// The last statement of a migration remembers it, wherever the migration is run.
const recorded = (flavor: Flavor, place: TablePlace): readonly SqlMigration[] =>
  flavor.migrations(place).map(({ number, name, statements }) => {
    const at = flavor.quoted({ schema: place.schema, table: versions })
    const columns = ["for_table", "number", "name"].map((name) => column(flavor, name)).join(", ")
    const values = `${literal(place.table)}, ${number}, ${literal(name)}`
    const isThere = `select 1 from ${at} where ${column(flavor, "for_table")} = ${literal(place.table)} and ${column(flavor, "number")} = ${number}`
    const remember = `insert into ${at} (${columns}) select ${values} where not exists (${isThere})`
    return { number, name, statements: [...statements, remember] }
  })

/** A database by its name. */
export type SqlDatabase = "postgresql" | "mysql" | "sqlite"

export interface MigrationOptions {
  /** As the exporter's option; "public", the default, is where the connection looks by itself. */
  readonly schema?: string | undefined
  /** The exporter's own table. Default "audit_events". */
  readonly table?: string | undefined
  /** Tables of the application's: the last statements give them the columns for the event's key and time. */
  readonly tables?: readonly SqlTable[] | undefined
}

/**
 * The statements that make what the exporter writes into, in order, for a role that may make tables. To run them again does no
 * harm, but for the columns of the application's tables: those can be added once.
 *
 * @throws TypeError for a database or a name that there cannot be.
 */
export const sqlMigrations = (
  database: SqlDatabase,
  { schema, table = "audit_events", tables = [] }: MigrationOptions = {}
): readonly string[] => {
  if (!Object.hasOwn(flavors, database))
    throw new TypeError('sqlMigrations: the database must be "postgresql", "mysql" or "sqlite"')
  const flavor = flavors[database]
  const own = toSchema(schema)
  for (const name of own === undefined ? [table] : [table, own])
    if (!isIdentifier(name)) throw new TypeError(`sqlMigrations: a name must be ${identifierForm}`)
  return [
    flavor.makeMigrationsTable(own),
    ...recorded(flavor, { schema: own, table }).flatMap(({ statements }) => statements),
    ...tables.flatMap((one) => flavor.addColumns({ schema: own, table: one.table }, one.key))
  ]
}

const flavors: Readonly<Record<SqlDatabase, Flavor>> = { postgresql: postgres, mysql, sqlite }

/** "public" is the schema where a connection looks by itself: then the table stands alone. */
export const toSchema = (schema: string | undefined): string | undefined =>
  schema === undefined || schema === "" || schema === "public" ? undefined : schema

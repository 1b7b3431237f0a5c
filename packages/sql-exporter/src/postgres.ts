// PostgreSQL, and what speaks like it (PGlite). Rows go in as one array a column: the fastest way of an ordinary statement,
// and never near the limit of parameters.
import { type Flavor, fittingRows, type SqlRow, type TablePlace } from "./flavor.ts"
import { sqlLimits } from "./limits.ts"

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const quoted = ({ schema, table }: TablePlace): string =>
  schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`

const charsOf = (row: SqlRow): number => {
  let chars = 0
  for (const value of row) chars += typeof value === "string" ? value.length : 8
  return chars
}

export const postgres: Flavor = {
  database: "PostgreSQL",
  blocksHost: false,
  holdsNul: false,
  checksJson: true,
  quoted,
  timeText: (iso) => iso,
  booleanValue: (value) => (value ? "true" : "false"),
  rowsInStatement: (rows, from) =>
    fittingRows(rows, from, sqlLimits.postgresRowsMax, sqlLimits.postgresCharsMax, charsOf),
  insert({ place, columns, unique }, rows) {
    const names = columns.map(({ name }) => quote(name)).join(", ")
    const casts = columns.map(({ type }, at) => `c${at}::${type}`).join(", ")
    const arrays = columns.map((_, at) => `$${at + 1}::text[]`).join(", ")
    const aliases = columns.map((_, at) => `c${at}`).join(", ")
    // With its target named: a bare "do nothing" would also swallow what another unique index refuses.
    const conflict = unique === undefined ? "" : ` on conflict (${quote(unique)}) do nothing`
    return {
      sql: `insert into ${quoted(place)} (${names}) select ${casts} from unnest(${arrays}) as r(${aliases})${conflict}`,
      parameters: columns.map((_, at) => rows.map((row) => textOf(row[at])))
    }
  },
  stored: ({ place, columns, unique = "", bodyHash }, keys) => ({
    sql: `select ${quote(unique)} as "key", ${bodyHash === undefined ? "null" : quote(bodyHash)} as body_hash from ${quoted(place)} where ${quote(unique)} = any($1::text[]::${columns.find(({ name }) => name === unique)?.type}[])`,
    parameters: [keys]
  }),
  // A type without its length: a cast to varchar(5) would shorten a text in silence, an insert refuses it.
  columnsOf: (place) => ({
    sql: `select a.attname as name, quote_ident(n.nspname) || '.' || quote_ident(t.typname) as type,
exists (select 1 from pg_index i where i.indrelid = a.attrelid and i.indisunique and i.indpred is null
and i.indnkeyatts = 1 and i.indkey[0] = a.attnum) as is_unique
from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_namespace n on n.oid = t.typnamespace
where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped`,
    parameters: [quoted(place)]
  }),
  kindOf: (type) =>
    /\.jsonb?$/.test(type) ? "json" : /\.(timestamptz?|date)$/.test(type) ? "time" : "plain",
  deleteOlder: (place, column, iso) => ({
    sql: `delete from ${quoted(place)} where ctid = any(array(select ctid from ${quoted(place)} where ${quote(column)} < $1 limit ${sqlLimits.sweepRowsMax}))`,
    parameters: [iso]
  }),
  migrations: (place) => [
    {
      number: 1,
      name: "audit events",
      statements: [
        `create table if not exists ${quoted(place)} (
  "key" uuid primary key,
  "id" text not null,
  "body_hash" text not null,
  "ts" timestamptz,
  "level" text not null,
  "category" text not null,
  "session" text not null,
  "seq" bigint,
  "message" text not null,
  "fields" jsonb not null,
  "replaced" integer
)`,
        `create index if not exists ${quote(`${place.table}_ts`)} on ${quoted(place)} ("ts")`
      ]
    }
  ],
  makeMigrationsTable: (schema) =>
    `create table if not exists ${quoted({ schema, table: "daybook_migrations" })} (
  "for_table" text not null,
  "number" integer not null,
  "name" text not null,
  primary key ("for_table", "number")
)`,
  addColumns: (place, key) => [
    `alter table ${quoted(place)} add column if not exists ${quote(key)} uuid unique, add column if not exists "ts" timestamptz`
  ]
}

const textOf = (value: SqlRow[number] | undefined): string | null =>
  value === null || value === undefined ? null : String(value)

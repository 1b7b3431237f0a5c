// SQLite. A statement has few rows, because it runs on the thread of the log.
// node-sqlite.node.ts has the runtime's own driver.
import { type Flavor, fittingRows, joined, placeholders, type TablePlace } from "./flavor.ts"
import { sqlLimits } from "./limits.ts"

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const quoted = ({ schema, table }: TablePlace): string =>
  schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`

export const sqlite: Flavor = {
  database: "SQLite",
  blocksHost: true,
  holdsNul: true,
  checksJson: false,
  quoted,
  timeText: (iso) => iso,
  booleanValue: Number,
  rowsInStatement(rows, from) {
    const rowsMax = Math.floor(sqlLimits.sqliteParametersMax / Math.max(1, rows[from]?.length ?? 1))
    return fittingRows(rows, from, Math.min(sqlLimits.sqliteRowsMax, rowsMax), 1, () => 0)
  },
  // `or ignore` would leave out rows that break a check, too.
  insert({ place, columns, unique }, rows) {
    const names = columns.map(({ name }) => quote(name)).join(", ")
    const conflict = unique === undefined ? "" : ` on conflict (${quote(unique)}) do nothing`
    return {
      sql: `insert into ${quoted(place)} (${names}) values ${placeholders(rows.length, columns.length)}${conflict}`,
      parameters: joined(rows)
    }
  },
  stored: ({ place, unique = "", bodyHash }, keys) => ({
    sql: `select ${quote(unique)} as "key", ${bodyHash === undefined ? "null" : quote(bodyHash)} as body_hash from ${quoted(place)} where ${quote(unique)} in ${placeholders(1, keys.length)}`,
    parameters: keys
  }),
  columnsOf: ({ schema = "main", table }) => ({
    sql: `select c.name as name, c.type as type,
(c.pk = 1 and (select count(*) from pragma_table_info(?1, ?2) where pk > 0) = 1)
or exists (select 1 from pragma_index_list(?1, ?2) i where i."unique" = 1 and i.partial = 0
and (select count(*) from pragma_index_info(i.name, ?2)) = 1
and (select name from pragma_index_info(i.name, ?2)) = c.name) as is_unique
from pragma_table_info(?1, ?2) c`,
    parameters: [table, schema]
  }),
  kindOf: (type) => (/json/i.test(type) ? "json" : /date|time/i.test(type) ? "time" : "plain"),
  deleteOlder: (place, column, iso) => ({
    sql: `delete from ${quoted(place)} where rowid in (select rowid from ${quoted(place)} where ${quote(column)} < ? limit ${sqlLimits.sweepRowsMax})`,
    parameters: [iso]
  }),
  migrations: ({ schema, table }) => [
    {
      number: 1,
      name: "audit events",
      statements: [
        `create table if not exists ${quoted({ schema, table })} (
  "key" text not null primary key,
  "id" text not null,
  "body_hash" text not null,
  "ts" text,
  "level" text not null,
  "category" text not null,
  "session" text not null,
  "seq" integer,
  "message" text not null,
  "fields" text not null,
  "replaced" integer
)`,
        `create index if not exists ${quoted({ schema, table: `${table}_ts` })} on ${quote(table)} ("ts")`
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
    `alter table ${quoted(place)} add column ${quote(key)} text`,
    `create unique index if not exists ${quoted({ ...place, table: `${place.table}_${key}` })} on ${quote(place.table)} (${quote(key)})`,
    `alter table ${quoted(place)} add column "ts" text`
  ]
}

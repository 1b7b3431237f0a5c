// MySQL and MariaDB. One statement has many rows, bounded by the packet that the server accepts. `insert ignore` is not used:
// it shortens values in silence.
import { type Flavor, fittingRows, joined, placeholders, type SqlRow, type TablePlace } from "./flavor.ts"
import { sqlLimits } from "./limits.ts"

const quote = (name: string): string => `\`${name.replaceAll("`", "``")}\``

const quoted = ({ schema, table }: TablePlace): string =>
  schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`

// The driver writes a quote, a backslash and a NUL as two bytes; other characters have at most three for each of their units.
const bytesOf = (row: SqlRow): number => {
  let bytes = 0
  for (const value of row)
    bytes += sqlLimits.mysqlValueBytes + (typeof value === "string" ? 3 * value.length : 0)
  return bytes
}

export const mysql: Flavor = {
  database: "MySQL",
  blocksHost: false,
  holdsNul: true,
  checksJson: true,
  quoted,
  timeText: (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 23)}`,
  booleanValue: Number,
  rowsInStatement(rows, from, packetBytesMax) {
    const rowsMax = Math.floor(sqlLimits.mysqlParametersMax / Math.max(1, rows[from]?.length ?? 1))
    // A tenth is for the statement itself.
    return fittingRows(rows, from, rowsMax, 0.9 * packetBytesMax, bytesOf)
  },
  insert({ place, columns, unique }, rows) {
    const names = columns.map(({ name }) => quote(name)).join(", ")
    const conflict =
      unique === undefined ? "" : ` on duplicate key update ${quote(unique)} = ${quote(unique)}`
    return {
      sql: `insert into ${quoted(place)} (${names}) values ${placeholders(rows.length, columns.length)}${conflict}`,
      parameters: joined(rows)
    }
  },
  stored: ({ place, unique = "", bodyHash }, keys) => ({
    sql: `select ${quote(unique)} as \`key\`, ${bodyHash === undefined ? "null" : quote(bodyHash)} as body_hash from ${quoted(place)} where ${quote(unique)} in ${placeholders(1, keys.length)}`,
    parameters: keys
  }),
  // MariaDB's type json is a longtext with a check; only MariaDB reads the comment that begins with M!.
  columnsOf: ({ schema, table }) => ({
    sql: `select c.column_name as name, if(c.data_type = 'json' /*M! or exists (
select 1 from information_schema.check_constraints k where k.constraint_schema = c.table_schema
and k.table_name = c.table_name and k.check_clause = concat('json_valid(\`', c.column_name, '\`)')) */
, 'json', c.data_type) as type, exists (
select 1 from information_schema.statistics i where i.table_schema = c.table_schema and i.table_name = c.table_name
and i.non_unique = 0 group by i.index_name having count(*) = 1 and max(i.column_name) = c.column_name) as is_unique
from information_schema.columns c where c.table_schema = coalesce(?, database()) and c.table_name = ?`,
    parameters: [schema ?? null, table]
  }),
  kindOf: (type) => (type === "json" ? "json" : /^(datetime|timestamp|date)$/.test(type) ? "time" : "plain"),
  deleteOlder: (place, column, iso) => ({
    sql: `delete from ${quoted(place)} where ${quote(column)} < ? order by ${quote(column)} limit ${sqlLimits.sweepRowsMax}`,
    parameters: [mysql.timeText(iso)]
  }),
  // utf8mb4 by name, because a server's default may be latin1; mediumtext, because text holds 65,535 bytes.
  migrations: (place) => [
    {
      number: 1,
      name: "audit events",
      statements: [
        `create table if not exists ${quoted(place)} (
  \`key\` char(36) character set ascii collate ascii_bin not null primary key,
  \`id\` text not null,
  \`body_hash\` char(32) character set ascii collate ascii_bin not null,
  \`ts\` datetime(3),
  \`level\` varchar(16) not null,
  \`category\` text not null,
  \`session\` text not null,
  \`seq\` bigint,
  \`message\` mediumtext not null,
  \`fields\` json not null,
  \`replaced\` int,
  index ${quote(`${place.table}_ts`)} (\`ts\`)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`
      ]
    }
  ],
  makeMigrationsTable: (schema) =>
    `create table if not exists ${quoted({ schema, table: "daybook_migrations" })} (
  \`for_table\` varchar(64) not null,
  \`number\` int not null,
  \`name\` varchar(64) not null,
  primary key (\`for_table\`, \`number\`)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`,
  addColumns: (place, key) => [
    `alter table ${quoted(place)} add column ${quote(key)} char(36) character set ascii collate ascii_bin null unique, add column \`ts\` datetime(3) null`
  ]
}

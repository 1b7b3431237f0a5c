// The entry of `@daybook/sql-exporter`: events as rows of PostgreSQL, MySQL, MariaDB and SQLite, in a table of its own and in
// tables of the application's.
export type { AnyKysely, SqlPool } from "./database.ts"
export { type MigrationOptions, type SqlDatabase, sqlMigrations } from "./migrate.ts"
export { nodeSqlite } from "./node-sqlite.node.ts"
export type { Swept } from "./retention.ts"
export { type SqlExporterOptions, sqlExporter, sqlSweep } from "./sql-exporter.ts"
export { type ColumnSource, type SqlTable, type TableOptions, tableFor } from "./table-for.ts"
export type { TableRetention } from "./table-retention.ts"

// Where deliveries go in the benchmark: the two databases as an application would give them, and an end that takes everything and
// does nothing. Each can say what has arrived, and when.

import { type AuditEvent, type Exporter, type OpenExporter, promiseExporter } from "@daybook/core"
import { nodeSqlite, sqlExporter } from "@daybook/sql-exporter"
import * as Effect from "effect/Effect"
import { PostgresDialect } from "kysely"
import pg from "pg"

/** A database by the text that names it: a URL of PostgreSQL, or the path of a file for SQLite. */
export const isPostgres = (database: string): boolean => database.startsWith("postgres")

export const sqlEnd = (database: string): Exporter =>
  sqlExporter({
    dialect: isPostgres(database)
      ? new PostgresDialect({ pool: new pg.Pool({ connectionString: database, max: 1 }) })
      : nodeSqlite(database),
    migrate: true
  })

export const nowhere: Exporter = promiseExporter({ name: "nowhere", send: () => Promise.resolve() })

/** The same end, which says of each batch that it is there. */
export const noting = (exporter: Exporter, onArrived: (events: readonly AuditEvent[]) => void): Exporter => ({
  ...exporter,
  open: (log) =>
    Effect.map(
      exporter.open(log),
      (opened): OpenExporter => ({
        ...opened,
        export: (batch) =>
          Effect.tap(opened.export(batch), () => Effect.sync(() => onArrived(batch.events())))
      })
    )
})

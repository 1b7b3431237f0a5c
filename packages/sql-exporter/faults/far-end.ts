// The far ends of deliveries that run in processes of their own: named on a command line, made there.

import type { Exporter } from "@daybook/core"
import { otelExporter } from "@daybook/otel-bridge"
import { type Dialect, MysqlDialect, PostgresDialect } from "kysely"
import { createPool } from "mysql2"
import { Pool } from "pg"
import { nodeSqlite, sqlExporter } from "../src/index.ts"

export type FarEndKind = "PostgreSQL" | "MariaDB" | "SQLite" | "the official collector"

/** `at` is a URL; for SQLite, a path. */
export const exporterTo = (kind: FarEndKind, at: string): Exporter =>
  kind === "the official collector"
    ? otelExporter({ url: at, name: "far" })
    : sqlExporter({ dialect: dialectOf(kind, at), migrate: true, name: "far" })

export const dialectOf = (kind: Exclude<FarEndKind, "the official collector">, at: string): Dialect => {
  if (kind === "SQLite") return nodeSqlite(at)
  if (kind === "MariaDB")
    return new MysqlDialect({
      pool: async () => createPool({ uri: at, charset: "utf8mb4", flags: ["-FOUND_ROWS"] })
    })
  return new PostgresDialect({
    pool: async () => {
      const pool = new Pool({ connectionString: at })
      // A server that dies ends the connections, and an error that is not listened to would end the process.
      pool.on("error", () => undefined)
      pool.on("connect", (client) => client.on("error", () => undefined))
      return pool
    }
  })
}

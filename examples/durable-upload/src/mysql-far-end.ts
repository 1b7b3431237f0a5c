// MariaDB or MySQL as the far end. The program reaches it through a small proxy on this machine, and it is taken away by
// cutting that: connections that are open break, and new ones are refused. The look from outside goes straight to the server.
import { sqlExporter } from "@daybook/sql-exporter"
import { MysqlDialect } from "kysely"
import { createPool } from "mysql2"
import { createPool as createPromisePool, type RowDataPacket } from "mysql2/promise"
import { startProxy } from "./breakable-proxy.ts"
import type { FarEnd } from "./far-end.ts"
import { loginTable, tableStatements, tables, useTable } from "./tables.ts"

const types = {
  name: "varchar(255)",
  text: "mediumtext",
  moment: "datetime",
  time: "datetime(3)",
  uuid: "char(36)",
  end: " default character set utf8mb4"
}

export const mysqlFarEnd = async (url: string): Promise<FarEnd> => {
  const { hostname, port, pathname } = new URL(url)
  const outside = createPromisePool({ uri: url, connectionLimit: 1, charset: "utf8mb4" })
  for (const statement of tableStatements(types)) await outside.query(statement)
  const proxy = await startProxy(hostname, Number(port || 3306))
  const through = new URL(url)
  through.hostname = "127.0.0.1"
  through.port = String(proxy.port)
  const rows = async (sql: string, ...values: readonly string[]) =>
    (await outside.query<RowDataPacket[]>(sql, [...values]))[0]
  const counts = [useTable, loginTable].map(
    (table) => `select event_id as id, count(*) as count from ${table} group by event_id`
  )
  const [version] = await rows("select version() as version")
  return {
    name: `MySQL ${version?.version}, ${hostname}:${port || 3306}${pathname}`,
    exporter: () =>
      sqlExporter({
        name: "mysql",
        // Affected rows are the new ones only without FOUND_ROWS.
        dialect: new MysqlDialect({
          pool: async () =>
            createPool({
              uri: through.href,
              charset: "utf8mb4",
              connectTimeout: 5_000,
              connectionLimit: 2,
              flags: ["-FOUND_ROWS"]
            })
        }),
        exportTimeoutMs: 10_000,
        tables,
        table: false
      }),
    takeAway: async () => {
      await proxy.cut()
      return "the network to the database is cut"
    },
    bringBack: async () => {
      await proxy.mend()
      return "the network to the database is there again"
    },
    rowsOfEvents: async () =>
      new Map((await rows(counts.join(" union all "))).map(({ id, count }) => [String(id), Number(count)])),
    promptOf: async (eventId) =>
      (await rows(`select prompt from ${useTable} where event_id = ?`, eventId))[0]?.prompt,
    close: async () => {
      await proxy.cut()
      await outside.end()
    }
  }
}

// A server that is killed while rows are on their way, and comes back: nothing is lost and nothing is there twice.
import { createAuditLog } from "@daybook/core"
import { Kysely, MysqlDialect, PostgresDialect, sql } from "kysely"
import { createPool } from "mysql2"
import { Pool } from "pg"
import { expect, it, onTestFinished } from "vitest"
import { type FoundServer, startMariadb, startPostgres } from "../../../scripts/database-servers.ts"
import { sqlExporter } from "../src/index.ts"
import { batchOf, lineText, opened } from "./batches.ts"

const kinds = {
  PostgreSQL: {
    start: startPostgres,
    connect: (url: string) => {
      const pool = new Pool({ connectionString: url, max: 2 })
      pool.on("error", () => undefined)
      pool.on("connect", (client) => client.on("error", () => undefined))
      // The exporter gets a pool whose clients have no listener but its own.
      const forExporter = new Pool({ connectionString: url, max: 2 })
      forExporter.on("error", () => undefined)
      return {
        kysely: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }),
        pool: forExporter,
        end: () => forExporter.end()
      }
    }
  },
  MariaDB: {
    start: startMariadb,
    connect: (url: string) => {
      const pool = createPool({ uri: url, connectionLimit: 2, flags: ["-FOUND_ROWS"] })
      return {
        kysely: new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) }),
        pool,
        end: async () => undefined
      }
    }
  }
} as const

const started = async (found: Promise<FoundServer>, skip: (why: string) => never) => {
  const server = await found
  if ("missing" in server) skip(server.missing)
  onTestFinished(() => server.stop())
  const { kill, start, url } = server
  if (kill === undefined || start === undefined) skip("a server that is given by a URL is not killed")
  return { kill, start, url }
}

it.for(["PostgreSQL", "MariaDB"] as const)(
  "F104 F41 %s is killed again and again in mid batch: every event is there, exactly once",
  { timeout: 120_000 },
  async (name, { skip }) => {
    const { start, connect } = kinds[name]
    const server = await started(start(), skip)
    const { kysely, pool, end } = connect(server.url)
    onTestFinished(async () => {
      await Promise.allSettled([kysely.destroy(), end()])
    })
    const notices: string[] = []
    const audit = createAuditLog({
      app: "test",
      exporters: [sqlExporter({ pool: () => pool, migrate: true, queue: { batchEventsMax: 200 } })],
      exitHook: false,
      env: {},
      notice: (line) => notices.push(line)
    })
    let n = 0
    const log = (count: number): void => {
      for (let one = 0; one < count; one++) audit.log("case", `event ${++n}`)
    }
    log(200)
    expect((await audit.flush({ timeoutMs: 20_000 })).complete).toBe(true)
    for (let turn = 0; turn < 3; turn++) {
      log(2_000)
      const flushing = audit.flush({ timeoutMs: 20_000 })
      await server.kill()
      log(200)
      await flushing
      await server.start()
      while (!(await audit.flush({ timeoutMs: 20_000 })).complete);
    }
    expect(await audit.close({ timeoutMs: 20_000 })).toMatchObject({ accepted: n, written: n, dropped: 0 })
    const { rows } = await sql<{
      seq: number | string
    }>`select seq from audit_events where category = 'case' order by seq`.execute(kysely)
    expect(rows.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: n }, (_, at) => at + 1))
    expect(notices.join("\n")).not.toContain("event 1")
  }
)

it.for(["PostgreSQL", "MariaDB"] as const)(
  "F41 200 rows that %s committed before we heard of it are 200 rows when they are sent again",
  { timeout: 60_000 },
  async (name, { skip }) => {
    const { start, connect } = kinds[name]
    const server = await started(start(), skip)
    const { kysely, pool, end } = connect(server.url)
    onTestFinished(async () => {
      await Promise.allSettled([kysely.destroy(), end()])
    })
    const batch = batchOf(...Array.from({ length: 200 }, (_, at) => lineText(at + 1)))
    // The first process knows nothing of what the second one finds.
    for (let life = 0; life < 2; life++) {
      const exporter = await opened(sqlExporter({ pool: () => pool, migrate: true }))
      expect(await exporter.export(batch)).toBeUndefined()
      await exporter.close()
      await server.kill()
      await server.start()
      // Connections of before are found dead one by one.
      while (!(await answers(kysely)));
    }
    const { rows } = await sql<{
      count: number | string
    }>`select count(*) as count from audit_events`.execute(kysely)
    expect(Number(rows[0]?.count)).toBe(200)
  }
)

const answers = (kysely: Kysely<unknown>): Promise<boolean> =>
  sql`select 1`.execute(kysely).then(
    () => true,
    () => false
  )

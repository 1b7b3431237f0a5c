// What goes wrong with a database, and what follows: what waits, what is refused, what is said. No text quotes a value.
import { createAuditLog } from "@daybook/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { CompiledQuery } from "kysely"
import { createPool } from "mysql2"
import { createPool as createPromisePool } from "mysql2/promise"
import { Pool } from "pg"
import { beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { type SqlPool, sqlExporter } from "../src/index.ts"
import { batchOf, identityWith, idOf, lineText, opened } from "./batches.ts"
import { databases, freshWithTable, kindNamed, type TestDatabase } from "./databases.ts"

// Not of a form that the log redacts.
const secret = "zebra-5f1e2d3c4b5a"

describe.each(databases.filter(({ name }) => name !== "PGlite"))("failures of $name", (kind) => {
  const { missing, sql } = kind
  let database: TestDatabase

  beforeEach(async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    database = await freshWithTable(kind)
  })

  const open = async (options: object = {}) => {
    const exporter = await opened(sqlExporter({ pool: () => database.pool, ...options }))
    onTestFinished(() => exporter.close())
    return exporter
  }

  it("a table that is missing waits for people, and its rows arrive once it is there", async () => {
    await database.exec(`alter table audit_events rename to elsewhere`)
    const exporter = await open()
    const error = await exporter.export(batchOf(lineText(1)))
    expect(error).toMatchObject({ retryable: true, outcome: "failed", retryAfterMs: 60_000 })
    expect(error?.reason).toMatch(
      /^Cannot write to table ["`]audit_events["`]: the table does not exist; set migrate: true, or run the statements of sqlMigrations\(\) \(/
    )
    await database.exec(`alter table elsewhere rename to audit_events`)
    expect(await exporter.export(batchOf(lineText(1)))).toBeUndefined()
    expect(await database.all("select id from audit_events")).toEqual([{ id: idOf(1) }])
  })

  it("a column that is missing waits for people", async () => {
    await database.exec(`alter table audit_events rename column body_hash to other`)
    const error = await (await open()).export(batchOf(lineText(1)))
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 60_000 })
    expect(error?.reason).toContain("a column does not exist; compare the table with the option")
  })

  it("no text of an error, a notice or health quotes a logged value", async () => {
    // The message, which the databases quote in their own texts, is too long or breaks a check.
    await database.exec(
      ...(sql === "mysql"
        ? ["alter table audit_events modify message varchar(8) not null"]
        : sql === "postgresql"
          ? ["alter table audit_events add constraint short check (length(message) < 9)"]
          : [
              "drop table audit_events",
              `create table audit_events (${columns}, message text check (message not like '%${secret}%'))`
            ])
    )
    const notices: string[] = []
    const audit = createAuditLog({
      app: "test",
      exporters: [sqlExporter({ pool: () => database.pool })],
      exitHook: false,
      env: {},
      notice: (line) => notices.push(line)
    })
    audit.log("case", secret, { note: secret })
    await audit.close({ timeoutMs: 10_000 })
    const said = [...notices, JSON.stringify(audit.health())].join("\n")
    expect(said).toMatch(/refused 1 event for good: Cannot write to table/)
    expect(said).not.toContain("5f1e2d3c4b5a")
  })

  it("a row that breaks a constraint is named by table, column and constraint, and refused for good", async () => {
    if (sql === "sqlite") return
    await database.exec("alter table audit_events add constraint only_info check (level = 'info')")
    const error = await (await open()).export(batchOf(lineText(1, {}, { level: "fatal" })))
    expect(error).toMatchObject({ retryable: false, divisible: true, outcome: "failed" })
    expect(error?.reason).toBe(
      sql === "postgresql"
        ? 'Cannot write to table "audit_events": a row violates a constraint (table "audit_events", constraint "only_info", 23514)'
        : "Cannot write to table `audit_events`: a row violates a constraint (MySQL 4025)"
    )
  })

  it("S4.16 of two tables, rows of the first are committed and the failing one keeps all of its rows", async () => {
    const exporter = await open({
      pool: (event?: { readonly head: { readonly category: string } }) =>
        event?.head.category === "late" ? broken : database.pool
    })
    const batch = batchOf(lineText(1), lineText(2, {}, { category: "late" }), lineText(3))
    const error = await exporter.export(batch)
    expect(error).toMatchObject({ retryable: true })
    expect((await database.all("select id from audit_events order by seq")).map(({ id }) => id)).toEqual([
      idOf(1),
      idOf(3)
    ])
  })

  it("S4.17 when the commit fails nothing is there, and the same batch arrives at the next try", async () => {
    if (sql !== "postgresql") return
    await database.exec(
      "create function late() returns trigger language plpgsql as $$ begin raise exception using errcode = '40001'; end $$",
      "create constraint trigger late after insert on audit_events deferrable initially deferred for each row execute function late()"
    )
    const exporter = await open()
    const batch = batchOf(lineText(1), lineText(2))
    expect(await exporter.export(batch)).toMatchObject({ retryable: true, outcome: "unknown" })
    expect(await database.all("select id from audit_events")).toEqual([])
    await database.exec("drop trigger late on audit_events")
    expect(await exporter.export(batch)).toBeUndefined()
    expect(await database.all("select id from audit_events")).toHaveLength(2)
  })
})

const columns =
  "key text primary key, id text, body_hash text, ts text, level text, category text, session text, seq integer, fields text, replaced integer"

// Nothing listens there.
const broken = new Pool({ host: "127.0.0.1", port: 1, user: "ada", password: secret })

describe("pools", () => {
  it("S3.4 S3.10 without a pool events wait, with one notice, and are written when there is one", async () => {
    const database = await freshWithTable(kindNamed("SQLite"))
    let pool: SqlPool | undefined
    const notices: string[] = []
    const audit = createAuditLog({
      app: "test",
      exporters: [sqlExporter({ pool: () => pool })],
      exitHook: false,
      env: {},
      notice: (line) => notices.push(line)
    })
    audit.log("case", "first")
    for (let turn = 0; turn < 3; turn++) expect((await audit.flush()).pending).toBe(1)
    expect(notices).toEqual([expect.stringContaining("sql: there is no database pool yet; 1 events waiting")])
    pool = database.pool
    audit.log("case", "second")
    expect((await audit.flush({ timeoutMs: 10_000 })).written).toBe(2)
    expect(await database.all("select message from audit_events order by seq")).toEqual([
      { message: "first" },
      { message: "second" }
    ])
    await audit.close()
  })

  it.for([
    ["pg's pool", "PostgreSQL"],
    ["kysely over pg", "PostgreSQL"],
    ["mysql2's pool with callbacks", "MariaDB"],
    ["mysql2's pool with promises", "MariaDB"]
  ] as const)("S3.13 %s works", async ([shape, name], { skip }) => {
    const kind = kindNamed(name)
    if (kind.missing !== undefined) skip(kind.missing)
    const database = await freshWithTable(kind)
    const inner = database.pool as unknown as { promise?(): SqlPool }
    const pool =
      shape === "mysql2's pool with promises"
        ? (inner.promise?.() as SqlPool)
        : shape === "kysely over pg"
          ? database.kysely
          : database.pool
    const exporter = await opened(sqlExporter({ pool: () => pool }))
    expect(await exporter.export(batchOf(lineText(1)))).toBeUndefined()
    await exporter.close()
    // It is the application's, and still open.
    expect(await database.all("select id from audit_events")).toEqual([{ id: idOf(1) }])
  })

  it("S3.13 what is no pool waits for people", async () => {
    const exporter = await opened(sqlExporter({ pool: () => ({ execute: () => undefined }) as never }))
    const error = await exporter.export(batchOf(lineText(1)))
    expect(error?.reason).toContain("no pool of pg or mysql2 and no kysely instance")
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 60_000 })
    await exporter.close()
  })

  it("a server that is away, or refuses the password, is named without the password", async () => {
    const exporter = await opened(sqlExporter({ pool: () => broken }))
    const error = await exporter.export(batchOf(lineText(1)))
    expect(error?.reason).toBe(
      'Cannot write to table "audit_events": the database cannot be reached (ECONNREFUSED)'
    )
    expect(JSON.stringify(error)).not.toContain(secret)
    await exporter.close()
  })

  it("S4.14 MySQL's connection has port 3306 and a limit of its own, and when none comes the batch stays", async () => {
    const pool = createPool({ host: "127.0.0.1", user: "ada", connectTimeout: 5_000, charset: "utf8mb4" })
    onTestFinished(() => void pool.end(() => undefined))
    expect(
      (pool as unknown as { config: { connectionConfig: object } }).config.connectionConfig
    ).toMatchObject({
      port: 3306,
      connectTimeout: 5_000
    })
    const nowhere = createPromisePool({ host: "127.0.0.1", port: 1, user: "ada", password: secret })
    const audit = createAuditLog({
      app: "test",
      exporters: [sqlExporter({ pool: () => nowhere })],
      exitHook: false,
      env: {},
      notice: () => undefined
    })
    audit.log("case", "waits")
    expect(await audit.flush({ timeoutMs: 10_000 })).toMatchObject({ pending: 1, dropped: 0 })
    expect(audit.health().exporters[0]?.lastError).toContain("cannot be reached (ECONNREFUSED)")
    await audit.close({ timeoutMs: 0 })
    await nowhere.end()
  })
})

describe("an export that is stopped", () => {
  it.for(["PostgreSQL", "MariaDB"] as const)(
    "F104 leaves no transaction open on a connection of %s, and the next one writes each row once",
    async (name, { skip }) => {
      const kind = kindNamed(name)
      if (kind.missing !== undefined) skip(kind.missing)
      const database = await freshWithTable(kind)
      const statements = ofServer[name]
      const batch = batchOf(lineText(1), lineText(2))
      // Another transaction has the first row, so the insert waits for how it ends.
      const other = await database.kysely.startTransaction().execute()
      await other.executeQuery(CompiledQuery.raw(statements.row))
      await Effect.runPromise(
        Effect.scoped(
          Effect.gen(function* () {
            const open = yield* sqlExporter({ pool: () => database.pool }).open(identityWith(() => undefined))
            const exporting = yield* Effect.forkChild(open.export(batch))
            yield* Effect.promise(() => until(database, statements, "locked", (rows) => rows > 0))
            yield* Fiber.interrupt(exporting)
            yield* Effect.promise(() => other.rollback().execute())
            yield* open.export(batch)
          })
        )
      )
      const ids = (await database.all("select id from audit_events order by seq")).map(({ id }) => id)
      expect(ids).toEqual([idOf(1), idOf(2)])
      await until(database, statements, "leftOpen", (rows) => rows === 0)
    }
  )
})

const ofServer = {
  PostgreSQL: {
    row: `insert into audit_events ("key", id, body_hash, level, category, session, message, fields) values ('${idOf(1)}', '', '', '', '', '', '', '{}')`,
    locked: "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    leftOpen:
      "select 1 from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()",
    pause: "select pg_sleep(0.15)"
  },
  MariaDB: {
    row: `insert into audit_events (\`key\`, id, body_hash, level, category, session, message, fields) values ('${idOf(1)}', '', '', '', '', '', '', '{}')`,
    locked:
      "select 1 from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id where t.trx_state = 'LOCK WAIT' and p.db = database()",
    leftOpen:
      "select 1 from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id where p.db = database()",
    pause: "select sleep(0.15)"
  }
} as const

// MariaDB shows transactions as they were when they were looked at last, unless that is a tenth of a second ago: who asks without
// a pause never sees a change.
const until = async (
  database: TestDatabase,
  statements: (typeof ofServer)[keyof typeof ofServer],
  asked: "locked" | "leftOpen",
  isSo: (rows: number) => boolean
): Promise<void> => {
  while (!isSo((await database.all(statements[asked])).length)) await database.all(statements.pause)
}

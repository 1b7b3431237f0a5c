// Schemas, migrations and retention: a tenant's rows are in the tenant's schema, the table is made where it is missing, and old
// rows are deleted only where it was asked for.
import { createAuditLog, defineEvent } from "@daybook/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { sqlExporter, sqlMigrations, tableFor } from "../src/index.ts"
import { batchOf, identityWith, idOf, lineText, opened } from "./batches.ts"
import { databases, freshWithTable, type TestDatabase } from "./databases.ts"

const now = Date.parse("2026-11-22T09:00:00Z")
const dayMs = 86_400_000

const Done = defineEvent({ category: "done", fields: { what: Schema.String }, message: "Done" })

describe.each(databases.filter(({ name }) => name !== "PGlite"))("tenants in $name", (kind) => {
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

  const makeSchema = async (schema: string): Promise<void> => {
    const quoted = `${kind.quote}${schema}${kind.quote}`
    if (sql === "sqlite") return database.exec(`attach ':memory:' as ${quoted}`)
    await database.exec(`create schema ${quoted}`)
    // MySQL's schemas are databases, and outlive the one of the test.
    if (sql === "mysql") onTestFinished(() => database.exec(`drop schema ${quoted}`))
  }

  const unique = (schema: string): string =>
    sql === "mysql" ? `${schema}_${process.pid}_${Date.now()}` : schema

  const idsIn = async (table: string): Promise<readonly unknown[]> =>
    (await database.all(`select id from ${table} order by id`)).map(({ id }) => id)

  it('S3.5 the schema "public" is a bare table, and another one is schema.table', async () => {
    const schema = unique("acme")
    await makeSchema(schema)
    await database.exec(...sqlMigrations(kind.sql, { schema }))
    const bare = await open({ schema: "public" })
    const named = await open({ schema })
    expect(await bare.export(batchOf(lineText(1)))).toBeUndefined()
    expect(await named.export(batchOf(lineText(2)))).toBeUndefined()
    expect(await idsIn("audit_events")).toEqual([idOf(1)])
    expect(await idsIn(`${schema}.audit_events`)).toEqual([idOf(2)])
  })

  it("S3.4 the schema is a value of the event: one batch goes to several tenants, and migrate makes their tables", async () => {
    const [a, b] = [unique("tenant_a"), unique("tenant_b")]
    await makeSchema(a)
    await makeSchema(b)
    const schema = ({ fields }: { readonly fields: { readonly tenant?: string } }) =>
      fields.tenant ?? "public"
    const exporter = await open({ schema, migrate: true })
    const lines = [a, b, a, undefined].map((tenant, n) => lineText(n + 1, { tenant }))
    expect(await exporter.export(batchOf(...lines))).toBeUndefined()
    expect(await idsIn(`${a}.audit_events`)).toEqual([idOf(1), idOf(3)])
    expect(await idsIn(`${b}.audit_events`)).toEqual([idOf(2)])
    expect(await idsIn("audit_events")).toEqual([idOf(4)])
    const hostile = await exporter.export(batchOf(lineText(5, { tenant: 'x"; drop table audit_events; --' })))
    expect(hostile).toMatchObject({ retryable: false, divisible: true })
    expect(hostile?.reason).toMatch(/: the option schema gave what is no name: letters, digits/)
    expect(hostile?.reason).not.toContain("drop")
    expect(await idsIn("audit_events")).toEqual([idOf(4)])
  })

  it("migrate makes the table, several at the same time and again, and the same statements do it by hand", async () => {
    await database.exec("drop table audit_events", "drop table daybook_migrations")
    const exporters = [
      await open({ migrate: true }),
      await open({ migrate: true }),
      await open({ migrate: true })
    ]
    // Of those that collide, some may have to try again.
    for (let turn = 0; turn < 2; turn++)
      await Promise.all(exporters.map((one, n) => one.export(batchOf(lineText(10 * turn + n + 1)))))
    for (const [n, one] of exporters.entries())
      expect(await one.export(batchOf(lineText(n + 1)))).toBeUndefined()
    const done = await database.all("select for_table, name from daybook_migrations")
    expect(done).toEqual([{ for_table: "audit_events", name: "audit events" }])
    await database.exec(...sqlMigrations(kind.sql))
    expect(await database.all("select for_table from daybook_migrations")).toHaveLength(1)
  })

  it("a migration that another process runs at the same time refuses no event", async () => {
    if (sql === "mysql") return
    await database.exec("drop table audit_events", "delete from daybook_migrations")
    // What PostgreSQL says then: a unique index of its own catalogue has the table already.
    await database.exec(
      ...(sql === "sqlite"
        ? ["create trigger other before insert on daybook_migrations begin select raise(abort, 'no'); end"]
        : [
            "create function other() returns trigger language plpgsql as $$ begin raise exception using errcode = '23505'; end $$",
            "create trigger other before insert on daybook_migrations for each row execute function other()"
          ])
    )
    const exporter = await open({ migrate: true })
    expect(await exporter.export(batchOf(lineText(1)))).toMatchObject({ retryable: true })
    await database.exec(`drop trigger other${sql === "sqlite" ? "" : " on daybook_migrations"}`)
    expect(await exporter.export(batchOf(lineText(1)))).toBeUndefined()
  })

  it("S3.14 the first sweep of a database without the table makes it, and has nothing to say", async () => {
    await database.exec("drop table audit_events", "drop table daybook_migrations")
    const options = { pool: () => database.pool, migrate: true, retention: { days: 30, column: "ts" } }
    await sweeping(sqlExporter(options), (notices) =>
      Effect.gen(function* () {
        yield* until(() =>
          idsIn("audit_events").then(
            () => true,
            () => false
          )
        )
        yield* TestClock.adjust("1 hour")
        expect(notices).toEqual([])
      })
    )
  })

  const insertOld = (days: number, n: number): string => {
    const iso = new Date(now - days * dayMs).toISOString()
    const ts = sql === "mysql" ? iso.slice(0, 23).replace("T", " ") : iso
    const key = `${kind.quote}key${kind.quote}`
    return `insert into audit_events (${key}, id, body_hash, ts, level, category, session, message, fields) values ('${idOf(n)}', '${idOf(n)}', '', '${ts}', '', '', '', '', '{}')`
  }

  const sweeping = (
    exporter: ReturnType<typeof sqlExporter>,
    use: (notices: readonly string[]) => Effect.Effect<void>
  ) => {
    const notices: string[] = []
    const identity = identityWith((line) => void notices.push(line), { now: () => now })
    const life = Effect.scoped(Effect.andThen(exporter.open(identity), use(notices)))
    return Effect.runPromise(Effect.provide(life, TestClock.layer()))
  }

  const until = (isSo: () => Promise<boolean>): Effect.Effect<void> =>
    Effect.promise(async () => {
      while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
    })

  it("S3.14 old rows go at once and then every hour, by the column that is named, and no others", async () => {
    await database.exec(insertOld(40, 1), insertOld(31, 2), insertOld(29, 3), insertOld(0, 4))
    const exporter = sqlExporter({ pool: () => database.pool, retention: { days: 30, column: "ts" } })
    await sweeping(exporter, () =>
      Effect.gen(function* () {
        yield* until(async () => (await idsIn("audit_events")).length === 2)
        yield* Effect.promise(() => database.exec(insertOld(50, 5)))
        yield* TestClock.adjust("59 minutes")
        expect(yield* Effect.promise(() => idsIn("audit_events"))).toHaveLength(3)
        yield* TestClock.adjust("1 minute")
        yield* until(async () => (await idsIn("audit_events")).length === 2)
      })
    )
    expect(await idsIn("audit_events")).toEqual([idOf(3), idOf(4)])
  })

  it("S3.14 more rows than one statement deletes are deleted in slices", async () => {
    const count = 5_001
    const iso = sql === "mysql" ? "2026-01-01 00:00:00" : "2026-01-01T00:00:00.000Z"
    const rows = Array.from({ length: count }, (_, n) =>
      lineText(n + 1, {}, { ts: `${iso.slice(0, 10)}T00:00:00.000Z` })
    )
    expect(await (await open()).export(batchOf(...rows))).toBeUndefined()
    const exporter = sqlExporter({ pool: () => database.pool, retention: { days: 30, column: "ts" } })
    await sweeping(exporter, () => until(async () => (await idsIn("audit_events")).length === 0))
  })

  it("S3.14 nothing is deleted unless it is asked for, with days above 0", async () => {
    await database.exec(insertOld(4_000, 1))
    for (const retention of [undefined, { days: 0, column: "ts" }, { days: -1, column: "ts" }]) {
      const exporter = sqlExporter({ pool: () => database.pool, retention })
      await sweeping(exporter, () => TestClock.adjust("3 hours"))
    }
    expect(await idsIn("audit_events")).toHaveLength(1)
  })

  it("S3.14 the schema of every tenant that it knows is swept, and a table of the application's by its own column", async () => {
    const schema = unique("tenant_c")
    await makeSchema(schema)
    await database.exec(
      ...sqlMigrations(kind.sql, { schema }),
      insertOld(40, 1).replace("into audit_events", `into ${schema}.audit_events`),
      "create table jobs (what varchar(9), finished varchar(30))",
      "insert into jobs values ('old', '2020-01-01'), ('new', '2026-11-22')"
    )
    const jobs = tableFor(Done, {
      table: "jobs",
      columns: { what: "what" },
      retention: { days: 1, column: "finished" }
    })
    const options = { pool: () => database.pool, schemas: [schema], tables: [jobs] }
    const exporter = sqlExporter({ ...options, retention: { days: 30, column: "ts" } })
    await sweeping(exporter, (notices) =>
      Effect.gen(function* () {
        yield* until(async () => (await idsIn(`${schema}.audit_events`)).length === 0)
        yield* until(async () => (await database.all("select what from jobs")).length === 1)
        // The tenant has no such table: said once, and the others are swept all the same.
        yield* until(async () => notices.length > 0)
        for (const n of [2, 3]) {
          yield* Effect.promise(() => database.exec(insertOld(40, n)))
          yield* TestClock.adjust("1 hour")
          yield* until(async () => (await idsIn("audit_events")).length === 0)
        }
        expect(notices).toEqual([
          expect.stringMatching(
            /^sql: cannot delete rows of .*jobs.* by "finished" that are older than 1 days: the table does not exist/
          )
        ])
      })
    )
  })

  it("S3.14 a schema that rows go to, and a pool that comes later, are swept within a minute", async () => {
    const schema = unique("tenant_d")
    await makeSchema(schema)
    const inSchema = insertOld(40, 1).replace("into audit_events", `into ${schema}.audit_events`)
    await database.exec(...sqlMigrations(kind.sql, { schema }), inSchema)
    let pool: typeof database.pool | undefined
    const exporter = sqlExporter({
      pool: () => pool,
      schema: () => schema,
      retention: { days: 30, column: "ts" }
    })
    const notices: string[] = []
    const identity = identityWith((line) => void notices.push(line), { now: () => now })
    const life = Effect.gen(function* () {
      const opened = yield* exporter.open(identity)
      yield* TestClock.adjust("5 minutes")
      pool = database.pool
      const today = lineText(2, {}, { ts: new Date(now).toISOString() })
      yield* opened.export(batchOf(today))
      yield* TestClock.adjust("1 minute")
      yield* until(async () => (await idsIn(`${schema}.audit_events`)).length === 1)
      yield* Effect.promise(() => database.exec(inSchema))
      yield* TestClock.adjust("58 minutes")
      expect(yield* Effect.promise(() => idsIn(`${schema}.audit_events`))).toHaveLength(2)
    })
    await Effect.runPromise(Effect.provide(Effect.scoped(life), TestClock.layer()))
    expect(notices).toEqual([])
  })

  it("S3.15 a log can be closed twice, and its sweep has ended with it", async () => {
    await database.exec(insertOld(40, 1))
    const audit = createAuditLog({
      app: "test",
      exporters: [sqlExporter({ pool: () => database.pool, retention: { days: 30, column: "ts" } })],
      exitHook: false,
      env: {}
    })
    audit.log("case", "event")
    const closing = [audit.close({ timeoutMs: 10_000 }), audit.close({ timeoutMs: 10_000 })]
    for (const { complete } of await Promise.all(closing)) expect(complete).toBe(true)
    expect((await audit.close()).complete).toBe(true)
    expect((await idsIn("audit_events")).length).toBeLessThan(3)
  })
})

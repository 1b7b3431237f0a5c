// Options that can never work are errors at once, and what a server or a file is set up as is looked at before the first row.
import { statSync } from "node:fs"
import { dirname, join } from "node:path"
import { OperationTimed } from "@daybook/core/catalogue"
import { PostgresDialect } from "kysely"
import { createPool } from "mysql2"
import { Pool } from "pg"
import { expect, inject, it, onTestFinished } from "vitest"
import { nodeSqlite, sqlExporter, sqlMigrations, tableFor } from "../src/index.ts"
import { batchOf, lineText, opened } from "./batches.ts"
import { freshWithTable, kindNamed } from "./databases.ts"
import { freshFile, openFile } from "./sqlite-file.ts"

it("S3.3 F110 options that can never work are errors when the exporter is made", () => {
  const pool = () => undefined
  const cases: readonly (readonly [object, string])[] = [
    [{}, 'give either option "dialect" or option "pool"'],
    [{ pool, dialect: nodeSqlite("a.db") }, 'give either option "dialect" or option "pool"'],
    [{ pool: {} }, 'option "pool" must be a function'],
    [{ dialect: {} }, 'option "dialect" must be a dialect of kysely'],
    [{ pool, schema: "a b" }, 'option "schema" must be a function, or a name'],
    [{ pool, tables: [{}] }, 'option "tables" must be a list of what tableFor returned'],
    [{ pool, retention: { days: 3 } }, 'option "retention" needs both days and column'],
    [{ pool, retention: { days: "3", column: "ts" } }, 'option "retention.days" must be a number of days'],
    [{ pool, retentionDays: 3 }, 'there is no option "retentionDays"']
  ]
  for (const [options, text] of cases) expect(() => sqlExporter(options as never)).toThrow(text)
  const table = (options: object) => () => tableFor(OperationTimed, options as never)
  expect(table({ columns: { a: "action" } })).toThrow('"table" is missing')
  expect(table({ table: "t", columns: {} })).toThrow("names no column")
  expect(table({ table: "t", columns: { a: "nothing" } })).toThrow(
    'column "a" must be a field of the event, or a function'
  )
  expect(table({ table: "t", columns: { 'a"': "action" } })).toThrow("is no column name")
  expect(() => sqlMigrations("oracle" as never)).toThrow('must be "postgresql", "mysql" or "sqlite"')
  expect(() => sqlMigrations("sqlite", { table: "a'b" })).toThrow("a name must be")
  expect(() => nodeSqlite("")).toThrow("the path must be a text")
})

it("a SQLite file is its owner's alone, in a folder that is made, and a log can be opened on it again", async () => {
  const path = join(dirname(freshFile()), "deep/er/audit.db")
  const exporter = sqlExporter({ dialect: nodeSqlite(path), migrate: true })
  for (let life = 1; life <= 2; life++) {
    const open = await opened(exporter)
    expect(await open.export(batchOf(lineText(life)))).toBeUndefined()
    await open.close()
  }
  expect(openFile(path).all("select count(*) as count from audit_events")).toEqual([{ count: 2 }])
  if (process.platform !== "win32") {
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
  }
})

it("a file that is no database waits for people", async () => {
  const exporter = await opened(sqlExporter({ dialect: nodeSqlite(import.meta.dirname), migrate: true }))
  const error = await exporter.export(batchOf(lineText(1)))
  expect(error).toMatchObject({ retryable: true })
  expect(error?.reason).toMatch(/^Cannot write to table "audit_events": /)
  await exporter.close()
})

it("a dialect whose pool was closed with an earlier log says what to do", async ({ skip }) => {
  const kind = kindNamed("PostgreSQL")
  if (kind.missing !== undefined) skip(kind.missing)
  const server = inject("PostgreSQL")
  const dialect = new PostgresDialect({
    pool: new Pool({ connectionString: "url" in server ? server.url : "" })
  })
  const exporter = sqlExporter({ dialect, table: "nowhere" })
  const first = await opened(exporter)
  expect((await first.export(batchOf(lineText(1))))?.reason).toContain("the table does not exist")
  await first.close()
  const second = await opened(exporter)
  expect((await second.export(batchOf(lineText(1))))?.reason).toContain(
    "give the dialect its pool as a function"
  )
  await second.close()
})

it("F105 with mysql2's flag FOUND_ROWS, which it sets by default, repeats and conflicts are found all the same", async ({
  skip
}) => {
  const kind = kindNamed("MariaDB")
  if (kind.missing !== undefined) skip(kind.missing)
  const database = await freshWithTable(kind)
  const [{ name } = { name: "" }] = await database.all("select database() as name")
  const server = inject("MariaDB")
  const url = new URL("url" in server ? server.url : "")
  url.pathname = String(name)
  const pool = createPool(url.href)
  onTestFinished(() => void pool.end(() => undefined))
  const exporter = await opened(sqlExporter({ pool: () => pool }))
  const lines = [lineText(1), lineText(2)]
  for (let turn = 0; turn < 2; turn++) expect(await exporter.export(batchOf(...lines))).toBeUndefined()
  expect(await database.all("select id from audit_events")).toHaveLength(2)
  const forged = await exporter.export(batchOf(lineText(3), lineText(2, { forged: true })))
  expect(forged?.reason).toContain("is there with another body")
  await exporter.close()
})

it.for(["PostgreSQL", "MariaDB"] as const)(
  "S3.17 on %s a role that may insert and select, on MariaDB also update, is enough, and need not make tables",
  async (name, { skip }) => {
    const kind = kindNamed(name)
    if (kind.missing !== undefined) skip(kind.missing)
    const database = await freshWithTable(kind)
    const isMysql = kind.sql === "mysql"
    const [{ db } = { db: "" }] = await database.all(
      `select ${isMysql ? "database()" : "current_database()"} as db`
    )
    const role = `clerk_${process.pid}`
    await database.exec(
      ...(isMysql
        ? [
            `create user '${role}'@'127.0.0.1'`,
            `grant select, insert, update on ${db}.audit_events to '${role}'@'127.0.0.1'`
          ]
        : [`create role ${role} login`, `grant select, insert on audit_events to ${role}`])
    )
    onTestFinished(() =>
      database.exec(
        ...(isMysql ? [`drop user '${role}'@'127.0.0.1'`] : [`drop owned by ${role}`, `drop role ${role}`])
      )
    )
    const server = inject(name)
    const url = new URL("url" in server ? server.url : "")
    url.username = role
    url.pathname = String(db)
    const pool = isMysql ? createPool(url.href) : new Pool({ connectionString: url.href })
    // The server ends connections of a database that is dropped, also those that are ending by themselves.
    if (pool instanceof Pool) pool.on("connect", (client) => client.on("error", () => undefined))
    const exporter = await opened(sqlExporter({ pool: () => pool }))
    for (let turn = 0; turn < 2; turn++) expect(await exporter.export(batchOf(lineText(1)))).toBeUndefined()
    await exporter.close()
    const making = await opened(sqlExporter({ pool: () => pool, migrate: true, table: "other" }))
    expect(await making.export(batchOf(lineText(1)))).toMatchObject({ retryable: true, retryAfterMs: 60_000 })
    await making.close()
    await new Promise<void>(
      (ended) => void (pool instanceof Pool ? pool.end(ended) : pool.end(() => ended()))
    )
  }
)

it.for(["''", "'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'"])(
  "F108 a MySQL connection with sql_mode %s waits for people: values would be shortened, or their quotes not escaped",
  async (mode, { skip }) => {
    const kind = kindNamed("MariaDB")
    if (kind.missing !== undefined) skip(kind.missing)
    const database = await freshWithTable(kind)
    const [{ name } = { name: "" }] = await database.all("select database() as name")
    const server = inject("MariaDB")
    const url = new URL("url" in server ? server.url : "")
    url.pathname = String(name)
    const lenient = createPool(url.href)
    lenient.on(
      "connection",
      (connection) => void connection.query(`set session sql_mode = ${mode}`, () => undefined)
    )
    onTestFinished(() => void lenient.end(() => undefined))
    const exporter = await opened(sqlExporter({ pool: () => lenient }))
    const error = await exporter.export(batchOf(lineText(1)))
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 60_000 })
    expect(error?.reason).toMatch(/sql_mode/)
    await exporter.close()
  }
)

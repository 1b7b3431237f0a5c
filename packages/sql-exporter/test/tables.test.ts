// Tables of the application's, filled as they are: the operations of S3 and the two logs of S4, on each database.
import { createAuditLog, defineEvent } from "@daybook/core"
import { OperationTimed } from "@daybook/core/catalogue"
import * as Schema from "effect/Schema"
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { sqlExporter, sqlMigrations, tableFor } from "../src/index.ts"
import { batchOf, idOf, lineText, opened } from "./batches.ts"
import { type DatabaseKind, databases, type Row, type TestDatabase } from "./databases.ts"

const operations = tableFor(OperationTimed, {
  table: "astrocyte_audit_log",
  key: "id",
  columns: {
    action: "action",
    transport: ({ transport }) => transport ?? "system",
    bank_id: "bank_id",
    started_at: "started_at",
    ended_at: "ended_at",
    request: "request",
    response: "response",
    metadata: ({ metadata, outcome }) => ({ ...metadata, ...(outcome === undefined ? {} : { outcome }) })
  }
})

const text = Schema.optionalKey(Schema.String)

const UseLog = defineEvent({
  category: "use_log",
  fields: {
    user_name: text,
    device_name: text,
    prompt: text,
    result_path: text,
    status: text,
    error_message: text,
    model: text,
    duration_ms: Schema.optionalKey(Schema.Finite),
    finish_reason: text
  },
  message: "Image made"
})

const LoginLog = defineEvent({
  category: "login_log",
  fields: { user_name: text, local_ip: text, public_ip: text, device_name: text, login_time: text },
  message: "Logged in"
})

const useLog = tableFor(UseLog, {
  table: "nano_banana_user_use_log",
  kind: "use_log",
  columns: {
    user_name: ({ user_name }) => user_name || "未知用户",
    device_name: ({ device_name }) => device_name || "未知设备",
    prompt: ({ prompt }) => prompt ?? "",
    result_path: "result_path",
    status: ({ status }) => status || "unknown",
    error_message: "error_message",
    model: "model",
    duration_ms: "duration_ms",
    finish_reason: "finish_reason"
  }
})

const local = (ts: string): string => {
  const date = new Date(ts)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 19)
    .replace("T", " ")
}

const loginLog = tableFor(LoginLog, {
  table: "nano_banana_user_log",
  kind: "login_log",
  columns: {
    user_name: ({ user_name }) => user_name || "未知用户",
    local_ip: "local_ip",
    public_ip: "public_ip",
    device_name: ({ device_name }) => device_name || "未知设备",
    login_time: ({ login_time }, { head }) => login_time || local(head.ts)
  }
})

const tables = [operations, useLog, loginLog]

const ddl = ({ sql }: DatabaseKind): readonly string[] => {
  const [json, time, uuid, serial] = {
    postgresql: ["jsonb", "timestamptz", "uuid", "serial primary key"],
    mysql: ["json", "datetime(3)", "char(36)", "int auto_increment primary key"],
    sqlite: ["json", "text", "text", "integer primary key"]
  }[sql] as [string, string, string, string]
  const [name, long, moment] =
    sql === "sqlite"
      ? ["text", "text", "text"]
      : ["varchar(64)", sql === "mysql" ? "mediumtext" : "text", sql === "mysql" ? "datetime" : "timestamp"]
  const charset = sql === "mysql" ? " default character set utf8mb4" : ""
  return [
    `create table astrocyte_audit_log (id ${uuid} primary key, action ${name} not null, transport ${name} not null, bank_id ${name}, started_at ${time} not null, ended_at ${time}, request ${json}, response ${json}, metadata ${json} not null)${charset}`,
    `create table nano_banana_user_use_log (row_id ${serial}, user_name ${name} not null, device_name ${name} not null, prompt ${long} not null, result_path ${long}, status ${name} not null, error_message ${long}, model ${name}, duration_ms int, finish_reason ${name})${charset}`,
    `create table nano_banana_user_log (row_id ${serial}, user_name ${name} not null, local_ip ${name}, public_ip ${name}, device_name ${name} not null, login_time ${moment} not null)${charset}`
  ]
}

describe.each(databases)("the application's tables in $name", (kind) => {
  const { missing, sql } = kind
  let database: TestDatabase

  beforeAll(() => kind.warmUp?.(), 120_000)
  beforeEach(async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    database = await kind.fresh()
    await database.exec(...ddl(kind))
  })

  const open = async (options: object = {}) => {
    const exporter = await opened(
      sqlExporter({ pool: () => database.pool, tables, table: false, ...options })
    )
    onTestFinished(() => exporter.close())
    return exporter
  }

  const json = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value)

  /** SQLite has texts, and drivers read times as local ones. */
  const instant = (value: unknown): string =>
    typeof value === "string"
      ? new Date(value).toISOString()
      : sql === "mysql"
        ? new Date((value as Date).getTime() - (value as Date).getTimezoneOffset() * 60_000).toISOString()
        : (value as Date).toISOString()

  it("S3.3 S3.11 S3.12 operations fill the table of S3 as it is, by hand and timed, also when they throw", async () => {
    const audit = createAuditLog({
      app: "test",
      exporters: [sqlExporter({ pool: () => database.pool, tables, table: false })],
      exitHook: false,
      env: {}
    })
    audit.log(
      OperationTimed({
        action: "recall",
        transport: "mcp",
        bank_id: "b-1",
        started_at: new Date("2026-11-22T09:00:00.120Z"),
        ended_at: new Date("2026-11-22T09:00:01.250Z"),
        request: {
          query: "天气",
          at: new Date(0),
          bytes: new Uint8Array(3),
          tags: new Set(["a"]),
          url: new URL("https://example.com/")
        },
        metadata: { k: 1 }
      })
    )
    await audit.timed("retain", { transport: "http" }, async (operation) => {
      operation.response = "stored 3"
    })
    const failing = audit.timed("forget", {}, () => Promise.reject(new RangeError("no")))
    await expect(failing).rejects.toThrow("no")
    expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({ written: 3, dropped: 0 })
    const rows = await database.all("select * from astrocyte_audit_log order by started_at")
    const [recall, retain, forget] = rows as readonly [Row, Row, Row]
    expect(recall).toMatchObject({ action: "recall", transport: "mcp", bank_id: "b-1", response: null })
    expect(recall.id).toMatch(/^[0-9a-f-]{36}$/)
    expect([instant(recall.started_at), instant(recall.ended_at)]).toEqual([
      "2026-11-22T09:00:00.120Z",
      "2026-11-22T09:00:01.250Z"
    ])
    expect(json(recall.request)).toEqual({
      query: "天气",
      at: "1970-01-01T00:00:00.000Z",
      bytes: "<bytes>",
      tags: ["a"],
      url: "https://example.com/"
    })
    expect(json(recall.metadata)).toEqual({ k: 1 })
    expect(retain).toMatchObject({ action: "retain", transport: "http", bank_id: null, request: null })
    // SQLite has the JSON as text, the drivers of the others decode it.
    expect(sql === "sqlite" ? json(retain.response) : retain.response).toBe("stored 3")
    expect(json(retain.metadata)).toEqual({ outcome: "success" })
    expect(forget).toMatchObject({ action: "forget", transport: "system", response: null })
    expect(json(forget.metadata)).toEqual({ outcome: "failure" })
  })

  it("S4.4 S4.5 S4.20 the two tables of S4 are filled with their defaults, with the event's key and time when they have them", async () => {
    const added = sqlMigrations(kind.sql, { tables: [useLog, loginLog] }).filter((one) =>
      one.includes("nano_banana")
    )
    await database.exec(...added)
    const exporter = await open()
    const of = (category: string) => ({ category })
    const lines = [
      lineText(1, { user_name: "", prompt: "提示", duration_ms: 12 }, of("use_log")),
      lineText(
        2,
        { login_time: "2026-11-22 17:00:00", user_name: "Ada", local_ip: "10.0.0.1" },
        of("login_log")
      ),
      lineText(3, { user_name: "李雷", status: "success", model: "m" }, of("use_log")),
      lineText(4, {}, of("login_log"))
    ]
    expect(await exporter.export(batchOf(...lines))).toBeUndefined()
    // S4.19 what is sent again is the same row.
    expect(await exporter.export(batchOf(...lines))).toBeUndefined()
    const uses = await database.all("select * from nano_banana_user_use_log order by row_id")
    expect(uses).toMatchObject([
      {
        user_name: "未知用户",
        device_name: "未知设备",
        prompt: "提示",
        status: "unknown",
        duration_ms: 12,
        model: null,
        event_id: idOf(1)
      },
      { user_name: "李雷", prompt: "", status: "success", duration_ms: null, model: "m", event_id: idOf(3) }
    ])
    expect(instant(uses[0]?.ts)).toBe("2026-11-22T09:00:00.001Z")
    const logins = await database.all("select * from nano_banana_user_log order by row_id")
    expect(logins).toMatchObject([
      { user_name: "Ada", local_ip: "10.0.0.1", device_name: "未知设备", event_id: idOf(2) },
      { user_name: "未知用户", local_ip: null, event_id: idOf(4) }
    ])
    const localText = (value: unknown): string =>
      typeof value === "string" ? value : local((value as Date).toISOString())
    expect(logins.map(({ login_time }) => localText(login_time))).toEqual([
      "2026-11-22 17:00:00",
      local("2026-11-22T09:00:00.004Z")
    ])
    expect(exporter.notices).toEqual([])
  })

  it("S4.19 S4.20 without the two columns it works, and says once that rows arrive at least once", async () => {
    const exporter = await open()
    const batch = batchOf(lineText(1, { user_name: "Ada" }, { category: "use_log" }))
    for (let turn = 0; turn < 3; turn++) expect(await exporter.export(batch)).toBeUndefined()
    expect(await database.all("select user_name from nano_banana_user_use_log")).toHaveLength(3)
    expect(exporter.notices).toEqual([
      expect.stringMatching(
        /^sql: .nano_banana_user_use_log. has no column "event_id" with a unique index, so its rows arrive at least once, not exactly once; sqlMigrations\(\) has the statement that adds it$/
      )
    ])
  })

  it("S4.20 lines of an old queue file go to the table of their kind, with a key made from their bytes", async () => {
    await database.exec(
      ...sqlMigrations(kind.sql, { tables: [useLog] }).filter((one) => one.includes("nano_banana"))
    )
    const exporter = await open()
    const old =
      '{"kind": "use_log", "ts": "2026-11-22 17:00:00", "user_name": "韩梅梅", "prompt": "", "duration_ms": 12}'
    for (let turn = 0; turn < 2; turn++) expect(await exporter.export(batchOf(old))).toBeUndefined()
    const rows = await database.all("select * from nano_banana_user_use_log")
    expect(rows).toMatchObject([
      { user_name: "韩梅梅", duration_ms: 12, event_id: expect.stringMatching(/-8[0-9a-f]{3}-/) }
    ])
    expect(instant(rows[0]?.ts)).toBe(new Date("2026-11-22T17:00:00").toISOString())
  })

  it("S4.21 a line of an old queue file with an unknown kind is refused alone", async () => {
    const error = await (await open()).export(batchOf('{"kind": "logout_log", "ts": "2026-11-22 17:00:00"}'))
    expect(error).toMatchObject({ retryable: false, divisible: true })
    expect(error?.reason).toContain("a line of an older system's queue has a kind that no table has")
    expect(error?.reason).not.toContain("logout_log")
  })

  it("F108 a value that is too long is an error of its row, and is not shortened", async () => {
    if (sql === "sqlite") return
    const exporter = await open()
    const error = await exporter.export(
      batchOf(lineText(1, { user_name: "x".repeat(65) }, { category: "use_log" }))
    )
    expect(error).toMatchObject({ retryable: false, divisible: true })
    expect(error?.reason).toContain("a value is not one that the column's type can hold")
    expect(await database.all("select * from nano_banana_user_use_log")).toEqual([])
  })

  it("F108 what another unique index has already is an error of its row, and not left out in silence", async () => {
    await database.exec(
      ...sqlMigrations(kind.sql, { tables: [useLog] }).filter((one) => one.includes("nano_banana")),
      "create unique index one_a_user on nano_banana_user_use_log (user_name)"
    )
    const exporter = await open()
    const of = { category: "use_log" }
    expect(await exporter.export(batchOf(lineText(1, { user_name: "Ada" }, of)))).toBeUndefined()
    const error = await exporter.export(batchOf(lineText(2, { user_name: "Ada" }, of)))
    expect(error).toMatchObject({ retryable: false, divisible: true })
    expect(await database.all("select event_id from nano_banana_user_use_log")).toEqual([
      { event_id: idOf(1) }
    ])
  })

  it("a table or column that is missing waits for people, and a column's function that throws refuses its row", async () => {
    const exporter = await open({
      tables: [
        tableFor(UseLog, {
          table: "nano_banana_user_use_log",
          columns: {
            user_name: () => {
              throw new TypeError("quotes a value")
            }
          }
        }),
        tableFor(LoginLog, { table: "nano_banana_user_log", columns: { nickname: "user_name" } }),
        tableFor(OperationTimed, { table: "nowhere", columns: { action: "action" } })
      ]
    })
    const send = (category: string) => exporter.export(batchOf(lineText(1, {}, { category })))
    const [thrown, column, table] = [await send("use_log"), await send("login_log"), await send("operation")]
    expect(thrown).toMatchObject({ retryable: false, divisible: true })
    expect(thrown?.reason).toMatch(/: the function of column "user_name" threw TypeError$/)
    expect(column).toMatchObject({ retryable: true, retryAfterMs: 60_000 })
    expect(column?.reason).toContain('it has no column "nickname"')
    expect(table).toMatchObject({ retryable: true, retryAfterMs: 60_000 })
    expect(table?.reason).toContain("the table does not exist")
  })
})

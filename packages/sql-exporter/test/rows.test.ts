// Rows of the exporter's own table, on each database: nothing of a line is lost, a repeated line is one row, one with another body
// is reported, and what cannot be stored is refused alone.
import { createAuditLog, defineEvent } from "@daybook/core"
import * as Schema from "effect/Schema"
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { sqlExporter } from "../src/index.ts"
import { batchOf, idOf, lineText, opened } from "./batches.ts"
import { databases, freshWithTable, type Row, type TestDatabase } from "./databases.ts"

const Tried = defineEvent({
  category: "case",
  fields: { n: Schema.Finite, bad: Schema.Boolean },
  message: "Tried"
})

describe.each(databases)("rows in $name", (kind) => {
  const { name, missing, quote } = kind
  const key = `${quote}key${quote}`
  let database: TestDatabase

  // PGlite takes seconds to start.
  beforeAll(() => kind.warmUp?.(), 120_000)
  beforeEach(async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    database = await freshWithTable(kind)
  })

  const open = async (options: object = {}) => {
    const exporter = await opened(sqlExporter({ pool: () => database.pool, ...options }))
    onTestFinished(() => exporter.close())
    return exporter
  }

  const rows = (order = "seq"): Promise<readonly Row[]> =>
    database.all(`select * from audit_events order by ${order}`)

  const fieldsOf = ({ fields }: Row): unknown => (typeof fields === "string" ? JSON.parse(fields) : fields)

  it("has everything of a line: its head in columns, its fields as JSON", async () => {
    const exporter = await open()
    const fields = {
      filename: "客户.csv",
      bytes: 24_813,
      ok: true,
      none: null,
      list: [1, { a: "b" }],
      trace_id: "0af7651916cd43dd8448eb211c80319c"
    }
    const claim = { origin: { ts: "2026-11-22T08:00:00.000Z" } }
    expect(await exporter.export(batchOf(lineText(1, { ...fields, ...claim })))).toBeUndefined()
    const [row] = await rows()
    expect(row).toMatchObject({
      key: idOf(1),
      id: idOf(1),
      level: "info",
      category: "upload",
      session: "1a2c3d4e5f60001",
      message: "Uploaded 1",
      replaced: null
    })
    expect(Number(row?.seq)).toBe(1)
    expect(row?.body_hash).toMatch(/^[0-9a-f]{32}$/)
    expect(fieldsOf(row as Row)).toEqual({ ...fields, ...claim })
    const ts = row?.ts
    // MariaDB's driver reads the UTC time as local time.
    const iso = ts instanceof Date ? (name === "MariaDB" ? localIso(ts) : ts.toISOString()) : ts
    expect(iso).toBe("2026-11-22T09:00:00.001Z")
  })

  it("F105 the same id twice is one row, in one batch and in two", async () => {
    const exporter = await open()
    const [one, two, three] = [lineText(1), lineText(2), lineText(3)]
    expect(await exporter.export(batchOf(one, two, one))).toBeUndefined()
    expect(await exporter.export(batchOf(two, three))).toBeUndefined()
    expect((await rows()).map(({ id }) => id)).toEqual([idOf(1), idOf(2), idOf(3)])
  })

  it("F105 the same id with another body is refused alone and reported, and the row stays as it is", async () => {
    const exporter = await open()
    await exporter.export(batchOf(lineText(2)))
    const other = lineText(2, { filename: "forged.csv" })
    const error = await exporter.export(batchOf(lineText(1), other, lineText(3)))
    expect(error).toMatchObject({ retryable: false, divisible: true })
    expect(error?.reason).toBe(
      `Cannot write to table ${quote}audit_events${quote}: the row "${idOf(2)}" is there with another body, and stays as it is`
    )
    expect(await rows()).toHaveLength(1)
    expect(fieldsOf((await rows())[0] as Row)).toEqual({})
  })

  it("F81 F106 NUL and halves of surrogate pairs refuse no row, and what is replaced is counted in it", async () => {
    const exporter = await open()
    const hostile = String.raw`{"ts":"2026-11-22T09:00:00.001Z","level":"info","category":"upload","session":"1a2c3d4e","message":"a\u0000b","text":"\u0000 \ud800 \\u0000 \ud83d\ude00","seq":1,"id":"${idOf(1)}"}`
    expect(await exporter.export(batchOf(hostile, lineText(2)))).toBeUndefined()
    const [row, second] = await rows()
    const isPostgres = kind.sql === "postgresql"
    expect(Number(row?.replaced ?? 0)).toBe(isPostgres ? 3 : kind.sql === "mysql" ? 1 : 0)
    expect(second?.replaced).toBeNull()
    const half = kind.sql === "sqlite" ? "\ud800" : "\ufffd"
    const nul = isPostgres ? "\ufffd" : "\0"
    expect(fieldsOf(row as Row)).toEqual({ text: `${nul} ${half} \\u0000 😀` })
    if (kind.sql !== "sqlite") expect(row?.message).toBe(`a${nul}b`)
  })

  it("S3.17 F110 names with dots and quotes of other kinds are quoted, and others are refused by the options", async () => {
    await database.exec(
      `create table ${quote}od.d-t$able${quote} as select * from audit_events`,
      `create unique index odd_key on ${quote}od.d-t$able${quote} (${key})`
    )
    const exporter = await open({ table: "od.d-t$able" })
    expect(await exporter.export(batchOf(lineText(1)))).toBeUndefined()
    expect(await database.all(`select id from ${quote}od.d-t$able${quote}`)).toEqual([{ id: idOf(1) }])
    for (const table of ['a"b', "a`b", "a b", "a;b", "", "1a", "x".repeat(64), "a\0"])
      expect(() => sqlExporter({ pool: () => undefined, table })).toThrow(/option "table" must be/)
  })

  it("F109 a batch with more parameters and bytes than one statement takes is split", async () => {
    const exporter = await open({ queue: { batchEventsMax: 10_000 } })
    const lines = Array.from({ length: 8_000 }, (_, n) => lineText(n + 1))
    expect(await exporter.export(batchOf(...lines))).toBeUndefined()
    const [{ count } = { count: 0 }] = await database.all("select count(*) as count from audit_events")
    expect(Number(count)).toBe(8_000)
  })

  it("a 40 KiB prompt in Chinese arrives whole", async () => {
    const exporter = await open()
    const prompt = "提示".repeat(20_480)
    await exporter.export(batchOf(lineText(1, { prompt }), lineText(2, {}, { message: prompt })))
    const [first, second] = await rows()
    expect(fieldsOf(first as Row)).toEqual({ prompt })
    expect(second?.message).toBe(prompt)
  })

  it("F107 S4.23 one row that the database refuses is dropped alone and counted, and the others are there", async () => {
    const exporter = sqlExporter({ pool: () => database.pool })
    await database.exec(
      kind.sql === "sqlite"
        ? "create trigger refuse before insert on audit_events when new.message = 'poison' begin select raise(abort, 'no'); end"
        : "alter table audit_events add constraint no_poison check (message <> 'poison')"
    )
    const notices: string[] = []
    const audit = createAuditLog({
      app: "test",
      exporters: [exporter],
      exitHook: false,
      env: {},
      notice: (line) => notices.push(line)
    })
    for (let n = 1; n <= 200; n++) audit.log("case", n === 77 ? "poison" : `event ${n}`)
    const { written, dropped } = await audit.close({ timeoutMs: 10_000 })
    expect({ written, dropped }).toEqual({ written: 199, dropped: 1 })
    const seqs = (await rows()).filter(({ category }) => category === "case").map(({ seq }) => Number(seq))
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, at) => at + 1).filter((n) => n !== 77))
    expect(notices.filter((line) => line.includes("refused 1 event"))).toHaveLength(1)
    expect(notices.join()).not.toContain("poison'")
  })

  it("S4.19 commit waits for the row, and is rejected for an event that the database refuses alone", async () => {
    const exporter = sqlExporter({
      pool: () => database.pool,
      required: true,
      schema: ({ fields }) => (fields.bad === true ? "no name!" : "public")
    })
    const audit = createAuditLog({
      app: "test",
      exporters: [exporter],
      exitHook: false,
      env: {},
      notice: () => undefined
    })
    const commits = [1, 2, 3].map((n) => audit.commit(Tried({ n, bad: n === 2 })))
    const settled = await Promise.allSettled(commits)
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
    const events = (await rows()).filter(({ category }) => category === "case")
    expect(events.map(({ seq }) => Number(seq))).toEqual([1, 3])
    await audit.close({ timeoutMs: 10_000 })
  })

  it("lines of older systems have a key made from their id or their bytes, the same at each try", async () => {
    const exporter = await open()
    const [numbered, bare] = ['{"id":"order-7","message":"a"}', '{"ts":"2026-11-22 17:00:00","note":"b"}']
    for (let turn = 0; turn < 2; turn++)
      expect(await exporter.export(batchOf(numbered, bare))).toBeUndefined()
    const keys = (await rows("id desc")).map((row) => [row.id, row.key])
    expect(keys).toEqual([
      [
        "order-7",
        expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      ],
      ["", expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8/)]
    ])
  })

  it("a time that no calendar has is kept among the fields", async () => {
    const exporter = await open()
    const lines = ["", "yesterday", "+275760-09-13T00:00:00.000Z"].map((ts, n) => lineText(n + 1, {}, { ts }))
    expect(await exporter.export(batchOf(...lines))).toBeUndefined()
    expect((await rows()).map((row) => [row.ts, fieldsOf(row)])).toEqual([
      [null, {}],
      [null, { ts: "yesterday" }],
      [null, { ts: "+275760-09-13T00:00:00.000Z" }]
    ])
  })
})

const localIso = (date: Date): string =>
  new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString()

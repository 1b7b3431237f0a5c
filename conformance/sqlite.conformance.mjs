// Rows in SQLite through `node:sqlite`, the one database that needs nothing installed, on each runtime that brings it: bindings of
// every kind of value, texts of every kind, repeats, conflicts and retention.
import assert from "node:assert/strict"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import test from "node:test"
import { createAuditLog, defineEvent } from "@daybook/core"
import { replay } from "@daybook/core/replay"
import { nodeSqlite, sqlExporter, tableFor } from "@daybook/sql-exporter"
import * as Schema from "effect/Schema"
import { withDir } from "./child-run.mjs"

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Finite, ok: Schema.Boolean },
  message: "Uploaded"
})

const rowsIn = (path, sql) => {
  const database = new DatabaseSync(path)
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

const logInto = (exporter, notices = []) =>
  createAuditLog({
    app: "rows",
    exporters: [exporter],
    exitHook: false,
    env: {},
    notice: (line) => notices.push(line)
  })

test("S4.19 F105 events become rows, each once, with everything of their lines", () =>
  withDir(async (dir) => {
    const path = join(dir, "audit.db")
    const exporter = sqlExporter({ dialect: nodeSqlite(path), migrate: true })
    const audit = logInto(exporter)
    const texts = ["naïve café", "日本語", "😀", 'a "quote"', "line\nbreak", "", "x".repeat(8_000)]
    for (const text of texts) audit.log("case", text, { text, n: 1.5, ok: true, none: null })
    for (let n = 0; n < 1_000; n++) audit.log("case", "event", { n })
    const { written, dropped } = await audit.close({ timeoutMs: 10_000 })
    assert.deepEqual({ written, dropped }, { written: 1_000 + texts.length, dropped: 0 })
    const rows = rowsIn(path, "select * from audit_events order by seq")
    assert.deepEqual(
      rows.slice(0, texts.length).map(({ message, fields }) => [message, JSON.parse(fields).text]),
      texts.map((text) => [text, text])
    )
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      rows.map((_, at) => at + 1)
    )
    // The same lines again, read back from the rows' own lines, are the same rows; another body is refused.
    const line = (row, fields) =>
      `${JSON.stringify({ ts: row.ts, level: row.level, category: row.category, session: row.session.slice(0, 8), message: row.message }).slice(0, -1)},${fields},"seq":${row.seq},"id":"${row.id}"}\n`
    const [first, second] = rows.slice(texts.length)
    const lines = line(first, first.fields.slice(1, -1)) + line(second, '"n":99')
    const again = await replay([new TextEncoder().encode(lines)], exporter, {
      app: "rows",
      env: {},
      notice: () => undefined
    })
    assert.equal(again.refused, 1)
    assert.equal(rowsIn(path, "select count(*) as count from audit_events")[0].count, rows.length)
  }))

test("S4.20 a table of the application's is filled, booleans and absent values included, and swept", () =>
  withDir(async (dir) => {
    const path = join(dir, "audit.db")
    const database = new DatabaseSync(path)
    database.exec(
      "create table uploads (filename text not null, bytes int, ok int, note text, event_id text unique, ts text)"
    )
    database.exec("insert into uploads values ('old.csv', 1, 1, null, 'old', '2001-01-01T00:00:00.000Z')")
    database.close()
    const uploads = tableFor(Uploaded, {
      table: "uploads",
      columns: { filename: "filename", bytes: "bytes", ok: "ok", note: () => undefined },
      retention: { days: 30, column: "ts" }
    })
    const notices = []
    const audit = logInto(
      sqlExporter({ dialect: nodeSqlite(path), tables: [uploads], table: false }),
      notices
    )
    audit.log(Uploaded({ filename: "a.csv", bytes: 3, ok: true }))
    audit.log("case", "has no table, and is left out")
    await audit.close({ timeoutMs: 10_000 })
    const rows = rowsIn(path, "select filename, bytes, ok, note from uploads")
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ filename: "a.csv", bytes: 3, ok: 1, note: null }]
    )
    assert.deepEqual(notices, [])
  }))

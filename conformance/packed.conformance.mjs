// Days that another program packed are read alike on every runtime: whole, cut, backwards, and in several members.
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import test from "node:test"
import { gzipSync } from "node:zlib"
import { readDay, readRecent } from "@daybook/file-exporter/read"
import { withDir } from "./child-run.mjs"

const app = "datatools"
const day = "2026-03-05"
const at = Date.parse("2026-03-05T18:00:00Z")

const textOf = (from, to) => {
  let text = ""
  for (let n = from; n <= to; n++) {
    const ts = new Date(Date.parse("2026-03-05T09:00:00Z") + n).toISOString()
    const head = { ts, level: "info", category: "load", session: "1a2c3d4e", message: `event ${n}` }
    text += `${JSON.stringify({ ...head, seq: n, id: `id ${n}` })}\n`
  }
  return text
}

const namesOf = async (rows) => {
  const names = []
  for await (const row of rows)
    names.push("damage" in row ? `${row.damage}: ${row.reason}` : Number(row.head.message.slice(6)))
  return names
}

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test("S2.12 a packed day is read like the file that it was", () =>
  withDir(async (dir) => {
    const path = join(dir, `${app}-${day}.jsonl.gz`)
    writeFileSync(path, Buffer.concat([gzipSync(textOf(1, 9_000)), gzipSync(textOf(9_001, 20_000))]))
    assert.deepEqual(await namesOf(readDay({ app, dir, day })), numbers(1, 20_000))
    const all = await namesOf(readRecent({ app, dir, at, limit: Number.POSITIVE_INFINITY }))
    assert.deepEqual(all, numbers(1, 20_000).reverse())
  }))

test("F71 one that was cut is read up to the cut, and the rest is a row", () =>
  withDir(async (dir) => {
    const path = join(dir, `${app}-${day}.jsonl.gz`)
    writeFileSync(path, gzipSync(textOf(1, 20_000)).subarray(0, -30))
    const found = await namesOf(readDay({ app, dir, day }))
    const whole = found.filter((name) => typeof name === "number")
    assert.deepEqual(whole, numbers(1, whole.length))
    assert.ok(whole.length > 15_000, String(whole.length))
    assert.match(found.at(-1), /^unreadable: .+/)
    const [first, ...back] = await namesOf(readRecent({ app, dir, at, limit: 5 }))
    assert.match(first, /^unreadable: .+/)
    assert.deepEqual(
      back.filter((name) => typeof name === "number"),
      numbers(whole.length - 4, whole.length).reverse()
    )
    writeFileSync(path, "no gzip at all")
    assert.match((await namesOf(readDay({ app, dir, day })))[0], /^unreadable: .+/)
  }))

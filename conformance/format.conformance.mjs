// Bytes that runtimes could make differently: text beyond ASCII, halves of surrogate pairs, escapes, numbers, and the
// local date of each time zone. Everything is read back from the file as bytes.
import assert from "node:assert/strict"
import { Buffer } from "node:buffer"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import test from "node:test"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { linesOf, runFixture, withDir } from "./child-run.mjs"

/** Logs one event for each value, as message and field, and returns the file's bytes and its lines. */
const write = async (dir, values) => {
  const audit = createAuditLog({ app: "format", exporters: [fileExporter({ dir })], exitHook: false })
  for (const value of values) audit.log("text", String(value), { value })
  await audit.close({ timeoutMs: 10_000 })
  const bytes = Buffer.concat(
    readdirSync(dir)
      .sort()
      .map((name) => readFileSync(join(dir, name)))
  )
  return { bytes, lines: linesOf(dir) }
}

/** What stands on the line of each text, between its quotes, as hex where it is not ASCII. */
const texts = [
  { given: "naïve café", bytes: Buffer.from("6e61c3af766520636166c3a9", "hex") },
  { given: "日本語", bytes: Buffer.from("e697a5e69cace8aa9e", "hex") },
  { given: "😀👩‍🚀", bytes: Buffer.from("f09f9880f09f91a9e2808df09f9a80", "hex") },
  { given: "\u{10ffff}\uffff\u07ff\u0800", bytes: Buffer.from("f48fbfbfefbfbfdfbfe0a080", "hex") },
  { given: "\ud800", bytes: Buffer.from("efbfbd", "hex") },
  { given: "a\udc00b", bytes: Buffer.from("61efbfbd62", "hex") },
  { given: "\udc00\ud800", bytes: Buffer.from("efbfbdefbfbd", "hex") },
  { given: "\ud83d😀", bytes: Buffer.from("efbfbdf09f9880", "hex") },
  { given: 'say "hi" \\ /', bytes: Buffer.from('say \\"hi\\" \\\\ /') },
  { given: "\b\t\n\f\r", bytes: Buffer.from("\\b\\t\\n\\f\\r") },
  { given: "\u0000\u0001\u001b[31m\u007f", bytes: Buffer.from("\\u0000\\u0001\\u001b[31m\\u007f") },
  { given: "\u0080\u0085\u009f", bytes: Buffer.from("\\u0080\\u0085\\u009f") },
  { given: "\u2028\u2029", bytes: Buffer.from("\\u2028\\u2029") },
  { given: "\u202a\u202e\u2066\u2069", bytes: Buffer.from("\\u202a\\u202e\\u2066\\u2069") },
  { given: "", bytes: Buffer.from("") }
]

test("S0.20 every text is the same bytes on every runtime, and valid UTF-8", () =>
  withDir(async (dir) => {
    const { bytes, lines } = await write(
      dir,
      texts.map(({ given }) => given)
    )
    assert.equal(lines.length, texts.length)
    let offset = 0
    for (const [index, text] of texts.entries()) {
      const line = bytes.subarray(offset, bytes.indexOf("\n", offset) + 1)
      const wanted = Buffer.concat([
        Buffer.from(`,"message":"`),
        text.bytes,
        Buffer.from(`","value":"`),
        text.bytes,
        Buffer.from(`","seq":${index + 1},"id":"`)
      ])
      assert.ok(
        line.includes(wanted),
        `${JSON.stringify(text.given)} is written as ${line.toString("latin1")}`
      )
      assert.equal(JSON.parse(lines[index]).value, text.given.toWellFormed())
      offset += line.length
    }
  }))

test("F83 F84 no unit of text can end a line, move a cursor or turn the direction of writing", () =>
  withDir(async (dir) => {
    const units = Array.from({ length: 0x1_0000 }, (_, unit) => unit).filter(
      (unit) => unit < 0x3000 || (unit >= 0xd7ff && unit <= 0xe000) || unit >= 0xfe00
    )
    const given = []
    for (let at = 0; at < units.length; at += 256) {
      given.push(String.fromCharCode(...units.slice(at, at + 256).flatMap((unit) => [unit, 0x20])))
    }
    const { bytes, lines } = await write(dir, given)
    assert.equal(lines.length, given.length)
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).value),
      given.map((text) => text.toWellFormed())
    )
    const written = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes)
      .replaceAll("\n", "")
    assert.doesNotMatch(written, /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/)
  }))

test("S0.5 numbers and other values are the same text on every runtime", () =>
  withDir(async (dir) => {
    const values = [0, -0, 1e21, 1e-7, 0.1 + 0.2, 2 ** 53, Number.NaN, -Infinity, 10n ** 30n, true, null]
    const written = ["0", "-0", "1e+21", "1e-7", "0.30000000000000004", "9007199254740992"]
    written.push('"NaN"', '"-Infinity"', '"1000000000000000000000000000000"', "true", "null")
    const { lines } = await write(dir, values)
    assert.deepEqual(
      lines.map((line) => /,"value":(.*),"seq":/.exec(line)[1]),
      written
    )
    const dates = await write(join(dir, "dates"), [
      new Date(Date.UTC(2026, 10, 22, 9, 0, 0, 123)),
      new Date(Number.NaN),
      new Date(-1)
    ])
    assert.deepEqual(
      dates.lines.map((line) => JSON.parse(line).value),
      ["2026-11-22T09:00:00.123Z", "Invalid Date", "1969-12-31T23:59:59.999Z"]
    )
  }))

/** The date and offset of a moment in a time zone, as the runtime's calendar data has them. */
const calendar = (zone, at) => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    timeZoneName: "longOffset"
  }).formatToParts(at)
  const of = (type) => parts.find((part) => part.type === type).value
  const offset = of("timeZoneName").replace("GMT", "")
  return { date: `${of("year")}-${of("month")}-${of("day")}`, offset: offset === "" ? "+00:00" : offset }
}

// The first two are 26 hours apart: at any moment, one of them has another date than UTC.
for (const zone of ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "America/St_Johns", "UTC"]) {
  test(`S0.12 in ${zone} the file has the local date, and the line UTC`, () =>
    withDir(async (dir) => {
      const { code, stderr } = await runFixture("one-event-now.mjs", [dir], { TZ: zone })
      assert.equal(code, 0, stderr)
      for (const name of readdirSync(dir)) {
        for (const line of readFileSync(join(dir, name), "utf8").trimEnd().split("\n")) {
          const { ts, category, tz_offset } = JSON.parse(line)
          assert.match(ts, /Z$/)
          assert.ok(Math.abs(Date.parse(ts) - Date.now()) < 3_600_000, ts)
          const { date, offset } = calendar(zone, Date.parse(ts))
          assert.equal(name, `zone-${date}.jsonl`)
          if (category === "session") assert.equal(tz_offset, offset)
        }
      }
      assert.equal(linesOf(dir).length, 2)
    }))
}

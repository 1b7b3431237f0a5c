// Texts and values whose bytes must be the same on every runtime. Lines are read back through a file where there are files
// (format.conformance.mjs), and in memory on workerd (format.workerd.mjs).
import assert from "node:assert/strict"
import { Buffer } from "node:buffer"
import { test } from "node:test"

/** Each text as it is written on the line, between its quotes; as hex where it is not ASCII. */
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

/** `write` logs one event for each value, as message and field `value`, and returns all bytes and the lines as text. */
export const declareTextCases = (write) => {
  test("S0.20 every text is the same bytes on every runtime, and valid UTF-8", async () => {
    const { bytes, lines } = await write(texts.map(({ given }) => given))
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
  })

  test("F83 F84 no unit of text can end a line, move a cursor or turn the direction of writing", async () => {
    const units = Array.from({ length: 0x1_0000 }, (_, unit) => unit).filter(
      (unit) => unit < 0x3000 || (unit >= 0xd7ff && unit <= 0xe000) || unit >= 0xfe00
    )
    const given = []
    for (let at = 0; at < units.length; at += 256) {
      given.push(String.fromCharCode(...units.slice(at, at + 256).flatMap((unit) => [unit, 0x20])))
    }
    const { bytes, lines } = await write(given)
    assert.equal(lines.length, given.length)
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).value),
      given.map((text) => text.toWellFormed())
    )
    const written = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes)
      .replaceAll("\n", "")
    assert.doesNotMatch(written, /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/)
  })

  test("S0.5 numbers and other values are the same text on every runtime", async () => {
    const values = [0, -0, 1e21, 1e-7, 0.1 + 0.2, 2 ** 53, Number.NaN, -Infinity, 10n ** 30n, true, null]
    const written = ["0", "-0", "1e+21", "1e-7", "0.30000000000000004", "9007199254740992"]
    written.push('"NaN"', '"-Infinity"', '"1000000000000000000000000000000"', "true", "null")
    const { lines } = await write(values)
    assert.deepEqual(
      lines.map((line) => /,"value":(.*),"seq":/.exec(line)[1]),
      written
    )
    const dates = await write([
      new Date(Date.UTC(2026, 10, 22, 9, 0, 0, 123)),
      new Date(Number.NaN),
      new Date(-1)
    ])
    assert.deepEqual(
      dates.lines.map((line) => JSON.parse(line).value),
      ["2026-11-22T09:00:00.123Z", "Invalid Date", "1969-12-31T23:59:59.999Z"]
    )
  })
}

// Reading lines that we did not write: numbers that a double cannot hold, what Python writes and JSON does not have, and
// heads of other types. Nothing of a line may be lost.
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { readAs } from "../../src/catalogue/read-as.ts"
import { type AuditEvent, decodeLine } from "../../src/event/decode-line.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { encodeLine } from "../tools/encode-line.ts"
import { forSeeds } from "../tools/random.ts"

const read = (text: string): AuditEvent => {
  const event = decodeLine(text)
  if ("damage" in event) throw new Error(event.damage)
  return event
}

const fieldOf = (json: string): unknown => read(`{"category":"load","value":${json}}`).fields.value

describe("numbers", () => {
  it.each([
    ["1234567890123456789", "1234567890123456789"],
    ["-9007199254740993", "-9007199254740993"],
    ["9007199254740991", 9007199254740991],
    ["-9007199254740992", -9007199254740992],
    ["1152921504606846976", "1152921504606846976"],
    ["1152921504606847000", 2 ** 60],
    ["100000000000000000000000", "100000000000000000000000"],
    ["0.1234567890123456789", "0.1234567890123456789"],
    ["12345678901234567.89", "12345678901234567.89"],
    ["0.30000000000000004", 0.1 + 0.2],
    ["0.10000000000000001", 0.1],
    ["1.5000000000000000000", 1.5],
    ["1e400", "1e400"],
    ["-1E+400", "-1E+400"],
    ["1e-400", 0],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["5e-324", Number.MIN_VALUE],
    ["0.00000000000000000000", 0]
  ])(
    "S0.20 %s has the digits that stand on the line, as a number where a double holds them",
    (json, value) => {
      expect(fieldOf(json)).toEqual(value)
      expect(fieldOf(`[{"deep": ${json} }]`)).toEqual([{ deep: value }])
      const event = read(`{"a\\\\":"\\"1234567890123456789","value":${json},"1234567890123456789":""}`)
      expect(event.fields).toEqual({
        "a\\": '"1234567890123456789',
        value,
        "1234567890123456789": ""
      })
      expect(JSON.parse(JSON.stringify(event.fields)).value).toEqual(value)
    }
  )

  it("S0.20 every number that JavaScript writes is the same number, and every bigint the same text", () => {
    forSeeds(200, (random) => {
      const bits = new DataView(new ArrayBuffer(8))
      bits.setUint32(0, random() * 2 ** 32)
      bits.setUint32(4, random() * 2 ** 32)
      const number = bits.getFloat64(0)
      const whole = bits.getBigInt64(0)
      const values = { number, large: Math.trunc(random() * 2 ** 70), whole, list: [number, whole] }
      const event = read(encodeLine({ fields: values }))
      const text = String(whole)
      const inJson = Number.isFinite(number) ? number : String(number)
      expect(event.fields).toEqual({ ...values, number: inJson, whole: text, list: [inJson, text] })
      const foreign = Number.isSafeInteger(Number(whole)) ? Number(whole) : text
      expect(String(fieldOf(text))).toBe(String(foreign))
    })
  })

  it("S0.20 a number half-way between two texts stays the number that JavaScript wrote", () => {
    const number = 201511851020680.12
    expect(number.toPrecision(17)).not.toBe(String(number))
    expect(read(encodeLine({ fields: { number } })).fields.number).toBe(number)
  })

  it("a definition reads the digits as its schema says", () => {
    const Paid = defineEvent({
      category: "load",
      fields: { cents: Schema.BigInt, score: Schema.Number },
      message: () => "Paid"
    })
    const line = read('{"category":"load","cents":1234567890123456789,"score":NaN}')
    expect(readAs(Paid, line)).toMatchObject({
      misfits: [],
      fields: { cents: 1234567890123456789n, score: Number.NaN }
    })
  })

  it("S2.14 NaN and the infinities, as Python writes them bare, are the texts that our encoder writes", () => {
    const line =
      '{"category": "load", "a": NaN, "b": [Infinity, -Infinity], "c": "\\"NaN, \\\\", "d": {"e": NaN}}'
    const fields = { a: "NaN", b: ["Infinity", "-Infinity"], c: '"NaN, \\', d: { e: "NaN" } }
    expect(read(line).fields).toEqual(fields)
    expect(read(encodeLine({ fields: { a: Number.NaN, b: [1 / 0, -1 / 0] } })).fields).toEqual({
      a: fields.a,
      b: fields.b
    })
    expect(read('{"category":"load","a":NaN,"n":1234567890123456789}').fields).toEqual({
      a: "NaN",
      n: "1234567890123456789"
    })
  })

  it.each([
    '{"a":nan}',
    '{"a":+Infinity}',
    '{"a":-NaNN}',
    "{NaN:1}",
    "{1234567890123456789:1}",
    '{"a":01234567890123456789}',
    '{"a":1234567890123456789.}',
    '{"a":1234567890123456789 "b":1}',
    '{"a":"1234567890123456789',
    '{"a":"\\"NaN',
    '{"a":NaN'
  ])("S2.14 what is no JSON otherwise stays damage: %s", (text) => {
    expect(decodeLine(text)).toEqual({ damage: "not JSON" })
  })

  it("F79 a line of a megabyte that looks like numbers costs no more than its length", () => {
    for (const piece of ["1", "1.", '\\"', "\\\\", "NaN,", "0", '"1234567890123456789",', "1e"]) {
      for (const begin of ['{"a":"', '{"a":', ""]) {
        const text = `${begin}${piece.repeat(2 ** 20 / piece.length)}NaN1234567890123456789`
        expect(decodeLine(text)).toEqual({ damage: "not JSON" })
      }
    }
    const zeros = `1${"0".repeat(2 ** 20)}1`
    expect(fieldOf(zeros)).toBe(zeros)
  })
})

it("F74 a byte order mark is no part of a line, as bytes and as text", () => {
  for (const line of ["\ufeff{}", new TextEncoder().encode("\ufeff{}\r\n")])
    expect(decodeLine(line)).toMatchObject({ kind: "event" })
})

describe("heads of other systems", () => {
  it("S1.17 a time in seconds or milliseconds is the head's time, and stays among the fields as it was", () => {
    const times = [1_795_338_000, 1_795_338_000.125, 1_795_338_000_125, -1.5, 0, 8.7e15]
    expect(
      times.map((ts) => [read(JSON.stringify({ ts })).head.ts, read(JSON.stringify({ ts })).fields.ts])
    ).toEqual([
      ["2026-11-22T09:00:00.000Z", times[0]],
      ["2026-11-22T09:00:00.125Z", times[1]],
      ["2026-11-22T09:00:00.125Z", times[2]],
      ["1969-12-31T23:59:58.500Z", times[3]],
      ["1970-01-01T00:00:00.000Z", times[4]],
      ["", times[5]]
    ])
  })

  it("S1.17 what the head cannot hold stays among the fields: nothing is lost", () => {
    const values: readonly unknown[] = [{ a: 1 }, ["x"], 7, true, null, "text"]
    const keys = [
      "ts",
      "level",
      "category",
      "session",
      "message",
      "id",
      "seq",
      "trace_id",
      "span_id",
      "trace_flags"
    ]
    for (const key of [...keys, "schema_error", "v", "origin"]) {
      for (const value of values) {
        const { head, fields } = read(JSON.stringify({ other: 1, [key]: value }))
        const held = (head as unknown as Record<string, unknown>)[key]
        if (!Object.is(held, value) && key !== "origin") expect(fields[key], key).toEqual(value)
        else expect(Object.keys(fields), key).toEqual(["other"])
        expect(fields.other).toBe(1)
      }
    }
    expect(read('{"origin":{"id":"x"}}').head.origin).toEqual({ id: "x" })
  })

  it("a line with a seq of another type is no mark", () => {
    expect(read('{"category":"gap","id":"x","seq":"7"}')).toMatchObject({
      kind: "event",
      fields: { seq: "7" }
    })
  })

  it.each([
    [
      "pino",
      '{"level":30,"time":1795338000125,"pid":1,"hostname":"h","msg":"m","err":{"type":"E","stack":"s"}}'
    ],
    ["winston", '{"level":"silly","message":{"a":1},"timestamp":"2026-11-22T09:00:00Z","service":"s"}'],
    ["evlog", '{"timestamp":"2026-11-22T09:00:00Z","severity":"WARN","message":["a"],"requestId":"r"}'],
    ["Elastic", '{"@timestamp":"2026-11-22T09:00:00Z","log.level":"warn","message":5,"ecs":{"version":"1"}}'],
    ["OpenTelemetry", '{"timeUnixNano":"1795338000125000000","severityNumber":9,"body":{"stringValue":"m"}}'],
    [
      "Python's logging",
      '{"levelname":"WARNING","asctime":"2026-11-22 09:00:00,125","levelno":30,"created":1795338000.1}'
    ]
  ])("S1.17 every key of a line of %s is there", (_name, text) => {
    const { head, fields } = read(text)
    const all: Record<string, unknown> = JSON.parse(text)
    for (const [key, value] of Object.entries(all))
      expect([(head as unknown as Record<string, unknown>)[key], fields[key]]).toContainEqual(value)
  })
})

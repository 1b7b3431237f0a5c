// The parts of a row: its key and hash, the fields that are cut out of a line, characters that do not fit, and values as JSON.
import { createAuditLog, decodeLine } from "@daybook/core"
import { memoryExporter } from "@daybook/core/testing"
import { describe, expect, it } from "vitest"
import { eventKeyOf } from "../src/event-key.node.ts"
import { fieldsJson } from "../src/fields-json.ts"
import { fittingJson, fittingText } from "../src/fitting-text.ts"
import type { Flavor } from "../src/flavor.ts"
import { jsonText } from "../src/json-text.ts"
import { mysql } from "../src/mysql.ts"
import { postgres } from "../src/postgres.ts"
import { type Stage, toExportError } from "../src/sql-error.ts"
import { sqlite } from "../src/sqlite.ts"
import { idOf, lineText } from "./batches.ts"

const eventIn = (line: string) => {
  const event = decodeLine(line)
  if ("damage" in event) throw new Error(event.damage)
  return event
}

describe("the key of a line", () => {
  it("is its id, and the body hash is of the whole line", () => {
    const [one, other] = [lineText(1), lineText(1, { a: 1 })]
    expect(eventKeyOf(eventIn(one), one).key).toBe(idOf(1))
    expect(eventKeyOf(eventIn(other), other).bodyHash).not.toBe(eventKeyOf(eventIn(one), one).bodyHash)
    expect(eventKeyOf(eventIn(one), one)).toEqual(eventKeyOf(eventIn(one), one))
  })

  it("of a relayed line is made of the user and the sender's id, so that relaying it again is the same row", async () => {
    const memory = memoryExporter()
    const audit = createAuditLog({ app: "test", exporters: [memory], exitHook: false, env: {} })
    const claim = { id: idOf(7), category: "upload", level: "info", message: "Uploaded", bytes: 3 }
    audit.relay(claim, { user: "ada", address: "10.0.0.1" })
    audit.relay(claim, { user: "ada", address: "10.0.0.2" })
    audit.relay(claim, { user: "bob" })
    audit.relay({ ...claim, bytes: 4 }, { user: "ada" })
    await audit.close()
    const [first, again, other, forged] = memory.lines.map((line) => eventKeyOf(eventIn(line), line))
    expect(first?.key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(again).toEqual(first)
    expect(other?.key).not.toBe(first?.key)
    expect(forged?.key).toBe(first?.key)
    expect(forged?.bodyHash).not.toBe(first?.bodyHash)
  })
})

describe("the fields of a line", () => {
  it("are cut out of a line of ours as they stand there, whatever they hold", async () => {
    const memory = memoryExporter()
    const audit = createAuditLog({ app: "test", exporters: [memory], exitHook: false, env: {} })
    const hostile = [
      'a"b',
      "\\",
      '\\"',
      '","seq":1,"id":"x"}',
      "\u2028\u202e",
      "",
      "😀",
      { deep: [{ a: '"}' }] },
      Number.NaN
    ]
    for (const value of hostile) {
      audit.log("case", String(value), { value })
      audit.log("case", "no fields")
      audit.log('c"x', '"message":"', { ts: "extra", level: value })
    }
    await audit.close()
    expect(memory.lines.length).toBe(3 * hostile.length)
    for (const line of memory.lines) {
      const event = eventIn(line)
      const fields = JSON.parse(fieldsJson(event, line, false))
      expect(fields).toEqual({ ...event.fields })
    }
  })

  it("are encoded from the decoded line where it is another system's", () => {
    const lines = [
      '{"id":"x","message":"m","a":NaN,"b":12345678901234567890}',
      `{"ts":"","level":"info","category":"c","session":"s","message":"m","a":-Infinity,"seq":1,"id":"x"}`,
      `{"ts":"","level":"info","category":"c","session":"s","message":"m"}`,
      `{"ts":"","level":"info","category":"c","session":"s","message":"m","seq":1,"id":"x","late":1}`,
      `{"level":"loud","a":1}`
    ]
    for (const line of lines) {
      const event = eventIn(line)
      expect(JSON.parse(fieldsJson(event, line, false))).toEqual({ ...event.fields })
    }
  })
})

describe("characters that a database does not hold", () => {
  it("F106 are replaced in texts, and counted", () => {
    expect(fittingText("plain 😀", false)).toBeUndefined()
    expect(fittingText("a\0b\ud800c\udc00", false)).toEqual({ text: "a\ufffdb\ufffdc\ufffd", replaced: 3 })
    expect(fittingText("a\0b", true)).toBeUndefined()
    expect(fittingText("a\0\ud800", true)).toEqual({ text: "a\0\ufffd", replaced: 1 })
  })

  it("F106 are replaced in JSON where they are escaped, and nothing else is", () => {
    const values = [
      "\0",
      "\ud800",
      "\udc00x",
      "\ud800\ud800\udc00",
      "\\u0000",
      "\\\\ud800",
      "\u0001\u202e",
      "😀",
      "\ud83d\ude00\ude00"
    ]
    for (const value of values) {
      const json = JSON.stringify({ value }).replace("😀", "\\ud83d\\ude00")
      const fitting = fittingJson(json, false)
      expect(JSON.parse(fitting.text)).toEqual({ value: value.toWellFormed().replaceAll("\0", "\ufffd") })
      const all = [...value].filter((one) => one === "\0" || /^[\ud800-\udfff]$/.test(one))
      expect(fitting.replaced).toBe(all.length)
    }
  })
})

it("S3.12 a column's value becomes JSON: NULL, ISO times, texts, bytes, lists, and text forms of what JSON lacks", () => {
  class Decimal {
    toString(): string {
      return "1.50"
    }
  }
  const cyclic: Record<string, unknown> = { a: 1 }
  cyclic.self = cyclic
  const bad = {
    get value() {
      throw new Error("no")
    }
  }
  const cases: readonly (readonly [unknown, string | null])[] = [
    [undefined, null],
    [null, null],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new Uint8Array(2), '"<bytes>"'],
    [new Set([1, "a"]), '[1,"a"]'],
    [new Map([["k", new Set([1])]]), '{"k":[1]}'],
    [new URLSearchParams("a=1"), '"a=1"'],
    [new Decimal(), '"1.50"'],
    [{ d: new Decimal(), n: Number.NaN, b: 2n }, '{"d":"1.50","n":"NaN","b":"2"}'],
    ["text", '"text"'],
    [cyclic, '{"a":1,"self":"[Circular]"}'],
    [bad, null]
  ]
  for (const [value, json] of cases) expect(jsonText(value)).toBe(json)
})

it("what an error means is judged by its code, in each form that drivers have, and no message is quoted", () => {
  const message = 'Key (email)=(ada@example.com) already exists; password "p4ss"'
  const judged = (flavor: Flavor, error: object, stage: Stage = "writing") => {
    const found = toExportError(Object.assign(new Error(message), error), flavor, "the table", stage)
    expect(found.reason).not.toMatch(/ada@|p4ss/)
    if (!found.retryable) return "data"
    return `${found.retryAfterMs === undefined ? "time" : "people"} ${found.outcome}`
  }
  const cases: readonly (readonly [Flavor, object, string])[] = [
    [postgres, { code: "23505", severity: "ERROR", constraint: "one" }, "data"],
    [postgres, { code: "22P05", severity: "ERROR" }, "data"],
    [postgres, { code: "54000", severity: "ERROR" }, "data"],
    [postgres, { code: "42P01", severity: "ERROR" }, "people failed"],
    [postgres, { code: "28P01", severity: "FATAL" }, "people failed"],
    [postgres, { code: "40P01", severity: "ERROR" }, "time failed"],
    [postgres, { code: "XX000", severity: "ERROR" }, "time failed"],
    [postgres, { code: "EPIPE", errno: -32 }, "time failed"],
    [postgres, { code: "EAI_AGAIN" }, "time failed"],
    [postgres, { code: "CERT_HAS_EXPIRED" }, "time failed"],
    [postgres, {}, "time failed"],
    [mysql, { errno: 1406, sqlState: "22001" }, "data"],
    [mysql, { errno: 1366, sqlState: "HY000" }, "data"],
    [mysql, { errno: 1062, sqlState: "23000" }, "data"],
    [mysql, { errno: 4025, sqlState: "23000" }, "data"],
    [mysql, { errno: 1153, sqlState: "08S01" }, "data"],
    [mysql, { errno: 1146, sqlState: "42S02" }, "people failed"],
    [mysql, { errno: 1045, sqlState: "28000" }, "people failed"],
    [mysql, { errno: 1213, sqlState: "40001" }, "time failed"],
    [mysql, { errno: -111, code: "ECONNREFUSED" }, "time failed"],
    [mysql, { code: "PROTOCOL_CONNECTION_LOST" }, "time failed"],
    [sqlite, { errcode: 2067 }, "data"],
    [sqlite, { code: "SQLITE_CONSTRAINT_UNIQUE" }, "data"],
    [sqlite, { errno: 5, code: "SQLITE_BUSY" }, "time failed"],
    [sqlite, { code: "SQLITE_CANTOPEN" }, "people failed"]
  ]
  for (const [flavor, error, meaning] of cases)
    expect([error, judged(flavor, error)]).toEqual([error, meaning])
  const dying = { code: "57P01", severity: "FATAL" }
  expect(judged(postgres, dying, "committing")).toBe("time unknown")
  expect(judged(postgres, { code: "23505", severity: "ERROR" }, "preparing")).toBe("time failed")
})

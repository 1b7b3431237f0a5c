// Typed events: what compiles, what does not, and what becomes of values that got past the compiler.
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import { describe, expect, expectTypeOf, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { secret } from "../../src/event/privacy.ts"
import type { TypedEvent } from "../../src/event/typed-event.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const Analyzed = defineEvent({
  category: "analyze",
  level: "debug",
  fields: {
    filename: Schema.String,
    rows: Schema.Int,
    verdict: Schema.Literals(["ok", "empty"]),
    tags: Schema.optionalKey(Schema.Array(Schema.String))
  },
  message: ({ filename, rows }) => `Analyzed ${filename}: ${rows} rows`
})

const record = async (event: TypedEvent, extras?: Record<string, unknown>) => {
  const exporter = memoryExporter()
  const audit = createAuditLog({ app: "typed", exporters: [exporter], exitHook: false })
  audit.log(event, extras)
  await audit.close()
  const [first] = exporter.events
  if (first === undefined) throw new Error("an event must always be written")
  return { head: first.head, fields: first.fields, line: exporter.lines[0] ?? "" }
}

const untyped = Analyzed as unknown as (fields: unknown) => TypedEvent

describe("typed events", () => {
  it("a wrong field, a missing field, a reserved name and a wrong level do not compile", () => {
    expectTypeOf(Analyzed).parameter(0).toEqualTypeOf<{
      readonly filename: string
      readonly rows: number
      readonly verdict: "ok" | "empty"
      readonly tags?: readonly string[]
    }>()
    const uncalled = (): void => {
      // @ts-expect-error a field has the wrong type
      Analyzed({ filename: 1, rows: 1, verdict: "ok" })
      // @ts-expect-error a field is missing
      Analyzed({ filename: "a", rows: 1 })
      // @ts-expect-error a field is not known
      Analyzed({ filename: "a", rows: 1, verdict: "ok", colour: "red" })
      // @ts-expect-error `seq` is written by the log
      defineEvent({ category: "x", fields: { seq: Schema.Int }, message: "m" })
      // @ts-expect-error there is no such level
      defineEvent({ category: "x", level: "loud", fields: {}, message: "m" })
    }
    expect(uncalled).toBeTypeOf("function")
  })

  it("fields stand in the order of their definition, whatever the order of the call", async () => {
    const { line } = await record(Analyzed({ verdict: "ok", tags: ["a"], rows: 2, filename: "f" }))
    expect(Object.keys(JSON.parse(line))).toEqual([
      "ts",
      "level",
      "category",
      "session",
      "message",
      "filename",
      "rows",
      "verdict",
      "tags",
      "seq",
      "id"
    ])
  })

  it("a mismatch at run time is recorded, with the paths in schema_error and never the values", async () => {
    const { head, fields } = await record(untyped({ filename: 7, rows: 1.5, verdict: "no", tags: [1] }))
    expect(head).toMatchObject({ level: "debug", schema_error: "filename, rows, verdict, tags" })
    expect(fields).toEqual({ filename: 7, rows: 1.5, verdict: "no", tags: [1] })
  })

  it("a missing field is a mismatch, an absent optional one is not", async () => {
    expect((await record(untyped({ filename: "f", verdict: "ok" }))).head.schema_error).toBe("rows")
    expect(
      (await record(Analyzed({ filename: "f", rows: 1, verdict: "ok" }))).head.schema_error
    ).toBeUndefined()
  })

  it("keys that the definition does not know are kept, and pass the deny-list", async () => {
    const { fields } = await record(
      untyped({ filename: "f", rows: 1, verdict: "ok", more: 1, password: "p" })
    )
    expect(fields).toMatchObject({ more: 1, password: "[redacted]" })
  })

  it("S0.6 a stray reserved key and an extra of that name are both on the line, under different names", async () => {
    const { fields } = await record(untyped({ filename: "f", rows: 1, verdict: "ok", ts: "stray" }), {
      ts: "extra"
    })
    expect(fields).toMatchObject({ "extra.ts": "stray", "extra.extra.ts": "extra" })
  })

  it("an explicit extra never hides a field of the event", async () => {
    const { fields } = await record(Analyzed({ filename: "f", rows: 1, verdict: "ok" }), {
      rows: 99,
      other: 2
    })
    expect(fields).toMatchObject({ rows: 1, "extra.rows": 99, other: 2 })
  })

  it("a message that throws, and fields that are nothing, still give a line", async () => {
    const Bad = defineEvent({
      category: "bad",
      fields: { a: Schema.String },
      message: () => {
        throw new Error("oops")
      }
    })
    expect((await record(Bad({ a: "1" }))).head.message).toBe("[Threw: oops]")
    for (const nothing of [undefined, null, 5]) {
      expect((await record(untyped(nothing))).head.category).toBe("analyze")
    }
  })

  it("a category outside the alphabet fails where the event is defined", () => {
    expect(() => defineEvent({ category: "Bad Name", fields: {}, message: "m" })).toThrow(TypeError)
  })
})

describe("an event behind a proxy", () => {
  const Login = defineEvent({
    category: "login",
    fields: { name: secret(Schema.String) },
    message: "Logged in"
  })

  it("is the event all the same, with its annotations: some frameworks wrap whatever they hold", async () => {
    const line = await record(new Proxy(Login({ name: "ada" }), {}))
    expect(line.head).toMatchObject({ category: "login", message: "Logged in" })
    expect(line.fields).toEqual({ name: "[redacted]" })
  })

  it("is judged once: a definition that changes afterwards changes no line", async () => {
    let asked = 0
    const definition = new Proxy(Login.definition, {
      get: (target, key, receiver) =>
        key === "category" && ++asked > 1 ? 'x","forged":"y' : Reflect.get(target, key, receiver)
    })
    const event = new Proxy(Login({ name: "ada" }), {
      get: (target, key, receiver) => (key === "definition" ? definition : Reflect.get(target, key, receiver))
    })
    const { head, fields } = await record(event)
    expect([head.category, fields]).toEqual(["login", { name: "[redacted]" }])
  })
})

describe("conditions of a schema", () => {
  const short = Schema.String.check(Schema.isMaxLength(3))
  const fields = {
    exactly: Schema.optionalKey(Schema.Union([Schema.String, Schema.NonEmptyString], { mode: "oneOf" })),
    any: Schema.optionalKey(Schema.Union([Schema.Finite, short, Schema.Literal("none")])),
    whole: Schema.optionalKey(Schema.Int),
    thrower: Schema.optionalKey(
      Schema.String.check(
        Schema.makeFilter(() => {
          throw new Error("broken")
        })
      )
    )
  }
  const Checked = defineEvent({ category: "checked", fields, message: "m" }) as unknown as (
    fields: unknown
  ) => TypedEvent

  it.each([
    [{ exactly: "" }, undefined],
    [{ exactly: "both" }, "exactly"],
    [{ any: 1 }, undefined],
    [{ any: "abc" }, undefined],
    [{ any: "none" }, undefined],
    [{ any: "abcd" }, "any"],
    [{ any: Number.NaN }, "any"],
    [{ whole: 7 }, undefined],
    [{ whole: 7.5 }, "whole"],
    [{ thrower: "x" }, "thrower"]
  ])("%j misses %s", async (values, wanted) => {
    expect((await record(Checked(values))).head.schema_error).toBe(wanted)
  })
})

describe("a large value of a typed event", () => {
  const Listed = defineEvent({
    category: "list",
    fields: {
      rows: Schema.optionalKey(
        Schema.Array(Schema.Struct({ a: Schema.Finite, b: Schema.optionalKey(Schema.String) }))
      ),
      few: Schema.optionalKey(Schema.Array(Schema.String).check(Schema.isMaxLength(2_000))),
      counts: Schema.optionalKey(Schema.Record(Schema.String, Schema.Int))
    },
    message: "Listed"
  })
  const errorOf = async (fields: object) =>
    (await record((Listed as unknown as (fields: object) => TypedEvent)(fields))).head.schema_error

  it("F88 is checked as far as the line shows it: 1,000 items, 256 keys; what is asked of all of it is asked", async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, n): unknown => ({ a: n }))
    expect(await errorOf({ rows: rows(100_000) })).toBeUndefined()
    expect(await errorOf({ rows: rows(999).concat({ a: "1" }) })).toBe("rows")
    expect(await errorOf({ rows: rows(1_000).concat({ a: "1" }) })).toBeUndefined()
    expect(await errorOf({ few: Array.from({ length: 2_000 }, () => "x") })).toBeUndefined()
    expect(await errorOf({ few: Array.from({ length: 2_001 }, () => "x") })).toBe("few")
    const counts = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]))
    expect(await errorOf({ counts: { ...counts(255), z: "1" } })).toBe("counts")
    expect(await errorOf({ counts: { ...counts(256), z: "1" } })).toBeUndefined()
    expect(await errorOf({ counts: new String("x".repeat(1_000)) })).toBe("counts")
  })

  it("the flat checks of lists, structs and records agree with Schema's own", async () => {
    const values = [
      null,
      1,
      "a",
      [],
      [{}],
      [{ a: 1 }],
      [{ a: "1" }],
      [{ a: 1, b: 2 }],
      [{ a: 1, b: undefined }],
      [null],
      [[]],
      {},
      { k: 1 },
      { k: 1.5 },
      { k: "1" },
      new Map(),
      new Date(0),
      () => 1
    ]
    const fields = { rows: Listed.fields.rows, few: Listed.fields.few, counts: Listed.fields.counts }
    for (const [name, schema] of Object.entries(fields)) {
      const fits = SchemaParser.is(Schema.Struct({ [name]: schema as typeof Schema.String }))
      for (const value of values) {
        const wanted = fits({ [name]: value }) ? undefined : name
        expect([name, value, await errorOf({ [name]: value })]).toEqual([name, value, wanted])
      }
    }
  })
})

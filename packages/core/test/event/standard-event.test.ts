// Typed events without Effect: own kinds, any Standard Schema, what may be shown of them, and reading them back.
import * as Schema from "effect/Schema"
import * as v from "valibot"
import { describe, expect, expectTypeOf, it } from "vitest"
import { describePrivacy } from "../../src/api/describe-privacy.ts"
import { readAs } from "../../src/catalogue/index.ts"
import {
  defineEvent,
  flag,
  integer,
  keep,
  list,
  number,
  oneOf,
  optional,
  plain,
  pseudonym,
  secret,
  struct,
  type TypedEvent,
  text,
  truncate
} from "../../src/event.ts"
import { makeTestAudit } from "../../src/testing/index.ts"

const Uploaded = defineEvent({
  category: "upload",
  fields: {
    filename: text,
    bytes: integer,
    share: number,
    isNew: flag,
    kind: oneOf("csv", "xlsx"),
    tags: list(text),
    note: optional(text),
    pin: secret(text)
  },
  message: ({ filename, pin }) => `Uploaded ${filename} with ${pin}`
})
const values = {
  filename: "customers.csv",
  bytes: 24813,
  share: 0.5,
  isNew: true,
  kind: "csv",
  tags: ["a", "b"],
  pin: "1234"
} as const

const logged = (event: TypedEvent, options = {}) => {
  const audit = makeTestAudit(options)
  audit.log(event)
  const [one] = audit.events
  if (one === undefined) throw new Error("nothing was logged")
  return { ...one, line: audit.lines[0] ?? "", audit }
}

describe("an event of own kinds", () => {
  it("is written in the order of its definition, and its message sees its fields as they may be shown", () => {
    const { head, fields } = logged(Uploaded(values))
    expect(head).toMatchObject({ category: "upload", level: "info" })
    expect(head.message).toBe("Uploaded customers.csv with [redacted]")
    expect(head.schema_error).toBeUndefined()
    expect(Object.keys(fields)).toEqual(["filename", "bytes", "share", "isNew", "kind", "tags", "pin"])
    expect(fields.pin).toBe("[redacted]")
  })

  it("names what does not fit, and writes it all the same", () => {
    const wrong = { ...values, bytes: 1.5, share: Number.NaN, kind: "pdf", tags: ["a", 7], note: 7 }
    const { head, fields } = logged(Uploaded(wrong as never))
    expect(head.schema_error).toBe("bytes, share, kind, tags, note")
    expect(fields).toMatchObject({ bytes: 1.5, kind: "pdf", tags: ["a", 7], note: 7 })
  })

  it("has the types of its fields, and those that may be undefined may be missing", () => {
    expectTypeOf(Uploaded).parameter(0).toEqualTypeOf<{
      readonly filename: string
      readonly bytes: number
      readonly share: number
      readonly isNew: boolean
      readonly kind: "csv" | "xlsx"
      readonly tags: readonly string[]
      readonly pin: string
      readonly note?: string | undefined
    }>()
    // @ts-expect-error a reserved name is no field's
    expect(() => defineEvent({ category: "a", fields: { ts: text }, message: "m" })).toThrow(/reserved/)
  })

  it("is checked when it is defined", () => {
    expect(() => defineEvent({ category: "Not One", fields: {}, message: "m" })).toThrow(/category/)
    expect(() => defineEvent({ category: "a", level: "loud" as never, fields: {}, message: "m" })).toThrow(
      /level/
    )
    const fields = { name: Schema.String } as never
    expect(() => defineEvent({ category: "a", fields, message: "m" })).toThrow(
      /field "name" is no Standard Schema; of Effect's, Schema.toStandardSchemaV1 makes one/
    )
    expect(() => truncate(0)(text)).toThrow(/above 0/)
  })
})

describe("what may be shown", () => {
  const Signed = defineEvent({
    category: "signed",
    fields: {
      owner: pseudonym(text),
      short: truncate(3)(text),
      long: keep(20_000)(text),
      password: plain(text),
      apiKey: text,
      parts: list(struct({ name: text, code: secret(text), inner: struct({ token: text }) })),
      both: plain(secret(text))
    },
    message: "Signed"
  })
  const signed = {
    owner: "ada",
    short: "abcdef",
    long: "l".repeat(10_000),
    password: "p",
    apiKey: "k",
    parts: [{ name: "n", code: "c", inner: { token: "t" } }],
    both: "b"
  }

  it("S1.15 is said by annotations, at any depth, and by names; what is secret stays so", () => {
    const { fields, line } = logged(Signed(signed), { pseudonymKey: "k".repeat(32) })
    expect(fields).toEqual({
      owner: expect.stringMatching(/^hmac:[0-9a-f]{32}$/),
      short: "abc …[6 chars total]",
      long: signed.long,
      password: "p",
      apiKey: "[redacted]",
      parts: [{ name: "n", code: "[redacted]", inner: { token: "[redacted]" } }],
      both: "[redacted]"
    })
    expect(line).not.toContain('"c"')
  })

  it("of a value that does not fit its struct nothing is shown, where something in it is secret", () => {
    const { head, fields } = logged(Signed({ ...signed, parts: [{ nam: "n", cod: "c" }] } as never))
    expect(head.schema_error).toBe("parts")
    expect(fields.parts).toBe("[redacted]")
  })

  it("describePrivacy lists it", () => {
    const [{ fields } = { fields: [] }] = describePrivacy([Signed])
    expect(Object.fromEntries(fields.map(({ path, written }) => [path, written]))).toMatchObject({
      owner: "as a pseudonym",
      "parts[].code": "never",
      both: "never"
    })
    expect(fields.find(({ path }) => path === "apiKey")?.written).toBe(
      fields.find(({ path }) => path === "parts[].inner.token")?.written
    )
  })
})

describe("an event of another library's schemas", () => {
  const Paid = defineEvent({
    category: "paid",
    fields: {
      amount: v.pipe(v.number(), v.minValue(0)),
      to: v.object({ name: v.string(), iban: v.string() }),
      card: secret(v.object({ digits: v.string() })),
      memo: v.optional(v.string()),
      at: Schema.toStandardSchemaV1(Schema.String)
    },
    message: ({ amount }) => `Paid ${amount}`
  })

  it("is checked by them, and wrapped as a whole", () => {
    const paid = { amount: 3, to: { name: "n", iban: "i" }, card: { digits: "4111" }, at: "now" }
    expectTypeOf(Paid).parameter(0).toEqualTypeOf<{
      readonly amount: number
      readonly to: { name: string; iban: string }
      readonly card: { digits: string }
      readonly at: string
      readonly memo?: string | undefined
    }>()
    const { head, fields } = logged(Paid(paid))
    expect(head.schema_error).toBeUndefined()
    expect(fields).toEqual({ ...paid, card: "[redacted]" })
    expect(logged(Paid({ ...paid, amount: -1, memo: 7 as never })).head.schema_error).toBe("amount, memo")
  })

  it("one that answers with a promise, or throws, does not fit, and stops nothing", async () => {
    const later = (validate: () => never) => ({ "~standard": { version: 1 as const, vendor: "x", validate } })
    const Later = defineEvent({
      category: "later",
      fields: {
        a: later((() => Promise.reject(new Error("no"))) as never),
        b: later(() => {
          throw new Error("no")
        })
      },
      message: "Later"
    })
    const { head, fields } = logged(Later({ a: 1, b: 2 }))
    expect(head.schema_error).toBe("a, b")
    expect(fields).toEqual({ a: 1, b: 2 })
  })

  it("readAs reads it back, from a line and from what a page said of it", () => {
    const { audit, line } = logged(
      Paid({ amount: 3, to: { name: "n", iban: "i" }, card: { digits: "4" }, at: "x" })
    )
    const read = readAs(Paid, audit.events[0] as never)
    expect(read).toMatchObject({
      misfits: ["card"],
      fields: { amount: 3, to: { name: "n", iban: "i" }, at: "x" }
    })
    audit.relay(JSON.parse(line), { user: "ada" }, { as: Paid })
    expect(audit.eventsOf(Paid)[1]).toMatchObject({ fields: { amount: 3 }, rest: { user: "ada" } })
    const own = logged(Uploaded(values))
    expect(readAs(Uploaded, own.audit.events[0] as never)).toMatchObject({
      misfits: [],
      fields: { ...values, pin: "[redacted]" }
    })
  })
})

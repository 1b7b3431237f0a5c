// Secrets in typed events: what is redacted without being asked, where `secret` holds, and what a message can still show.
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { describe, expect, it } from "vitest"
import { defineEvent } from "../../src/event/define-event.ts"
import { keep, plain, pseudonym, secret, truncate } from "../../src/event/privacy.ts"
import type { TypedEvent } from "../../src/event/typed-event.ts"
import { makeTestAudit } from "../../src/testing/index.ts"

const canary = "CANARY-4711"
const Hidden = secret(Schema.String)
const Pin = Schema.Struct({ label: Schema.String, code: Hidden })
const pin = { label: "shown", code: canary }

class Account extends Schema.Class<Account>("Account")({ label: Schema.String, code: Hidden }) {
  get again(): string {
    return this.code
  }
}
class Owner extends Account.extend<Owner>("Owner")({ child: Schema.optionalKey(Account) }) {}
class Spoken extends Schema.Class<Spoken>("Spoken")({ label: Schema.String, code: Hidden }) {
  toJSON(): unknown {
    return { said: this.code }
  }
  override toString(): string {
    return this.code
  }
}
class Failed extends Schema.TaggedError<Failed>()("Failed", { message: Hidden, code: Hidden }) {}
class Opaque extends Schema.Opaque<Opaque>()(Pin) {}

interface Tree {
  readonly code: string
  readonly left?: Tree
  readonly children: readonly Tree[]
}
const Tree = Schema.Struct({
  code: Hidden,
  left: Schema.optionalKey(Schema.suspend((): Schema.Codec<Tree> => Tree)),
  children: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
})
// Each level is a schema of its own: there is no end to be seen.
const endless = (): Schema.Codec<Tree> =>
  Schema.Struct({
    code: Hidden,
    left: Schema.optionalKey(Schema.suspend(endless)),
    children: Schema.Array(Schema.suspend(endless))
  })
const treeOf = (levels: number): Tree => ({
  code: canary,
  children: levels > 4 ? [treeOf(levels - 1)] : [],
  ...(levels > 0 && { left: treeOf(levels - 1) })
})
const deep = (levels: number): Schema.Top =>
  levels === 0 ? Pin : Schema.Struct({ inner: Schema.optional(Schema.NullOr(deep(levels - 1))) })
const deepValue = (levels: number): unknown => (levels === 0 ? pin : { inner: deepValue(levels - 1) })

const passThrough = { decode: SchemaGetter.passthrough(), encode: SchemaGetter.passthrough() } as never

/** A schema with something secret in it, and a value that fits. */
const combinators: Readonly<Record<string, readonly [Schema.Top, unknown]>> = {
  itself: [Hidden, canary],
  "a struct": [Pin, pin],
  "an optional key": [Schema.optionalKey(Hidden), canary],
  "an optional value": [Schema.optional(Hidden), canary],
  "a required key": [Schema.requiredKey(Schema.optionalKey(Hidden)), canary],
  "a mutable key": [Schema.mutableKey(Hidden), canary],
  null: [Schema.NullOr(Hidden), canary],
  "a union": [Schema.Union([Schema.Int, Hidden]), canary],
  "a union of structs": [
    Schema.Union([Schema.Struct({ kind: Schema.Literal("a"), code: Schema.String }), Pin]),
    pin
  ],
  "a tagged union": [
    Schema.TaggedUnion({ A: { code: Hidden }, B: { n: Schema.Int } }),
    { _tag: "A", code: canary }
  ],
  "a list": [Schema.Array(Pin), [pin, pin]],
  "a list that may be one": [Schema.ArrayEnsure(Pin), [pin]],
  "a non-empty list": [Schema.NonEmptyArray(Hidden), [canary]],
  "a mutable list": [Schema.mutable(Schema.Array(Pin)), [pin]],
  "a tuple": [Schema.Tuple([Schema.Int, Hidden]), [1, canary]],
  "the rest of a tuple": [Schema.TupleWithRest(Schema.Tuple([Schema.Int]), [Hidden]), [1, canary, canary]],
  "a record": [Schema.Record(Schema.String, Pin), { a: pin, b: pin }],
  "the keys of a record": [Schema.Record(Hidden, Schema.Int), { [canary]: 1 }],
  "a struct with a rest": [
    Schema.StructWithRest(Schema.Struct({ n: Schema.Int }), [
      Schema.Record(Schema.String, Schema.Union([Schema.Int, Hidden]))
    ]),
    { n: 1, other: canary }
  ],
  "a check": [Hidden.check(Schema.isMinLength(1)), canary],
  "an annotation": [Hidden.annotate({ title: "a" }), canary],
  "a brand": [Hidden.pipe(Schema.brand("Code")), canary],
  "a refinement": [Hidden.pipe(Schema.refine((text): text is string => text !== "")), canary],
  "a default": [Hidden.pipe(Schema.withConstructorDefault(Effect.succeed("x"))), canary],
  "a transformation to": [Schema.String.pipe(Schema.decodeTo(Hidden, passThrough)), canary],
  "a transformation from": [Hidden.pipe(Schema.decodeTo(Schema.String, passThrough)), canary],
  "a transformation of a struct": [
    Schema.Struct({ code: Hidden, b: Schema.String }).pipe(
      Schema.decodeTo(Schema.Struct({ plainly: Schema.String, b: Schema.String }), passThrough)
    ),
    { plainly: canary, b: "b" }
  ],
  "keys that are encoded under other names": [Pin.pipe(Schema.encodeKeys({ code: "c" })), pin],
  "JSON in a text, decoded": [Schema.fromJsonString(Pin), pin],
  "a template": [Schema.TemplateLiteral(["id-", Hidden]), `id-${canary}`],
  "a class": [Account, new Account(pin)],
  "a class of a class": [Owner, new Owner({ ...pin, child: new Account(pin) })],
  "a class that is secret": [secret(Schema.toType(Account)), new Account(pin)],
  "a class with toJSON": [Spoken, new Spoken(pin)],
  "a class with toJSON in an option": [Schema.Option(Spoken), Option.some(new Spoken(pin))],
  "an error": [Failed, new Failed({ message: canary, code: canary })],
  "an opaque struct": [Opaque, pin],
  "an option": [Schema.Option(Hidden), Option.some(canary)],
  "an option of a struct": [Schema.Option(Pin), Option.some(pin)],
  "an option of an option": [Schema.Option(Schema.Option(Pin)), Option.some(Option.some(pin))],
  "an option from null": [Schema.OptionFromNullOr(Pin), Option.some(pin)],
  "a result": [Schema.Result(Pin, Schema.String), Result.succeed(pin)],
  "a failed result": [Schema.Result(Schema.String, Pin), Result.fail(pin)],
  "an exit": [Schema.Exit(Pin, Schema.String, Schema.Defect()), Exit.succeed(pin)],
  "a cause": [Schema.Cause(Pin, Schema.Defect()), Cause.fail(pin)],
  "a map": [Schema.ReadonlyMap(Schema.String, Pin), new Map([["a", pin]])],
  "a map of texts": [Schema.ReadonlyMap(Schema.String, Hidden), new Map([["a", canary]])],
  "a map with keys that are no texts": [
    Schema.ReadonlyMap(Schema.Union([Schema.Int, Schema.String]), Pin),
    new Map<unknown, unknown>([
      [1, pin],
      ["a", pin]
    ])
  ],
  "the keys of a map": [Schema.ReadonlyMap(Hidden, Schema.Int), new Map([[canary, 1]])],
  "a set": [Schema.ReadonlySet(Pin), new Set([pin])],
  "a chunk": [Schema.Chunk(Pin), Chunk.make(pin, pin)],
  "a hash map": [Schema.HashMap(Schema.String, Pin), HashMap.make(["a", pin])],
  "a hash set": [Schema.HashSet(Hidden), HashSet.make(canary)],
  "a duration": [secret(Schema.Duration), Duration.millis(4711)],
  "what is redacted": [Schema.Redacted(Schema.String), Redacted.make(canary)],
  "what is redacted from a value": [Schema.RedactedFromValue(Schema.String), Redacted.make(canary)],
  "what is redacted, below": [Schema.Struct({ a: Schema.Redacted(Pin) }), { a: Redacted.make(pin) }],
  "a schema that refers to itself": [Tree, treeOf(6)],
  "a schema that refers to itself, at once": [Schema.suspend(() => Tree), treeOf(6)],
  "a schema without an end": [endless(), treeOf(6)],
  "six levels of optional nesting": [deep(6), deepValue(6)],
  "a limit around it": [truncate(100)(Pin), pin],
  "a limit behind it": [truncate(100)(Hidden), canary],
  "a keep behind it": [keep(100)(Hidden), canary],
  "a plain around it": [plain(Pin), pin],
  "a plain behind it": [plain(Hidden), canary],
  "a pseudonym behind it": [pseudonym(Hidden), canary],
  "many of them": [
    Schema.Struct({
      a: Schema.optional(
        Schema.Array(Schema.Option(Schema.ReadonlyMap(Schema.String, Schema.Tuple([Account]))))
      )
    }),
    { a: [Option.some(new Map([["x", [new Account(pin)]]]))] }
  ]
}

/** What a call of a message may do with a field. */
const readings: readonly ((field: unknown) => string)[] = [
  (field) => `read ${String(field)}`,
  (field) => JSON.stringify({ field }),
  (field) =>
    JSON.stringify([...Object.values(field as object)].map((one) => (one instanceof Map ? [...one] : one))),
  (field) => JSON.stringify([...(field as Iterable<unknown>)]),
  (field) => String(Option.getOrThrow(field as Option.Option<{ readonly code: string }>).code),
  (field) => String((field as { readonly code: string }).code),
  (field) => String((field as Account).again),
  (field) => String((field as ReadonlyMap<string, { readonly code: string }>).get("a")?.code),
  (field) => (field as Error).stack ?? ""
]

const untyped = (event: unknown): ((fields: unknown) => TypedEvent) => event as never

describe("secret", () => {
  it.each(Object.entries(combinators))(
    "S1.15 holds through %s, on the line and in the message",
    (_, [schema, value]) => {
      for (const reading of readings) {
        const Kept = defineEvent({
          category: "kept",
          fields: { before: Schema.String, field: schema as Schema.Codec<unknown> },
          message: ({ field }) => reading(field)
        })
        const audit = makeTestAudit()
        audit.log(Kept({ before: "b", field: value }))
        const [line = ""] = audit.lines
        expect(line).not.toContain(canary)
        expect(JSON.parse(line)).toMatchObject({ before: "b" })
        expect(line).not.toContain("schema_error")
      }
    }
  )

  it.each(Object.entries(combinators))(
    "S1.15 holds for a value that does not fit: %s",
    (name, [schema, value]) => {
      const Kept = defineEvent({
        category: "kept",
        fields: { field: schema as Schema.Codec<unknown> },
        message: ({ field }) => JSON.stringify({ field })
      })
      for (const wrong of [
        JSON.stringify({ code: canary, before: "x" }),
        [{ code: canary }, [canary]],
        { wrapped: { deep: [value] }, code: { [canary]: canary } },
        new Map([["x", [{ code: canary }]]]),
        47.11,
        new Error(canary)
      ]) {
        const audit = makeTestAudit()
        audit.log(untyped(Kept)({ field: wrong }))
        const [line = ""] = audit.lines
        const { field, schema_error: misfits } = JSON.parse(line) as Record<string, unknown>
        if (misfits === undefined) continue
        expect(field, name).toBe("[redacted]")
        expect(line).not.toContain(canary)
      }
    }
  )
})

describe("a typed field", () => {
  const Called = defineEvent({
    category: "called",
    fields: {
      password: Schema.String,
      url: Schema.String,
      headers: Schema.Record(Schema.String, Schema.String),
      options: Schema.optionalKey(Schema.Struct({ pin: Schema.Int, retries: Schema.Int })),
      more: Schema.optionalKey(Schema.Unknown)
    },
    message: ({ password, url, headers, options, more }) =>
      `${password} ${url} ${headers.authorization} ${options?.pin} ${JSON.stringify(more)}`
  })
  const fields = {
    password: canary,
    url: `https://ada:${canary}@example.com/?token=${canary}&page=2`,
    headers: { authorization: `Custom ${canary}`, accept: "text/html" },
    options: { pin: 47_118, retries: 3 }
  }

  it("S1.15 is redacted for its name and its texts, on the line and in the message", () => {
    const audit = makeTestAudit()
    audit.log(Called(fields))
    const [line = ""] = audit.lines
    expect(line).not.toMatch(/CANARY|47118/)
    expect(audit.events[0]?.fields).toEqual({
      password: "[redacted]",
      url: "https://[redacted]@example.com/?token=[redacted]&page=2",
      headers: { authorization: "[redacted]", accept: "text/html" },
      options: { pin: "[redacted]", retries: 3 }
    })
  })

  it("S1.15 that may be anything is shown to the message without what secret keys have, whatever it is", () => {
    for (const more of [
      { deep: [{ apiKey: canary }] },
      new Map([["apiKey", canary]]),
      new Set([{ apiKey: canary }]),
      [["apiKey", canary]],
      { name: "apiKey", value: canary },
      Option.some({ apiKey: canary }),
      new Headers({ "x-api-key": canary }),
      Object.assign(new Error("e"), { apiKey: canary }),
      Object.freeze({ apiKey: canary })
    ]) {
      const audit = makeTestAudit()
      audit.log(Called({ ...fields, more }))
      expect(audit.lines[0]).not.toContain(canary)
    }
  })

  it("S1.15 plain lets one through as it is written, and nothing beside it", () => {
    const Given = defineEvent({
      category: "given",
      fields: {
        pin: plain(Schema.String),
        link: plain(Schema.NullOr(Schema.String)),
        account: Schema.Struct({ token: plain(Schema.String), secret: Schema.String }),
        password: Schema.String
      },
      message: ({ pin, account }) => `${pin} ${account.token} ${account.secret}`
    })
    const audit = makeTestAudit()
    const link = "https://ada:pa55@example.com/"
    audit.log(Given({ pin: "front", link, account: { token: "blue", secret: canary }, password: canary }))
    expect(audit.events[0]).toMatchObject({
      head: { message: "front blue [redacted]" },
      fields: { pin: "front", link, account: { token: "blue", secret: "[redacted]" }, password: "[redacted]" }
    })
  })

  it("S1.15 a pseudonym is one under a secret name too", () => {
    const Seen = defineEvent({ category: "seen", fields: { token: pseudonym(Schema.String) }, message: "m" })
    const audit = makeTestAudit({ pseudonymKey: "k".repeat(32) })
    audit.log(Seen({ token: canary }))
    expect(audit.events[0]?.fields.token).toMatch(/^hmac:[0-9a-f]{32}$/)
  })

  it("a message reads what is beside a secret as it is: in an option, a map, a set, a class and a tree", () => {
    const Read = defineEvent({
      category: "read",
      fields: {
        option: Schema.Option(Account),
        map: Schema.ReadonlyMap(Schema.String, Pin),
        set: Schema.ReadonlySet(Pin),
        tree: Tree,
        chunk: Schema.Chunk(Pin)
      },
      message: ({ option, map, set, tree, chunk }) =>
        [
          Option.isSome(option) && option.value instanceof Account && option.value.label,
          map.get("a")?.label,
          [...set][0]?.label,
          tree.left?.left?.children.length,
          JSON.stringify(chunk)
        ].join(" ")
    })
    const audit = makeTestAudit()
    audit.log(
      Read({
        option: Option.some(new Account(pin)),
        map: new Map([["a", pin]]),
        set: new Set([pin]),
        tree: treeOf(3),
        chunk: Chunk.make(pin)
      })
    )
    expect(audit.events[0]?.head.message).toBe(
      'shown shown shown 0 {"_id":"Chunk","values":[{"label":"shown","code":"[redacted]"}]}'
    )
  })

  it("a schema that refers to one that is not there yet hides all of it until then", () => {
    const parts: { Later?: Schema.Codec<unknown> } = {}
    const later = Schema.suspend((): Schema.Codec<unknown> => {
      if (parts.Later === undefined) throw new ReferenceError("not there yet")
      return parts.Later
    })
    const Early = defineEvent({ category: "early", fields: { value: Schema.Array(later) }, message: "m" })
    const audit = makeTestAudit()
    audit.log(Early({ value: [pin] }))
    parts.Later = Pin as Schema.Codec<unknown>
    audit.log(Early({ value: [pin] }))
    expect(audit.events.map(({ fields: { value } }) => value)).toEqual([
      "[redacted]",
      [{ label: "shown", code: "[redacted]" }]
    ])
  })
})

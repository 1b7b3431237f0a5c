// A whole line as an Effect Schema: a program that has a trail, from a file, a table or a bucket, decodes its lines with it and
// needs no other reader. Typed fields of an event are read-as.ts.
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { decodeLine, type EventHead } from "../event/decode-line.ts"
import { levels } from "../event/level.ts"
import { dropReasons, type MarkFields, type MarkKind } from "../event/mark.ts"

/** A line, decoded: an `AuditEvent` whose `kind` says which fields it has: those of an event may be anything. */
export type AuditLine =
  | {
      readonly kind: "event"
      readonly head: EventHead
      readonly fields: Readonly<Record<string, unknown>>
    }
  | {
      readonly [Kind in MarkKind]: {
        readonly kind: Kind
        readonly head: EventHead
        readonly fields: MarkFields[Kind] & Readonly<Record<string, unknown>>
      }
    }[MarkKind]

const text = Schema.String
const count = Schema.Int
const anyFields = Schema.Record(Schema.String, Schema.Unknown)

const head = Schema.Struct({
  ts: text,
  level: Schema.Literals(levels),
  category: text,
  session: text,
  message: text,
  id: text,
  seq: Schema.optionalKey(Schema.Finite),
  trace_id: Schema.optionalKey(text),
  span_id: Schema.optionalKey(text),
  trace_flags: Schema.optionalKey(Schema.Finite),
  schema_error: Schema.optionalKey(text),
  origin: Schema.optionalKey(Schema.Unknown),
  v: Schema.optionalKey(Schema.Finite)
})

// Passed on as they are: a copy would lose a key that is called __proto__.
const eventFields = Schema.declare(
  (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value)
)

// What a newer version writes besides stays.
const open = <const Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.StructWithRest(Schema.Struct(fields), [anyFields])

const seen = open({
  session: text,
  file: Schema.optionalKey(text),
  k: count,
  sha256: text,
  tail: Schema.optionalKey(open({ lines: count, sha256: text }))
})

const retiredFile = Schema.Struct({
  file: text,
  size: count,
  seals: Schema.Array(Schema.Struct({ session: text, k: count, sha256: text }))
})

const markFields = {
  gap: open({
    count,
    first_seq: count,
    last_seq: count,
    by_category: Schema.Record(text, count),
    reasons: Schema.Record(Schema.Literals(dropReasons), Schema.optionalKey(count)),
    exporter: text
  }),
  seal: open({
    file: text,
    k: count,
    skip: count,
    replaced: Schema.optionalKey(Schema.Literal(true)),
    lines: count,
    first_seq: count,
    last_seq: count,
    sha256: text,
    prev: text,
    closed: Schema.optionalKey(Schema.Literal(true)),
    saw: Schema.optionalKey(Schema.Array(seen)),
    alg: Schema.optionalKey(Schema.Literal("ed25519")),
    key: Schema.optionalKey(text),
    sig: Schema.optionalKey(text),
    salts: Schema.optionalKey(Schema.Array(text))
  }),
  recovered: open({ file: text, bytes: count }),
  retention: open({
    ...{ count, oldest: text, newest: text },
    days: Schema.optionalKey(count),
    reason: Schema.optionalKey(Schema.Literals(["age", "budget", "delivered"])),
    undelivered_bytes: Schema.optionalKey(count),
    files: Schema.optionalKey(Schema.Array(retiredFile))
  })
} as const

const mark = <const Kind extends MarkKind>(kind: Kind) =>
  Schema.Struct({ kind: Schema.Literal(kind), head, fields: markFields[kind] })

const decoded = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("event"), head, fields: eventFields }),
  mark("gap"),
  mark("seal"),
  mark("recovered"),
  mark("retention")
])

/**
 * One line of a trail, with or without its newline, from its text and back. `Schema.decodeUnknownEffect(AuditLine)(text)` gives what
 * `decodeLine` gives, of older systems' lines as well, and fails where a line is damaged or a mark has other fields than its kind.
 * Encoding gives the line without its newline. Seals are over bytes: verify a file as it stands, never lines that were encoded anew.
 */
export const AuditLine: Schema.Codec<AuditLine, string> = Schema.String.pipe(
  Schema.decodeTo(decoded, {
    decode: SchemaGetter.transformEffect((line, options) => {
      const found = decodeLine(line)
      return "damage" in found
        ? Effect.fail(
            new SchemaIssue.InvalidValue({ message: `a line that is ${found.damage}` }, line, options)
          )
        : Effect.succeed(found as never)
    }),
    encode: SchemaGetter.transformEffect((line, options) =>
      Effect.try({
        try: () => lineText(line as AuditLine),
        catch: () => new SchemaIssue.InvalidValue({ message: "fields that are no JSON" }, line, options)
      })
    )
  })
)

const firstKeys = ["ts", "level", "category", "session", "message"] as const
const lastKeys = ["schema_error", "origin", "trace_id", "span_id", "trace_flags", "v", "seq", "id"] as const
const headKeys: ReadonlySet<string> = new Set([...firstKeys, ...lastKeys])

// In the order of format 1. A field that is called like a key of the head is what stood there, and of another type.
const lineText = ({ head, fields: given }: AuditLine): string => {
  const fields = given as Readonly<Record<string, unknown>>
  const line: Record<string, unknown> = Object.create(null)
  const put = (key: keyof EventHead): void => {
    const value = Object.hasOwn(fields, key) ? fields[key] : head[key]
    // An older system's line has no id.
    if (value !== undefined && !(key === "id" && value === "")) line[key] = value
  }
  for (const key of firstKeys) put(key)
  for (const key of Object.keys(fields)) if (!headKeys.has(key)) line[key] = fields[key]
  for (const key of lastKeys) put(key)
  return JSON.stringify(line).replace(
    unsafe,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
}

/** Characters that format 1 escapes and JSON does not. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

// What may be shown of a typed field, said where the field is defined: annotations on the keys of a schema. schema-guard.ts makes
// guards of them. Of all that nothing is said of, secret keys and what the patterns know are redacted (encode/deny-list.ts).

import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

/** What annotations say of a field. */
export interface FieldPrivacy {
  readonly as?: "redacted" | "pseudonym"
  readonly isPlain?: true
  readonly charsMax?: number
  readonly bytesMax?: number | undefined
}

const annotation = "@daybook/core/privacy"

/**
 * Never written: the line has "[redacted]" in its place, at any depth. `fields: { password: secret(Schema.String) }`. Where a field
 * does not fit a schema that has one below, the whole field is redacted. No other annotation undoes it.
 */
export const secret = <S extends Schema.Top>(schema: S): S["Rebuild"] => annotated(schema, { as: "redacted" })

/**
 * Written as a keyed HMAC-SHA-256 of its text, so that the events of one person can be found without the name. Needs the
 * option `pseudonymKey` and a host that computes it synchronously; "[redacted]" otherwise.
 */
export const pseudonym = <S extends Schema.Top>(schema: S): S["Rebuild"] =>
  annotated(schema, { as: "pseudonym" })

/** Written as it is, whatever its name and its texts: for a field that only looks like a secret. What is `secret` below it stays so. */
export const plain = <S extends Schema.Top>(schema: S): S["Rebuild"] => annotated(schema, { isPlain: true })

/** Text longer than `charsMax` UTF-16 units is cut to them, and says how long it was. */
export const truncate = (charsMax: number): (<S extends Schema.Top>(schema: S) => S["Rebuild"]) => {
  const privacy = { charsMax: wholeNumber("truncate", charsMax), bytesMax: undefined }
  return (schema) => annotated(schema, privacy)
}

/** Text up to `bytesMax` is kept whole, where 8,192 characters are the rule. The line's 64 KiB stay the limit. */
export const keep = (bytesMax: number): (<S extends Schema.Top>(schema: S) => S["Rebuild"]) => {
  const privacy = { charsMax: wholeNumber("keep", bytesMax), bytesMax }
  return (schema) => annotated(schema, privacy)
}

/** What was said of a schema where it stands. */
export const privacyOf = (ast: SchemaAST.AST): FieldPrivacy =>
  (ast.context?.annotations?.[annotation] as FieldPrivacy | undefined) ?? nothing

const nothing: FieldPrivacy = {}

const annotated = <S extends Schema.Top>(schema: S, privacy: FieldPrivacy): S["Rebuild"] => {
  const before = privacyOf(schema.ast)
  // What hides is never undone, in whatever order the annotations stand.
  const as = before.as === "redacted" || privacy.as === undefined ? before.as : privacy.as
  return schema.annotateKey({ [annotation]: { ...before, ...privacy, ...(as === undefined ? {} : { as }) } })
}

const wholeNumber = (name: string, value: number): number => {
  if (Number.isInteger(value) && value > 0) return value
  throw new TypeError(`${name}: expected a whole number above 0, got ${String(value)}`)
}

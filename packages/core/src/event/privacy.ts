// What may be shown of a typed field, said where the field is defined: annotations on the keys of a schema.
// The encoder obeys them as it writes (encode/value-encoder.ts); untyped values have encode/deny-list.ts instead.

import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import { eventLimits } from "../limits.ts"
import { keysOf } from "./keys-of.ts"

/**
 * How a value is written, and what is below it. `keys` speaks for named members; for all others, and for the items of
 * lists, `items` does, or the guard itself where there is none.
 */
export interface Guard {
  /** Instead of the value: "[redacted]", or its pseudonym. */
  readonly as?: "redacted" | "pseudonym"
  /** Secret keys are redacted by name, and secrets are looked for in texts. */
  readonly isUntyped: boolean
  /** UTF-16 units of a text before it is cut. */
  readonly charsMax: number
  /** Where bytes are the measure of `charsMax`, as `keep` promises. */
  readonly bytesMax?: number
  /** `charsMax` counts code points, not units. */
  readonly inCodePoints?: true
  readonly keys?: ReadonlyMap<string, Guard>
  readonly items?: Guard
}

/** Typed values: written as they are. */
export const typedGuard: Guard = { isUntyped: false, charsMax: eventLimits.stringCharsMax }

/** Extras, context, messages, error texts: everything that no schema describes. */
export const untypedGuard: Guard = { isUntyped: true, charsMax: eventLimits.stringCharsMax }

/** The guard of a member or an item. */
export const guardBelow = (guard: Guard, key?: string): Guard =>
  (key === undefined ? undefined : guard.keys?.get(key)) ?? guard.items ?? guard

/** What an annotation says of a field. */
type FieldPrivacy =
  | { readonly as: "redacted" | "pseudonym" }
  | { readonly charsMax: number }
  | { readonly bytesMax: number }

const annotation = "@daybook/core/privacy"

/** Never written: the line has "[redacted]" in its place. `fields: { password: secret(Schema.String) }`. */
export const secret = <S extends Schema.Top>(schema: S): S["Rebuild"] => annotated(schema, { as: "redacted" })

/**
 * Written as a keyed HMAC-SHA-256 of its text, so that the events of one person can be found without the name. Needs the
 * option `pseudonymKey` and a host that computes it synchronously; "[redacted]" otherwise.
 */
export const pseudonym = <S extends Schema.Top>(schema: S): S["Rebuild"] =>
  annotated(schema, { as: "pseudonym" })

/** Text longer than `charsMax` UTF-16 units is cut to them, and says how long it was. */
export const truncate = (charsMax: number): (<S extends Schema.Top>(schema: S) => S["Rebuild"]) => {
  const privacy = { charsMax: wholeNumber("truncate", charsMax) }
  return (schema) => annotated(schema, privacy)
}

/** Text up to `bytesMax` is kept whole, where 8,192 characters are the rule. The line's 64 KiB stay the limit. */
export const keep = (bytesMax: number): (<S extends Schema.Top>(schema: S) => S["Rebuild"]) => {
  const privacy = { bytesMax: wholeNumber("keep", bytesMax) }
  return (schema) => annotated(schema, privacy)
}

/** What the annotations of a schema say, its nested structs and lists included. */
export const guardOf = (ast: SchemaAST.AST): Guard => guardAt(ast, eventLimits.depthMax) ?? typedGuard

const guardAt = (ast: SchemaAST.AST, levelsLeft: number): Guard | undefined => {
  const own = ast.context?.annotations?.[annotation] as FieldPrivacy | undefined
  if (own !== undefined) return fieldGuard(own)
  // A schema may refer to itself; below this depth values are cut anyway.
  if (levelsLeft === 0) return undefined
  const below = (inner: SchemaAST.AST): Guard | undefined => guardAt(inner, levelsLeft - 1)
  if (ast._tag === "Suspend") return below(ast.thunk())
  if (ast._tag === "Union") return strictest(ast.types.map(below))
  if (ast._tag === "Arrays")
    return containerGuard(new Map(), strictest([...ast.elements, ...ast.rest].map(below)))
  if (ast._tag !== "Objects") return undefined
  const keys = new Map<string, Guard>()
  for (const { name, type } of ast.propertySignatures) {
    const guard = below(type)
    if (guard !== undefined) keys.set(String(name), guard)
  }
  return containerGuard(keys, strictest(ast.indexSignatures.map(({ type }) => below(type))))
}

const fieldGuard = (privacy: FieldPrivacy): Guard => {
  if ("as" in privacy) return { ...typedGuard, as: privacy.as }
  if ("charsMax" in privacy) return { ...typedGuard, charsMax: privacy.charsMax }
  return { ...typedGuard, charsMax: privacy.bytesMax, bytesMax: privacy.bytesMax }
}

const containerGuard = (keys: ReadonlyMap<string, Guard>, items: Guard | undefined): Guard | undefined =>
  keys.size === 0 && items === undefined ? undefined : { ...typedGuard, keys, items: items ?? typedGuard }

// The members of a union, and the items of a tuple, share one guard: what one of them hides is hidden in all.
const strictest = (guards: readonly (Guard | undefined)[]): Guard | undefined => {
  const some = guards.filter((guard) => guard !== undefined)
  const [first] = some
  if (first === undefined || some.length === 1) return first
  const hiding = some.find(({ as }) => as === "redacted") ?? some.find(({ as }) => as !== undefined)
  if (hiding !== undefined) return hiding
  const names = new Set(some.flatMap(({ keys }) => [...(keys?.keys() ?? [])]))
  const keys = new Map(
    [...names].map((name) => [name, strictest(some.map((guard) => guard.keys?.get(name))) ?? typedGuard])
  )
  const items = strictest(some.map((guard) => guard.items))
  return {
    ...typedGuard,
    charsMax: Math.min(...some.map(({ charsMax }) => charsMax)),
    keys,
    items: items ?? typedGuard
  }
}

/** True when a guard hides something, be it far below. */
export const hidesAnything = (guard: Guard): boolean =>
  guard.as !== undefined ||
  [...(guard.keys?.values() ?? [])].some(hidesAnything) ||
  (guard.items !== undefined && hidesAnything(guard.items))

/**
 * A value as a message may see it: what its guard hides is "[redacted]". What hides nothing is the value itself. `left` is how many
 * values are looked at: a message shows no more.
 */
export const shownAs = (value: unknown, guard: Guard, left = { values: eventLimits.itemsMax }): unknown => {
  if (guard.as !== undefined) return value === undefined ? undefined : "[redacted]"
  if (typeof value !== "object" || value === null || !hidesAnything(guard)) return value
  if (isOneValue(value)) return value
  left.values -= 1
  if (left.values < 0) return "[Truncated: items]"
  if (Array.isArray(value)) {
    return value.slice(0, eventLimits.itemsMax).map((item) => shownAs(item, guardBelow(guard), left))
  }
  const members = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    keysOf(members)
      .slice(0, eventLimits.keysMax)
      .map((key) => [key, shownAs(members[key], guardBelow(guard, key), left)])
  )
}

const TypedArray = Object.getPrototypeOf(Uint8Array) as new () => object

/** True for a boxed text and for bytes, which have a key for each unit and no members; also behind a proxy. */
export const isOneValue = (value: object): boolean =>
  value instanceof String || value instanceof TypedArray || ArrayBuffer.isView(value)

const annotated = <S extends Schema.Top>(schema: S, privacy: FieldPrivacy): S["Rebuild"] =>
  schema.annotateKey({ [annotation]: privacy })

const wholeNumber = (name: string, value: number): number => {
  if (Number.isInteger(value) && value > 0) return value
  throw new TypeError(`${name}: expected a whole number above 0, got ${String(value)}`)
}

// One field of a typed event, compiled: its name as bytes, and a check that costs nanoseconds for plain types.
// `effect/Schema` is imported as a type only: its parser alone loads in 10 ms, all of it in 60.

import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { eventLimits } from "../limits.ts"
import { type Guard, hidesAnything } from "./guard.ts"
import { isOneValue, keysOf } from "./keys-of.ts"
import { guardOf } from "./schema-guard.ts"

/** How one field of a definition is checked and written. */
export interface FieldRule {
  readonly name: string
  /** `,"name":` as it stands on the line. */
  readonly keyBytes: Uint8Array
  /** How the value, and what is below it, may be shown. */
  readonly guard: Guard
  /** An annotation hides something of it: where it does not fit its schema, nothing of it is shown. */
  readonly hides: boolean
  /** The keys that can stand in its value, at any depth, by their path; undefined where any can. */
  readonly keysBelow: ReadonlyMap<string, string> | undefined
  /** False for a value that does not fit the schema. `undefined` means that the key is absent. */
  fits(value: unknown): boolean
}

/** Compiles the fields of one definition, in their order. */
export const compileFields = (fields: Schema.Struct.Fields): readonly FieldRule[] =>
  Object.keys(fields).map((name) => {
    const schema = fields[name] as Schema.Struct.Fields[string]
    const fitsValue = compileCheck(schema)
    const optional = schema.ast.context?.isOptional === true
    const guard = guardOf(schema.ast)
    return {
      name,
      guard,
      hides: hidesAnything(guard),
      keysBelow: keysBelow(schema.ast),
      keyBytes: new TextEncoder().encode(`,${JSON.stringify(name)}:`),
      fits: optional ? (value) => value === undefined || fitsValue(value) : fitsValue
    }
  })

const keysBelow = (ast: SchemaAST.AST): ReadonlyMap<string, string> | undefined => {
  const keys = new Map<string, string>()
  const collect = (inner: SchemaAST.AST, path: string): boolean => {
    if (inner._tag === "Union") return inner.types.every((type) => collect(type, path))
    if (inner._tag === "Arrays")
      return [...inner.elements, ...inner.rest].every((item) => collect(item, `${path}[]`))
    if (inner._tag !== "Objects") return flatTags.has(inner._tag)
    const { propertySignatures, indexSignatures } = inner
    for (const { name } of propertySignatures) keys.set(`${path}.${String(name)}`, String(name))
    // An empty struct is anything.
    return (
      indexSignatures.length === 0 &&
      propertySignatures.length > 0 &&
      propertySignatures.every(({ name, type }) => collect(type, `${path}.${String(name)}`))
    )
  }
  return collect(ast, "") ? keys : undefined
}

const flatTags: ReadonlySet<string> = new Set([
  "String",
  "Number",
  "Boolean",
  "BigInt",
  "Literal",
  "TemplateLiteral",
  "Enum",
  "Null",
  "Undefined",
  "Void",
  "Never"
])

const compileCheck = (schema: Schema.Struct.Fields[string]): ((value: unknown) => boolean) => {
  const flat = flatCheck(schema.ast)
  if (flat !== undefined) return flat
  const check = guarded(SchemaParser.is(schema))
  // Compiled at its first use, which costs a millisecond: better where the event is defined than in its first call.
  check(undefined)
  return check
}

// What most fields are: a text, a number, a flag, one of some literals, with conditions or without, and lists, structs and
// records of them. The parser of Schema does the same in 100 ns, because it is made to say what is wrong; and it goes through all
// of a value, however much of it the line will show.
const flatCheck = (ast: SchemaAST.AST): ((value: unknown) => boolean) | undefined => {
  const isKind = kindCheck(ast)
  if (isKind === undefined || ast.encoding !== undefined) return undefined
  const { checks } = ast
  if (checks === undefined) return isKind
  const filters = checks.filter((check) => check._tag === "Filter")
  if (filters.length < checks.length) return undefined
  return guarded(
    (value) => isKind(value) && filters.every((filter) => filter.run(value, ast, {}) === undefined)
  )
}

const kindCheck = (ast: SchemaAST.AST): ((value: unknown) => boolean) | undefined => {
  switch (ast._tag) {
    case "String":
      return (value) => typeof value === "string"
    case "Number":
      return (value) => typeof value === "number"
    case "Boolean":
      return (value) => typeof value === "boolean"
    case "Literal": {
      const { literal } = ast
      return (value) => value === literal
    }
    case "Union": {
      if (ast.options?.mode === "oneOf") return undefined
      const checks = ast.types.map(flatCheck)
      const flat = checks.filter((check) => check !== undefined)
      return flat.length < checks.length ? undefined : (value) => flat.some((check) => check(value))
    }
    case "Unknown":
    case "Any":
      return () => true
    case "Null":
      return (value) => value === null
    case "Undefined":
      return (value) => value === undefined
    case "Arrays":
      return listCheck(ast)
    case "Objects":
      return ast.indexSignatures.length === 0 ? structCheck(ast) : recordCheck(ast)
    default:
      return undefined
  }
}

// As many items as a line shows; what the schema says of the list as a whole is asked of all of it.
const listCheck = ({ elements, rest }: SchemaAST.Arrays): ((value: unknown) => boolean) | undefined => {
  const [item] = rest
  const fits = item === undefined || elements.length > 0 || rest.length > 1 ? undefined : flatCheck(item)
  if (fits === undefined) return undefined
  return (value) => {
    if (!Array.isArray(value)) return false
    const length = Math.min(value.length, eventLimits.itemsMax)
    for (let index = 0; index < length; index++) if (!fits(value[index])) return false
    return true
  }
}

const isRecord = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const structCheck = ({
  propertySignatures
}: SchemaAST.Objects): ((value: unknown) => boolean) | undefined => {
  // An empty struct is anything but null and undefined.
  if (propertySignatures.length === 0) return undefined
  const members = propertySignatures.map(({ name, type }) => {
    const fits = flatCheck(type)
    return fits === undefined ? undefined : { name, fits, isOptional: type.context?.isOptional === true }
  })
  const known = members.filter((member) => member !== undefined)
  if (known.length < members.length) return undefined
  return (value) =>
    isRecord(value) &&
    known.every(({ name, fits, isOptional }) => (name in value ? fits(value[name]) : isOptional))
}

const recordCheck = ({
  propertySignatures,
  indexSignatures
}: SchemaAST.Objects): ((value: unknown) => boolean) | undefined => {
  const [index] = indexSignatures
  const isOfTexts = index?.parameter._tag === "String" && index.parameter.checks === undefined
  if (index === undefined || !isOfTexts || indexSignatures.length > 1 || propertySignatures.length > 0)
    return undefined
  const fits = flatCheck(index.type)
  if (fits === undefined) return undefined
  return (value) => {
    if (!isRecord(value) || isOneValue(value)) return false
    let looked = 0
    for (const key of keysOf(value)) {
      if (++looked > eventLimits.keysMax) return true
      if (!fits(value[key])) return false
    }
    return true
  }
}

// A check is the application's code: one that throws has not accepted the value.
const guarded =
  (check: (value: unknown) => boolean): ((value: unknown) => boolean) =>
  (value) => {
    try {
      return check(value)
    } catch {
      return false
    }
  }

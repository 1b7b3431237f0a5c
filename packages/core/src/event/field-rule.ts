// One field of a typed event, compiled: its name as bytes, and a check that costs nanoseconds for plain types.
// `effect/Schema` is imported as a type only: its parser alone loads in 10 ms, all of it in 60.
import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { type Guard, guardOf } from "./privacy.ts"

/** How one field of a definition is checked and written. */
export interface FieldRule {
  readonly name: string
  /** `,"name":` as it stands on the line. */
  readonly keyBytes: Uint8Array
  /** How the value, and what is below it, may be shown. */
  readonly guard: Guard
  /** False for a value that does not fit the schema. `undefined` means that the key is absent. */
  fits(value: unknown): boolean
}

/** Compiles the fields of one definition, in their order. */
export const compileFields = (fields: Schema.Struct.Fields): readonly FieldRule[] =>
  Object.keys(fields).map((name) => {
    const schema = fields[name] as Schema.Struct.Fields[string]
    const fitsValue = compileCheck(schema)
    const optional = schema.ast.context?.isOptional === true
    return {
      name,
      guard: guardOf(schema.ast),
      keyBytes: new TextEncoder().encode(`,${JSON.stringify(name)}:`),
      fits: optional ? (value) => value === undefined || fitsValue(value) : fitsValue
    }
  })

const compileCheck = (schema: Schema.Struct.Fields[string]): ((value: unknown) => boolean) => {
  const flat = flatCheck(schema.ast)
  if (flat !== undefined) return flat
  const check = guarded(SchemaParser.is(schema))
  // Compiled at its first use, which costs a millisecond: better where the event is defined than in its first call.
  check(undefined)
  return check
}

// What most fields are: a text, a number, a flag, one of some literals, with conditions or without. The parser of Schema
// does the same in 100 ns, because it is made to say what is wrong.
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
    default:
      return undefined
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

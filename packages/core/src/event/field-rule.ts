// One field of a typed event, compiled: its name as bytes, and a check that costs nanoseconds for plain types.
// `effect/Schema` is imported as a type only: its parser alone loads in 10 ms, all of it in 60.
import type * as Schema from "effect/Schema"
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
  const { ast } = schema
  if (ast.checks === undefined && ast.encoding === undefined) {
    if (ast._tag === "String") return (value) => typeof value === "string"
    if (ast._tag === "Number") return (value) => typeof value === "number"
    if (ast._tag === "Boolean") return (value) => typeof value === "boolean"
  }
  const check = guarded(SchemaParser.is(schema))
  // Compiled at its first use, which costs a millisecond: better where the event is defined than in its first call.
  check(undefined)
  return check
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

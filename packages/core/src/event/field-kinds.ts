// Fields without a library: the kinds that most of them are, and what may be shown of a field. Each kind is a Standard Schema, and
// knows besides what is below it. `secret` and the others take a kind or any Standard Schema, as a whole.
import { eventLimits } from "../limits.ts"
import { containerGuard, type Guard, makeGuard, plainGuard, redactedGuard, searchedGuard } from "./guard.ts"
import type { StandardField } from "./standard-field.ts"
import { standardValue } from "./standard-field.ts"

/** A field of a kind of ours. */
export interface FieldKind<Value> extends StandardField<Value, Value> {
  readonly [facts]: FieldFacts
}

/** What is known of a field. */
export interface FieldFacts {
  readonly guard: Guard
  /** The keys that can stand in its value, by their path; undefined where any can. */
  readonly keysBelow: ReadonlyMap<string, string> | undefined
}

// Registered, so that a kind of another copy of this package is one too.
const facts: unique symbol = Symbol.for("@daybook/core/FieldKind") as never

/** What is known of any field: of a schema of another library nothing, so everything below is searched. */
export const factsOf = (field: StandardField): FieldFacts =>
  (field as Partial<FieldKind<unknown>>)[facts] ?? { guard: searchedGuard, keysBelow: undefined }

const noKeys: ReadonlyMap<string, string> = new Map()
const single: FieldFacts = { guard: searchedGuard, keysBelow: noKeys }

const kindOf = <Value>(fits: (value: unknown) => boolean, known: FieldFacts = single): FieldKind<Value> => ({
  "~standard": {
    version: 1,
    vendor: "daybook",
    validate: (value) => (fits(value) ? { value: value as Value } : { issues: [{ message: "does not fit" }] })
  },
  [facts]: known
})

export const text: FieldKind<string> = kindOf((value) => typeof value === "string")
/** A finite number. */
export const number: FieldKind<number> = kindOf(Number.isFinite)
export const integer: FieldKind<number> = kindOf(Number.isInteger)
export const flag: FieldKind<boolean> = kindOf((value) => typeof value === "boolean")

/** One of some texts or numbers. */
export const oneOf = <const Word extends string | number>(...words: readonly Word[]): FieldKind<Word> =>
  kindOf((value) => (words as readonly unknown[]).includes(value))

/** A field that may be missing. */
export const optional = <Value>(field: StandardField<Value>): FieldKind<Value | undefined> =>
  kindOf((value) => value === undefined || fitsField(field, value), factsOf(field))

/** A list, checked as far as a line shows it. */
export const list = <Value>(item: StandardField<Value>): FieldKind<readonly Value[]> => {
  const { guard, keysBelow } = factsOf(item)
  return kindOf(
    (value) =>
      Array.isArray(value) && value.slice(0, eventLimits.itemsMax).every((one) => fitsField(item, one)),
    { guard: containerGuard(searchedGuard, new Map(), guard), keysBelow: below("[]", keysBelow) }
  )
}

type InputOf<Field> = Field extends StandardField<infer Input, infer _Output> ? Input : never

type OptionalNames<Fields> = {
  [Name in keyof Fields]: undefined extends InputOf<Fields[Name]> ? Name : never
}[keyof Fields]

/** The values of fields: those that may be undefined may be missing. */
export type ValuesOf<Fields> = {
  readonly [Name in Exclude<keyof Fields, OptionalNames<Fields>>]: InputOf<Fields[Name]>
} & {
  readonly [Name in OptionalNames<Fields>]?: InputOf<Fields[Name]>
} extends infer Values
  ? { readonly [Name in keyof Values]: Values[Name] }
  : never

/** An object with these fields. */
export const struct = <const Fields extends Readonly<Record<string, StandardField>>>(
  fields: Fields
): FieldKind<ValuesOf<Fields>> => {
  const members = Object.entries(fields as Readonly<Record<string, StandardField>>)
  const guards = new Map(members.map(([name, field]) => [name, factsOf(field).guard]))
  const paths = members.map(([name, field]) => below(`.${name}`, factsOf(field).keysBelow, name))
  const known = paths.filter((path) => path !== undefined)
  return kindOf(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      members.every(([name, field]) => fitsField(field, (value as Readonly<Record<string, unknown>>)[name])),
    {
      guard: containerGuard(searchedGuard, guards),
      keysBelow: known.length < paths.length ? undefined : new Map(known.flatMap((path) => [...path]))
    }
  )
}

const below = (
  step: string,
  keys: ReadonlyMap<string, string> | undefined,
  name?: string
): ReadonlyMap<string, string> | undefined =>
  keys === undefined
    ? undefined
    : new Map([
        ...(name === undefined ? [] : [[step, name] as const]),
        ...[...keys].map(([path, key]) => [step + path, key] as const)
      ])

/** Never written: the line has "[redacted]" in its place. No other annotation undoes it. */
export const secret = <Value>(field: StandardField<Value>): FieldKind<Value> =>
  guarded(field, () => redactedGuard)

/** Written as a keyed HMAC where the log has a `pseudonymKey` and its host can; "[redacted]" elsewhere, as in a page. */
export const pseudonym = <Value>(field: StandardField<Value>): FieldKind<Value> =>
  guarded(field, (guard) => makeGuard({ as: "pseudonym" }, guard))

/** Written as it is, whatever its name and its texts: for a field that only looks like a secret. */
export const plain = <Value>(field: StandardField<Value>): FieldKind<Value> =>
  guarded(field, (guard) => (guard === searchedGuard ? plainGuard : makeGuard({ isSearched: false }, guard)))

/** Text longer than `charsMax` UTF-16 units is cut to them, and says how long it was. */
export const truncate = (charsMax: number): (<Value>(field: StandardField<Value>) => FieldKind<Value>) => {
  whole("truncate", charsMax)
  return (field) => guarded(field, (guard) => makeGuard({ charsMax, bytesMax: undefined }, guard))
}

/** Text up to `bytesMax` is kept whole, where 8,192 characters are the rule. The line's 64 KiB stay the limit. */
export const keep = (bytesMax: number): (<Value>(field: StandardField<Value>) => FieldKind<Value>) => {
  whole("keep", bytesMax)
  return (field) => guarded(field, (guard) => makeGuard({ charsMax: bytesMax, bytesMax }, guard))
}

const whole = (name: string, value: number): void => {
  if (!Number.isInteger(value) || value <= 0)
    throw new TypeError(`${name}: expected a whole number above 0, got ${String(value)}`)
}

// What hides is never undone, in whatever order the annotations stand.
const guarded = <Value>(field: StandardField<Value>, change: (guard: Guard) => Guard): FieldKind<Value> => {
  const { guard, keysBelow } = factsOf(field)
  const changed = guard.as === "redacted" ? guard : change(guard)
  return kindOf((value) => fitsField(field, value), { guard: changed, keysBelow })
}

/** True for a value that fits. Never throws. */
export const fitsField = (field: StandardField, value: unknown): boolean =>
  standardValue(field, value) !== undefined

// Typed events: a category, a level, a message and Effect Schema fields become one constructor.
// The schema is compiled once into flat checks (event/field-rule.ts); it never stands between the call and the line.
import type * as Schema from "effect/Schema"
import { toCategory } from "./category.ts"
import { compileFields, type FieldRule } from "./field-rule.ts"
import type { ReservedName } from "./head.ts"
import { type Level, levelNumber } from "./level.ts"
import { hidesAnything, shownAs } from "./privacy.ts"

/** What the encoder needs to know of an event: nothing of it is Schema. */
export interface EventDefinition {
  readonly category: string
  readonly level: Level
  readonly levelNumber: number
  readonly rules: readonly FieldRule[]
  /** Names of `rules`, to tell an event's own fields from extras. */
  readonly names: ReadonlySet<string>
  message(fields: Readonly<Record<string, unknown>>): string
}

// Registered, so that an event made by another copy of this package is one too.
const brand: unique symbol = Symbol.for("@daybook/core/TypedEvent") as never

/** An event ready to be logged. Made by a constructor that `defineEvent` returned. */
export class TypedEvent {
  readonly [brand] = true
  readonly definition: EventDefinition
  readonly fields: Readonly<Record<string, unknown>>

  constructor(definition: EventDefinition, fields: Readonly<Record<string, unknown>>) {
    this.definition = definition
    this.fields = fields
  }
}

/** True for what a constructor of `defineEvent` made. Never throws, whatever it is asked about. */
export const isTypedEvent = (value: unknown): value is TypedEvent => {
  try {
    return typeof value === "object" && value !== null && Object.hasOwn(value, brand)
  } catch {
    return false
  }
}

/** Makes one event of a kind: `audit.log(Uploaded({ filename, bytes }))`. A wrong or missing field does not compile. */
export interface EventConstructor<Fields extends Schema.Struct.Fields> {
  (fields: Schema.Struct<Fields>["Type"]): TypedEvent
  readonly category: string
  readonly definition: EventDefinition
  /** The schemas as they were given, for readers that decode. */
  readonly fields: Fields
}

/** What `defineEvent` takes. */
export interface EventForm<Fields extends Schema.Struct.Fields> {
  /** `[a-z0-9_.-]{1,64}`. */
  readonly category: string
  /** "info" unless told otherwise; one call may still raise it. */
  readonly level?: Level
  /** Written in this order. A reserved name (`ts`, `id`, `seq`, …) does not compile. */
  readonly fields: Fields & { readonly [Name in keyof Fields]: Name extends ReservedName ? never : unknown }
  /** For people. May throw: the line is written all the same. */
  readonly message: string | ((fields: Schema.Struct<Fields>["Type"]) => string)
}

/**
 * Defines a kind of event.
 *
 * A value that does not fit its schema at run time is still recorded, with the field's path in `schema_error`.
 *
 * @throws TypeError when the category is outside `[a-z0-9_.-]{1,64}`: a definition is code, so it fails at once.
 */
export const defineEvent = <const Fields extends Schema.Struct.Fields>(
  form: EventForm<Fields>
): EventConstructor<Fields> => {
  if (toCategory(form.category) !== form.category) {
    throw new TypeError(`defineEvent: category ${JSON.stringify(form.category)} is not [a-z0-9_.-]{1,64}`)
  }
  const rules = compileFields(form.fields)
  const { message } = form
  const level = form.level ?? "info"
  const write = typeof message === "string" ? () => message : (message as EventDefinition["message"])
  const hides = rules.some(({ guard }) => hidesAnything(guard))
  const definition: EventDefinition = {
    category: form.category,
    level,
    levelNumber: levelNumber[level],
    rules,
    names: new Set(rules.map((rule) => rule.name)),
    // The message is made of the fields as they may be shown, so that it cannot tell what they hide.
    message: hides ? (fields) => write(shown(fields, rules)) : write
  }
  const construct = (fields: Schema.Struct<Fields>["Type"]): TypedEvent =>
    new TypedEvent(definition, fields as Readonly<Record<string, unknown>>)
  return Object.assign(construct, { category: form.category, definition, fields: form.fields })
}

const shown = (
  fields: Readonly<Record<string, unknown>>,
  rules: readonly FieldRule[]
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(rules.map(({ name, guard }) => [name, shownAs(fields[name], guard)]))

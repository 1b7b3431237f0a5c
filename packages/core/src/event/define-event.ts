// Typed events: a category, a level, a message and Effect Schema fields become one constructor.
// The schema is compiled once into flat checks (event/field-rule.ts); it never stands between the call and the line.
import type * as Schema from "effect/Schema"
import { eventLimits } from "../limits.ts"
import { toCategory } from "./category.ts"
import { compileFields } from "./field-rule.ts"
import { isReservedName, type ReservedName } from "./head.ts"
import { type Level, levelNumber, levels, readLevel } from "./level.ts"
import { type EventDefinition, TypedEvent } from "./typed-event.ts"

/** A kind of event, for readers: a catalogue is a list of these. */
export interface EventKind {
  readonly category: string
  readonly definition: EventDefinition
  /** The schemas as they were given, for readers that decode. */
  readonly fields: Schema.Struct.Fields
}

/** Makes one event of a kind: `audit.log(Uploaded({ filename, bytes }))`. A wrong or missing field does not compile. */
export interface EventConstructor<Values extends object> extends EventKind {
  (fields: Values): TypedEvent
}

/** What `defineEvent` takes. */
export interface EventForm<Fields extends Schema.Struct.Fields> {
  /** At most 64 letters and digits of any script, in lower case, and `_ . -`. */
  readonly category: string
  /** Default "info"; one call may still raise it. */
  readonly level?: Level
  /** Written in this order. A reserved name (`ts`, `id`, `seq`, …) does not compile. */
  readonly fields: Fields & { readonly [Name in keyof Fields]: Name extends ReservedName ? never : unknown }
  /** For people. May throw: the line is written all the same. */
  readonly message: string | ((fields: Schema.Struct<Fields>["Type"]) => string)
}

/**
 * Defines a kind of event. The type of its values is written out in the result, so that an editor shows the fields.
 *
 * A value that does not fit its schema at run time is still recorded, with the field's path in `schema_error`.
 *
 * @throws TypeError when the category is none as it stands, the level's word is unknown, or a field's name is reserved or holds
 * characters that cannot be seen: a definition is code, so it fails at once.
 */
export const defineEvent = <const Fields extends Schema.Struct.Fields>(
  form: EventForm<Fields>
): EventConstructor<{
  readonly [Name in keyof Schema.Struct<Fields>["Type"]]: Schema.Struct<Fields>["Type"][Name]
}> => {
  if (toCategory(form.category) !== form.category) {
    throw new TypeError(
      `defineEvent: category ${JSON.stringify(form.category)} is not 1 to 64 letters and digits in lower case, "_", "." and "-"`
    )
  }
  const level = form.level === undefined ? "info" : readLevel(form.level)
  if (level === undefined)
    throw new TypeError(
      `defineEvent: level ${JSON.stringify(form.level)} is unknown; the levels are ${levels.join(", ")}`
    )
  const odd = Object.keys(form.fields).find((name) => !isFieldName(name))
  if (odd !== undefined) {
    throw new TypeError(
      `defineEvent: field name ${JSON.stringify(odd)} is reserved, longer than 256 characters, or holds control characters`
    )
  }
  const rules = compileFields(form.fields)
  const definition: EventDefinition = {
    category: form.category,
    level,
    levelNumber: levelNumber[level],
    rules,
    names: new Set(rules.map((rule) => rule.name)),
    message: form.message as EventDefinition["message"]
  }
  const construct = (fields: object): TypedEvent =>
    new TypedEvent(definition, fields as Readonly<Record<string, unknown>>)
  return Object.assign(construct, { category: form.category, definition, fields: form.fields })
}

// Control, bidi and separator characters, lone surrogates: no name has them but by mistake. A reserved name would stand
// on the line twice; callers without types are not stopped by the compiler.
const isFieldName = (name: string): boolean =>
  name.length <= eventLimits.keyCharsMax && !isReservedName(name) && !/[\p{C}\u2028\u2029]/u.test(name)

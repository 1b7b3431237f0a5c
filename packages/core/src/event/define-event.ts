// Typed events: a category, a level, a message and Effect Schema fields become one constructor.
// The schema is compiled once into flat checks (event/field-rule.ts); it never stands between the call and the line.
import type * as Schema from "effect/Schema"
import { compileFields } from "./field-rule.ts"
import type { ReservedName } from "./head.ts"
import type { Level } from "./level.ts"
import { makeEvent } from "./make-event.ts"
import type { EventConstructor } from "./typed-event.ts"

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
  const construct = makeEvent(form, (fields) => compileFields(fields))
  return construct as ReturnType<typeof defineEvent<Fields>>
}

// Typed events without Effect: the same constructors as define-event.ts makes, for a page and its server alike. field-kinds.ts
// has the kinds of our own, and what may be shown of a field.
import { type FieldFacts, factsOf, fitsField, type ValuesOf } from "./field-kinds.ts"
import type { FieldRule } from "./field-rule.ts"
import { hidesAnything } from "./guard.ts"
import type { ReservedName } from "./head.ts"
import type { Level } from "./level.ts"
import { makeEvent } from "./make-event.ts"
import { isStandardField, type StandardField } from "./standard-field.ts"
import type { EventConstructor } from "./typed-event.ts"

type AnyFields = Readonly<Record<string, StandardField>>

/** What `defineEvent` takes. */
export interface StandardEventForm<Fields extends AnyFields> {
  /** At most 64 letters and digits of any script, in lower case, and `_ . -`. */
  readonly category: string
  /** Default "info"; one call may still raise it. */
  readonly level?: Level
  /** Any Standard Schema, or `text`, `number` and the other kinds. A reserved name (`ts`, `id`, `seq`, …) does not compile. */
  readonly fields: Fields & { readonly [Name in keyof Fields]: Name extends ReservedName ? never : unknown }
  /** For people. May throw: the line is written all the same. */
  readonly message: string | ((fields: ValuesOf<Fields>) => string)
}

/**
 * Defines a kind of event. A value that does not fit its schema is still recorded, with the field's name in `schema_error`; so is
 * one whose schema answers with a promise.
 *
 * @throws TypeError when the category is none as it stands, the level's word is unknown, a field's name is reserved or holds
 * characters that cannot be seen, or a field is no Standard Schema.
 */
export const defineEvent = <const Fields extends AnyFields>(
  form: StandardEventForm<Fields>
): EventConstructor<ValuesOf<Fields>> =>
  makeEvent(form, (fields) =>
    Object.entries(fields as Readonly<Record<string, unknown>>).map(([name, field]) => {
      if (isStandardField(field)) return ruleOf(name, field, factsOf(field))
      throw new TypeError(
        `defineEvent: field ${JSON.stringify(name)} is no Standard Schema; of Effect's, Schema.toStandardSchemaV1 makes one`
      )
    })
  ) as EventConstructor<ValuesOf<Fields>>

const ruleOf = (name: string, field: StandardField, { guard, keysBelow }: FieldFacts): FieldRule => ({
  name,
  keyBytes: new TextEncoder().encode(`,${JSON.stringify(name)}:`),
  guard,
  hides: hidesAnything(guard),
  keysBelow,
  fits: (value) => fitsField(field, value)
})

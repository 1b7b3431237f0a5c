// From a form to a constructor, whatever its fields are made of. Owns the checks that a definition, which is code, fails at once:
// its category, its level, and the names of its fields.
import { eventLimits } from "../limits.ts"
import { toCategory } from "./category.ts"
import type { FieldRule } from "./field-rule.ts"
import { isReservedName } from "./head.ts"
import { type Level, levelNumber, levels, readLevel } from "./level.ts"
import { type EventConstructor, type EventDefinition, TypedEvent } from "./typed-event.ts"

interface AnyForm<Fields> {
  readonly category: string
  readonly level?: Level
  readonly fields: Fields
  readonly message: unknown
}

/** @throws TypeError for an invalid category, level or name of a field. */
export const makeEvent = <Fields extends object>(
  form: AnyForm<Fields>,
  compile: (fields: Fields) => readonly FieldRule[]
): EventConstructor<object> => {
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
  const rules = compile(form.fields)
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
  const fields = form.fields as Readonly<Record<string, unknown>>
  return Object.assign(construct, { category: form.category, definition, fields })
}

// Control, bidi and separator characters, lone surrogates: no name has them but by mistake. A reserved name would stand
// on the line twice; callers without types are not stopped by the compiler.
const isFieldName = (name: string): boolean =>
  name.length <= eventLimits.keyCharsMax && !isReservedName(name) && !/[\p{C}\u2028\u2029]/u.test(name)

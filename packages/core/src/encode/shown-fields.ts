// The fields of an event as its message may see them: what a guard or a secret name hides is "[redacted]" there, at any depth, and
// all else is the value itself or a copy of its kind. Texts are not looked at: the whole message is, when it is written.

import type { FieldRule } from "../event/field-rule.ts"
import { type Guard, guardBelow, guardOfItem, hidesByName, mayHide, settled } from "../event/guard.ts"
import { isOneValue, keysOf } from "../event/keys-of.ts"
import type { EventDefinition } from "../event/typed-event.ts"
import { eventLimits } from "../limits.ts"
import type { Fields } from "./fields.ts"
import type { Keys, RuleFacts } from "./keys.ts"
import { kindOf } from "./kind-of.ts"
import { isNamedByItem, isNamedSecret } from "./named-values.ts"

/** The fields themselves, unless one of them may hide something. */
export const shownFields = ({ rules, isInWords }: EventDefinition, fields: Fields, keys: Keys): Fields => {
  const facts = keys.factsOf(rules)
  // A tool call has 30 fields, any of which may hold anything: a view of them took two thirds of the call's time (measured).
  if (isInWords === true && facts.secrets === undefined && facts.value === -1) return fields
  return facts.isShown && isAsDefined(fields, rules, keys) ? fields : viewOf(fields, rules, facts, keys)
}

// What does not fit its schema may have any keys. The encoder has the values and the answers too, so that no field is read or checked
// twice, and what was checked is what is written.
const isAsDefined = (fields: Fields, rules: readonly FieldRule[], keys: Keys): boolean => {
  const { checked } = keys
  checked.fields = undefined
  let all = true
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index] as FieldRule
    const value = fields[rule.name]
    const fits = rule.fits(value)
    checked.values[index] = value
    checked.fits[index] = fits
    if (!fits) all = false
  }
  checked.rules = rules
  checked.fields = fields
  return all
}

// A field that may hide something is looked through when the message reads it: most messages read one or two.
const viewOf = (
  fields: Fields,
  rules: readonly FieldRule[],
  { secrets, value }: RuleFacts,
  keys: Keys
): Fields => {
  const view: Record<string, unknown> = {}
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index] as FieldRule
    const { name } = rule
    const isSecret = secrets?.[index] === true || (index === value && isNamedSecret(fields, keys))
    if (isSecret) view[name] = redactedMember(fields, name)
    else
      Object.defineProperty(view, name, { enumerable: true, get: () => shownField(fields[name], rule, keys) })
  }
  return view
}

const redacted = "[redacted]"

const redactedOf = (value: unknown): unknown => (value === undefined ? undefined : redacted)

// A getter's own error may quote what it has.
const redactedMember = (owner: Fields, name: string): unknown => {
  try {
    return redactedOf(owner[name])
  } catch {
    return redacted
  }
}

const shownField = (value: unknown, rule: FieldRule, keys: Keys): unknown =>
  rule.hides && !rule.fits(value)
    ? redactedOf(value)
    : new Shown(keys).of(value, rule.guard, keys.of(rule.name).isFlatList)

/** One value, with copies in place of what it hides. */
class Shown {
  /** A message shows no more. */
  private left: number = eventLimits.itemsMax
  private readonly keys: Keys

  constructor(keys: Keys) {
    this.keys = keys
  }

  /** `isFlat` where a list may have names and values by turns. */
  of(value: unknown, given: Guard, isFlat = false): unknown {
    const guard = settled(given)
    if (guard.as !== undefined) return redactedOf(value)
    if (typeof value !== "object" || value === null) return value
    if ((!guard.isSearched && !mayHide(guard)) || isOneValue(value)) return value
    this.left -= 1
    if (this.left < 0) return "[Truncated: items]"
    if (Array.isArray(value)) return this.list(value, guard, isFlat)
    switch (kindOf(value)) {
      case "Map":
        return new Map(
          this.taken(value as ReadonlyMap<unknown, unknown>, ([key, inner]) => [
            key,
            this.entry(key, inner, guard)
          ])
        )
      case "Set":
        return new Set(
          this.taken(value as ReadonlySet<unknown>, (inner) => this.of(inner, guardBelow(guard)))
        )
      case "Headers":
      case "FormData":
      case "URLSearchParams":
        return this.pairs(value as Pairs)
      case "Error":
      case undefined:
        return this.object(value, guard)
      default:
        return value
    }
  }

  private taken<Item, Made>(items: Iterable<Item>, make: (item: Item) => Made): Made[] {
    const made: Made[] = []
    for (const item of items) {
      if (made.length === eventLimits.itemsMax) break
      made.push(make(item))
    }
    return made
  }

  private list(items: readonly unknown[], guard: Guard, isFlat: boolean): readonly unknown[] {
    const shown: unknown[] = []
    const length = Math.min(items.length, eventLimits.itemsMax)
    for (let index = 0; index < length; index++) {
      const isNamed = isNamedByItem(items[index - 1], index, items.length, isFlat, this.keys)
      const below = guardOfItem(guard, index)
      shown.push(isNamed && hidesByName(below) ? redacted : this.of(items[index], below))
    }
    return shown
  }

  private entry(key: unknown, value: unknown, guard: Guard): unknown {
    const below = typeof key === "string" ? guardBelow(guard, key) : guardBelow(guard)
    const facts = typeof key === "string" ? this.keys.of(key) : undefined
    const isSecret = facts?.isSecret === true && hidesByName(below)
    return isSecret ? redactedOf(value) : this.of(value, below, facts?.isFlatList)
  }

  private member(owner: Fields, name: string, guard: Guard): unknown {
    const below = guardBelow(guard, name)
    const facts = this.keys.of(name)
    const isSecret = facts.isSecret || (name === "value" && isNamedSecret(owner, this.keys))
    return isSecret && hidesByName(below)
      ? redactedMember(owner, name)
      : this.of(owner[name], below, facts.isFlatList)
  }

  private pairs(value: Pairs): unknown {
    const shown = new (value.constructor as new () => Pairs)()
    for (const [name, inner] of this.taken(value, (pair) => pair))
      shown.append(name, this.keys.isSecret(name) ? redacted : inner)
    return shown
  }

  // Its class stays, so that a message may call what an option or a class of the application has.
  private object(value: object, guard: Guard): unknown {
    const opened = guard.isStrict ? guard.open?.(value) : undefined
    // A list of Effect's is a tree of nodes, which no name leads through; an option has its value as a member of its own.
    if (opened !== undefined && "values" in opened) return this.object(opened, { ...guard, open: undefined })
    const names = keysOf(value)
    const hidden = guard.isStrict ? [...(guard.keys ?? [])].filter(([, { as }]) => as !== undefined) : []
    if (names.length === 0 && hidden.length === 0) return value
    const shown: object = Object.create(Object.getPrototypeOf(value))
    const set = (name: string, inner: unknown, enumerable: boolean): void => {
      Object.defineProperty(shown, name, { value: inner, enumerable, writable: true, configurable: true })
    }
    const members = value as Fields
    // An error's own, which are not listed.
    for (const name of ["message", "stack", "cause"])
      if (value instanceof Error && Object.hasOwn(value, name)) set(name, members[name], false)
    for (const name of names.slice(0, eventLimits.keysMax)) set(name, this.member(members, name, guard), true)
    // Also what a getter of its class would read, and an error's stack, which has its message.
    for (const [name] of hidden) {
      if (name in value) set(name, redacted, true)
      if (name === "message" && value instanceof Error) set("stack", redacted, false)
    }
    return shown
  }
}

type Pairs = Iterable<readonly [string, unknown]> & { append(name: string, value: unknown): void }

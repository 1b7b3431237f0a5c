// The fields of an event as its message may see them: what a guard or a secret name hides is "[redacted]" there, at any depth, and
// all else is the value itself or a copy of its kind. Texts are not looked at: the whole message is, when it is written.
import { eventLimits } from "../limits.ts"
import type { FieldRule } from "./field-rule.ts"
import { type Guard, guardBelow, guardOfItem, mayHide, settled } from "./guard.ts"
import { isOneValue, keysOf } from "./keys-of.ts"

/** Which names are those of secrets, in one log. */
export interface SecretNames {
  isSecret(name: string): boolean
  /** Which of a definition's fields have such a name; undefined where none has. Remembered for each list of rules. */
  secretsOf(rules: readonly FieldRule[]): readonly boolean[] | undefined
}

type Values = Readonly<Record<string, unknown>>

/**
 * The fields for a message. A field that may hide something is looked through when the message reads it, for most messages read one
 * or two. `secrets` says which of the rules have a secret name.
 */
export const shownFields = (
  fields: Values,
  rules: readonly FieldRule[],
  secrets: readonly boolean[] | undefined,
  names: SecretNames
): Values => {
  const shown: Record<string, unknown> = {}
  for (const [index, rule] of rules.entries()) {
    const { name } = rule
    if (secrets?.[index] === true) shown[name] = redactedOf(fields[name])
    else if (rule.isFlat && !rule.hides) shown[name] = fields[name]
    else
      Object.defineProperty(shown, name, {
        enumerable: true,
        get: () => shownField(fields[name], rule, names)
      })
  }
  return shown
}

const redacted = "[redacted]"

const redactedOf = (value: unknown): unknown => (value === undefined ? undefined : redacted)

const shownField = (value: unknown, rule: FieldRule, names: SecretNames): unknown =>
  rule.hides && !rule.fits(value)
    ? redactedOf(value)
    : shownAs(value, rule.guard, names, { values: eventLimits.itemsMax })

/** `left` is how many values are looked at: a message shows no more. */
const shownAs = (value: unknown, given: Guard, names: SecretNames, left: { values: number }): unknown => {
  const guard = settled(given)
  if (guard.as !== undefined) return redactedOf(value)
  if (typeof value !== "object" || value === null) return value
  if ((!guard.isSearched && !mayHide(guard)) || isOneValue(value)) return value
  left.values -= 1
  if (left.values < 0) return "[Truncated: items]"
  const member = (key: string, inner: unknown): unknown => {
    const below = guardBelow(guard, key)
    return below.isSearched && names.isSecret(key) ? redactedOf(inner) : shownAs(inner, below, names, left)
  }
  const item = (inner: unknown): unknown => shownAs(inner, guardBelow(guard), names, left)
  if (Array.isArray(value))
    return value
      .slice(0, eventLimits.itemsMax)
      .map((inner, index) => shownAs(inner, guardOfItem(guard, index), names, left))
  if (value instanceof Map)
    return new Map(
      [...value].map(([key, inner]) => [key, typeof key === "string" ? member(key, inner) : item(inner)])
    )
  if (value instanceof Set) return new Set([...value].map(item))
  if (isPairs(value)) return shownPairs(value, names)
  const opened = guard.isStrict ? guard.open?.(value) : undefined
  // A list of Effect's is a tree of nodes, which no name leads through; an option has its value as a member of its own.
  if (opened !== undefined && "values" in opened)
    return shownAs(opened, { ...guard, open: undefined }, names, left)
  return shownObject(value, guard, member)
}

// Its class stays, so that a message may call what an option or a class of the application has.
const shownObject = (
  value: object,
  guard: Guard,
  member: (key: string, inner: unknown) => unknown
): unknown => {
  const keys = keysOf(value)
  const hidden = guard.isStrict ? [...(guard.keys ?? [])].filter(([, { as }]) => as !== undefined) : []
  // Dates, URLs and all that has no members.
  if (keys.length === 0 && hidden.length === 0) return value
  const shown: object = Object.create(Object.getPrototypeOf(value))
  const set = (key: string, inner: unknown, enumerable = true): void => {
    Object.defineProperty(shown, key, { value: inner, enumerable, writable: true, configurable: true })
  }
  // An error's own, which are not listed.
  for (const name of ["message", "stack", "cause"])
    if (value instanceof Error && Object.hasOwn(value, name))
      set(name, (value as unknown as Values)[name], false)
  for (const key of keys.slice(0, eventLimits.keysMax)) set(key, member(key, (value as Values)[key]))
  // Also what a getter of its class would read.
  for (const [name] of hidden) if (name in value) set(name, redacted)
  if (value instanceof Error && hidden.some(([name]) => name === "message")) set("stack", redacted, false)
  return shown
}

type Pairs = Iterable<readonly [string, unknown]> & { append(name: string, value: unknown): void }

const pairTags: ReadonlySet<string> = new Set([
  "[object Headers]",
  "[object FormData]",
  "[object URLSearchParams]"
])

const isPairs = (value: object): value is Pairs => pairTags.has(Object.prototype.toString.call(value))

const shownPairs = (value: Pairs, names: SecretNames): unknown => {
  const shown = new (value.constructor as new () => Pairs)()
  for (const [name, inner] of value) shown.append(name, names.isSecret(name) ? redacted : inner)
  return shown
}

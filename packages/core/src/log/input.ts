// What a caller gave, as the event it meant. Owns the two forms of `log` and what a caller without types makes of them:
// every value is turned into something that can be recorded, and nothing throws.
import { describeThrown, exceptionFields, textOf } from "../encode/described.ts"
import type { Fields } from "../encode/fields.ts"
import type { Keys } from "../encode/keys.ts"
import { shownFields } from "../encode/shown-fields.ts"
import { threwMarker } from "../encode/thrown.ts"
import { exceptionCaught } from "../event/built-in.ts"
import { isWholeIn, toCategory } from "../event/category.ts"
import { isWholeLevel, readLevel } from "../event/level.ts"
import { type EventDefinition, readTypedEvent, type TypedEvent } from "../event/typed-event.ts"
import { eventLimits } from "../limits.ts"
import type { EventInput } from "./recorder.ts"
import { readRelayed } from "./relayed-event.ts"

/** `log(event, extras?, options?)` or `log(category, message, extras?, options?)`. */
export const toInput = (
  keys: Keys,
  first: unknown,
  second: unknown,
  third: unknown,
  fourth?: unknown
): EventInput => {
  const typed = readTypedEvent(first)
  if (typed !== undefined) {
    const { definition, fields } = typed
    const { category } = definition
    const word = optionOf(third, "level")
    const level = readLevel(word)
    return {
      category,
      level: level ?? definition.level,
      message: messageOf(definition, fields, keys),
      definition,
      fields,
      extras: second,
      unfit: word === level ? undefined : unfitOf(word, category, category)
    }
  }
  const relayed = readRelayed(first)
  if (relayed !== undefined) return toRelayed(relayed.claims, relayed.facts, relayed.options)
  const name = textOf(first)
  const category = toCategory(name)
  const word = optionOf(fourth, "level")
  const level = readLevel(word)
  return {
    category,
    level: level ?? "info",
    message: textOf(second),
    extras: third,
    unfit: word === level && category === name ? undefined : unfitOf(word, name, category)
  }
}

// What is not whole in its level or category is kept.
const unfitOf = (word: unknown, name: string, category: string): Fields | undefined => {
  const isLevelLost = word !== undefined && word !== null && !isWholeLevel(word)
  const isNameLost = !isWholeIn(category, name)
  if (!isLevelLost && !isNameLost) return undefined
  return { ...(isLevelLost ? { level: word } : {}), ...(isNameLost ? { category: name } : {}) }
}

/** An event of core's own kinds. `more` says what the definition does not. */
export const toBuiltIn = (
  definition: EventDefinition,
  fields: Fields,
  more: Partial<EventInput> = {}
): EventInput => {
  const { category, level } = definition
  return {
    category,
    level,
    message: more.message ?? messageOf(definition, fields),
    definition,
    fields,
    ...more
  }
}

/**
 * An event from elsewhere. Its category, level and message are the sender's, fitted to ours; everything that the sender
 * said stands under `origin`, apart from the facts, which are the application's own.
 */
export const toRelayed = (claims: unknown, facts: unknown, options?: unknown): EventInput => {
  const [category, level, message] = ["category", "level", "message"].map((name) => optionOf(claims, name))
  const user = optionOf(facts, "user")
  const misfits = optionOf(options, "misfits")
  return {
    category: typeof category === "string" ? toCategory(category) : "_",
    level: readLevel(level) ?? "info",
    message: message === undefined ? "" : textOf(message),
    extras: facts,
    origin: claims,
    originAs: definitionOf(optionOf(options, "as")),
    misfits: Array.isArray(misfits) && misfits.length > 0 ? misfitsText(misfits) : undefined,
    ...(typeof user === "string" ? { user } : {})
  }
}

// The guards of an event's definition, which a caller without types may not have given.
const definitionOf = (kind: unknown): EventDefinition | undefined => {
  const definition = optionOf(kind, "definition")
  return Array.isArray(optionOf(definition, "rules")) ? (definition as EventDefinition) : undefined
}

const misfitsText = (names: readonly unknown[]): string =>
  names.slice(0, eventLimits.schemaErrorPathsMax).map(textOf).join(", ")

/** Something thrown. */
export const toException = (where: unknown, error: unknown, extras?: Fields): EventInput => {
  const thrown = describeThrown(error)
  const message = `${textOf(where)}: ${thrown.type}: ${thrown.message}`
  return toBuiltIn(exceptionCaught, exceptionFields(thrown), { extras, message })
}

// A message of core's own is made of words, and needs no keys.
const messageOf = (definition: EventDefinition, fields: TypedEvent["fields"], keys?: Keys): string => {
  const { message } = definition
  if (typeof message === "string") return message
  try {
    return textOf(message(keys === undefined ? fields : shownFields(definition, fields, keys)))
  } catch (error) {
    return threwMarker(error)
  }
}

/** One option of a call; `undefined` when there is none, or when looking at it throws. */
export const optionOf = (options: unknown, name: string): unknown => {
  try {
    return (options as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  } catch {
    return undefined
  }
}

/** How long to wait, in ms: negative counts as 0, and what is no number as not given. */
export const waitLimit = (options: unknown, defaultMs: number): number => {
  const timeoutMs = optionOf(options, "timeoutMs")
  return typeof timeoutMs === "number" && !Number.isNaN(timeoutMs) ? Math.max(0, timeoutMs) : defaultMs
}

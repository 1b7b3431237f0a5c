// A typed event on its way to the log, and how one is recognised: nothing of it is a schema. define-event.ts makes them of
// Effect's schemas, define-standard-event.ts of any others.
import { toCategory } from "./category.ts"
import type { FieldRule } from "./field-rule.ts"
import { isLevel, type Level, levelNumber } from "./level.ts"

/** What the encoder needs to know of an event: nothing of it is Schema. */
export interface EventDefinition {
  readonly category: string
  readonly level: Level
  readonly levelNumber: number
  readonly rules: readonly FieldRule[]
  /** Names of `rules`: other keys of an event are extras. */
  readonly names: ReadonlySet<string>
  readonly message: string | ((fields: Readonly<Record<string, unknown>>) => string)
  /** The message shows texts, numbers and flags of fields, and nothing that is below a field. */
  readonly isInWords?: boolean
}

// Registered, so that an event made by another copy of this package is one too.
const brand: unique symbol = Symbol.for("@daybook/core/TypedEvent") as never

/** What a typed event is made of. */
export interface EventParts {
  readonly definition: EventDefinition
  readonly fields: Readonly<Record<string, unknown>>
}

/** An event ready to be logged. Made by a constructor that `defineEvent` returned. */
export class TypedEvent implements EventParts {
  readonly [brand] = true
  readonly definition: EventDefinition
  readonly fields: Readonly<Record<string, unknown>>
  // Code outside cannot imitate it: an event of this copy of the package whose definition is still its own needs no second look.
  readonly #definition: EventDefinition

  constructor(definition: EventDefinition, fields: Readonly<Record<string, unknown>>) {
    this.definition = definition
    this.fields = fields
    this.#definition = definition
  }

  /** True for an event that this copy of the package made, as it made it. Runs no foreign code. */
  static isOwn(value: object): value is TypedEvent {
    return #definition in value && value.definition === value.#definition
  }
}

/**
 * What a constructor of `defineEvent` made, read once; `undefined` for anything else, also for what only looks like it.
 * Never throws.
 */
export const readTypedEvent = (value: unknown): EventParts | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  return TypedEvent.isOwn(value) ? value : readForeign(value)
}

// An event of another copy, or one behind a proxy.
const readForeign = (value: object): EventParts | undefined => {
  try {
    if (!Object.hasOwn(value, brand)) return undefined
    const { definition, fields } = value as EventParts
    const sound = soundOf(definition)
    return sound === undefined ? undefined : { definition: sound, fields }
  } catch {
    return undefined
  }
}

/** What was judged of definitions of other copies of the package. */
const judged = new WeakMap<EventDefinition, EventDefinition>()

// Category and level go onto the line as they are, so they are read once, and what was read is what counts.
const soundOf = (definition: EventDefinition): EventDefinition | undefined => {
  const known = judged.get(definition)
  if (known !== undefined) return known
  const { category, level, rules, names, message } = definition
  if (toCategory(category) !== category || !isLevel(level)) return undefined
  const sound = { category, level, levelNumber: levelNumber[level], rules, names, message }
  judged.set(definition, sound)
  return sound
}

/** A kind of event, for readers: a catalogue is a list of these. */
export interface EventKind {
  readonly category: string
  readonly definition: EventDefinition
  /** The schemas as they were given, for readers that decode. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Makes one event of a kind: `audit.log(Uploaded({ filename, bytes }))`. A wrong or missing field does not compile. */
export interface EventConstructor<Values extends object> extends EventKind {
  (fields: Values): TypedEvent
}

// Reading a line back as a typed event: each field on its own, so that one that does not fit, an older form or an
// unknown key takes nothing else with it.
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { AuditEvent, EventHead } from "../event/decode-line.ts"
import { hidesAnything } from "../event/guard.ts"
import { type StandardField, standardValue } from "../event/standard-field.ts"
import type { EventConstructor, EventKind } from "../event/typed-event.ts"

/** A line as the event that its definition describes. */
export type ReadEvent<Values extends object> = {
  readonly head: EventHead
  /** What stands on the line and is not the definition's, or does not fit it. Nothing is lost. */
  readonly rest: Readonly<Record<string, unknown>>
} & (
  | { readonly misfits: readonly []; readonly fields: Values }
  /** `misfits` names the fields that are missing, or redacted, cut or written by an older definition. */
  | { readonly misfits: readonly [string, ...string[]]; readonly fields: Partial<Values> }
)

/** Reads a decoded line. `undefined` when it is no event of this category. */
export function readAs<Values extends object>(
  event: EventConstructor<Values>,
  line: AuditEvent
): ReadEvent<Values> | undefined
export function readAs(event: EventKind, line: AuditEvent): ReadEvent<Record<string, unknown>> | undefined
export function readAs(event: EventKind, line: AuditEvent): unknown {
  if (line.kind !== "event" || line.head.category !== event.category) return undefined
  const fields: Record<string, unknown> = Object.create(null)
  const rest: Record<string, unknown> = Object.assign(Object.create(null), line.fields)
  // A relayed event has its fields under `origin`, and beside it what the application knew that relayed it.
  const { origin } = line.head
  const said = isRecord(origin) ? origin : rest
  const misfits: string[] = []
  for (const { name, isOptional, decode } of decodersOf(event)) {
    const isThere = Object.hasOwn(said, name)
    const decoded = isThere ? decode(said[name]) : Option.none()
    if (Option.isSome(decoded)) {
      fields[name] = decoded.value
      if (said === rest) delete rest[name]
    } else if (isThere || !isOptional) misfits.push(name)
  }
  return { head: line.head, fields, rest, misfits }
}

/**
 * The names of fields, as a line holds them, that are missing or do not fit their schema. What an annotation hid before it was
 * written fits: of a secret the line cannot say more.
 */
export const misfitsOf = (event: EventKind, said: Readonly<Record<string, unknown>>): readonly string[] =>
  decodersOf(event)
    .filter(({ name, isOptional, decode }) => {
      if (!Object.hasOwn(said, name)) return !isOptional
      const guard = event.definition.rules.find((rule) => rule.name === name)?.guard
      if (said[name] === "[redacted]" || (guard !== undefined && hidesAnything(guard))) return false
      return Option.isNone(decode(said[name]))
    })
    .map(({ name }) => name)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const standardOption = (schema: StandardField, value: unknown): Option.Option<unknown> => {
  const read = standardValue(schema, value)
  return read === undefined ? Option.none() : Option.some(read.value)
}

interface FieldDecoder {
  readonly name: string
  readonly isOptional: boolean
  decode(value: unknown): Option.Option<unknown>
}

const known = new WeakMap<object, readonly FieldDecoder[]>()

// Compiled once a definition: a reader goes over a million lines.
const decodersOf = ({ fields, definition }: EventKind): readonly FieldDecoder[] => {
  const found = known.get(fields)
  if (found !== undefined) return found
  const decoders = Object.keys(fields).map((name) => {
    const schema = fields[name] as Schema.Codec<unknown> | StandardField
    if (!("ast" in schema)) {
      const rule = definition.rules.find((one) => one.name === name)
      return {
        name,
        isOptional: rule?.fits(undefined) === true,
        decode: (value: unknown) => standardOption(schema, value)
      }
    }
    return {
      name,
      isOptional: schema.ast.context?.isOptional === true,
      decode: Schema.decodeUnknownOption(Schema.toCodecJson(schema))
    }
  })
  known.set(fields, decoders)
  return decoders
}

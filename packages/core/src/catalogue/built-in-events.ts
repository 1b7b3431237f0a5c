// What core itself records, as typed events: for readers that decode, for bundles that say what happens to each field,
// and for applications that record such an event on their own. event/built-in.ts has what core writes with; here
// each field gets its schema, and nothing else.
import * as Schema from "effect/Schema"
import { unitsOfPoints } from "../encode/code-points.ts"
import { copyOf, type Fields, hasName, isFields, namesOf } from "../encode/fields.ts"
import {
  exceptionCaught,
  operationTimed,
  pageOpened,
  recordingChanged,
  sessionEnded,
  sessionStarted,
  toolCalled,
  toolSnippetCharsMax
} from "../event/built-in.ts"
import { compileFields } from "../event/field-rule.ts"
import type { EventConstructor, EventKind } from "../event/typed-event.ts"
import { type EventDefinition, TypedEvent } from "../event/typed-event.ts"
import { eventLimits } from "../limits.ts"

/**
 * Fields that mean the same on any event, for your own definitions as well: who did it, to what, how it went, and why.
 * `fields: { filename: Schema.String, ...standardFields }`.
 */
export const standardFields = {
  actor: Schema.optionalKey(Schema.String),
  target: Schema.optionalKey(Schema.String),
  outcome: Schema.optionalKey(Schema.Literals(["success", "failure", "denied"])),
  reason: Schema.optionalKey(Schema.String)
} as const

// The same definition that core writes with; only the checks come from the schemas. The values are written out in the
// result, so that an editor shows them and not a name for them.
const withSchemas = <const Fields extends Schema.Struct.Fields>(
  definition: EventDefinition,
  fields: Fields
): EventConstructor<{
  readonly [Name in keyof Values<Fields>]: Values<Fields>[Name]
}> => {
  const all = { ...standardFields, ...fields }
  const checks = new Map(compileFields(all).map(({ name, fits }) => [name, fits]))
  const rules = definition.rules.map((rule) => ({ ...rule, fits: checks.get(rule.name) ?? rule.fits }))
  const checked: EventDefinition = { ...definition, rules }
  const construct = (values: object): TypedEvent =>
    new TypedEvent(checked, values as Readonly<Record<string, unknown>>)
  return Object.assign(construct, { category: definition.category, definition: checked, fields: all })
}

// Fields with others in their place, each read once, and no more of them than a line takes. What is no object of fields goes on as
// it is.
const withOthers = <Given extends object>(
  { definition }: EventKind,
  fields: Given,
  others: (given: Fields) => Fields
): Given => {
  if (!isFields(fields)) return fields
  const known = [...definition.names].filter((name) => hasName(fields, name))
  const strays = namesOf(fields).filter((name) => !definition.names.has(name))
  const given = copyOf(fields, [...known, ...strays.slice(0, eventLimits.keysMax + 1)])
  return { ...given, ...others(given) } as unknown as Given
}

type Values<Fields extends Schema.Struct.Fields> = Schema.Struct<Fields & typeof standardFields>["Type"]

const text = Schema.optionalKey(Schema.String)
const anything = Schema.optionalKey(Schema.Unknown)

/** Who runs where: recorded by `sessionStart`. */
export const SessionStarted = withSchemas(sessionStarted, {
  platform: Schema.String,
  runtime: Schema.String,
  runtime_version: Schema.String,
  user: Schema.String,
  cwd: Schema.String,
  tz_offset: Schema.String,
  log_file: text,
  filtered: anything,
  layout: anything,
  sealed: anything
})

/** The end of a session that was started: recorded by `close`. A session without it broke off. */
export const SessionEnded = withSchemas(sessionEnded, { duration_ms: Schema.Finite })

const allowed = Schema.Union([Schema.Literal("all"), Schema.Array(Schema.String)])

/** Another allow-list or level from now on: recorded by `setRecording`. */
export const RecordingChanged = withSchemas(recordingChanged, {
  allow: allowed,
  level_min: Schema.String,
  allow_before: allowed,
  level_min_before: Schema.String
})

/** Recorded by `pageOpen`. */
export const PageOpened = withSchemas(pageOpened, { page: Schema.String })

/** Recorded by `exception`, and for an uncaught error. */
export const ExceptionCaught = withSchemas(exceptionCaught, {
  exc_type: Schema.String,
  exc_message: Schema.String,
  exc_stack: text,
  exc_cause: anything,
  exc_fields: anything
})

const timed = withSchemas(operationTimed, {
  action: Schema.String,
  /** By which way it came: `http`, `mcp`, `harness`, … */
  transport: text,
  bank_id: Schema.optionalKey(Schema.NullOr(Schema.String)),
  duration_ms: Schema.optionalKey(Schema.Finite),
  started_at: Schema.optionalKey(Schema.Date),
  ended_at: Schema.optionalKey(Schema.Date),
  request: anything,
  response: anything,
  metadata: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  exc_type: text,
  exc_message: text,
  exc_stack: text,
  exc_cause: anything,
  exc_fields: anything
})

/**
 * Recorded by `timed`. One that is recorded by hand started and ended now, with empty metadata, unless it says
 * otherwise; null says nothing there. Say lengths, counts and ids rather than the text itself.
 */
export const OperationTimed: typeof timed = Object.assign(
  (fields: Parameters<typeof timed>[0]): TypedEvent => {
    const now = new Date()
    const others = ({ started_at: start, ended_at: end, metadata }: Fields): Fields => ({
      started_at: start ?? now,
      ended_at: end ?? now,
      metadata: metadata ?? {}
    })
    return timed(withOthers(timed, fields, others))
  },
  { category: timed.category, definition: timed.definition, fields: timed.fields }
)

const called = withSchemas(toolCalled, {
  tool: Schema.String,
  args: Schema.Unknown,
  status: Schema.Literals(["ok", "error", "denied", "cancelled", "pending"]),
  result_chars: Schema.Int,
  result_snippet: Schema.String,
  /** Of each image, sound or file in it: its type, and its size in bytes. */
  result_media: anything,
  engine: text,
  model: text,
  duration_ms: Schema.optionalKey(Schema.Finite),
  call_id: text,
  rpc_id: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite])),
  source: text,
  server: text,
  client: text,
  client_id: text,
  mcp_session: text,
  agent: text,
  run_id: text,
  parent_run_id: text,
  traceparent: text,
  /** `{ decision, by, at, via, reason }`. */
  approval: anything,
  exc_type: text,
  exc_message: text,
  exc_stack: text,
  exc_cause: anything,
  exc_fields: anything
})

/** Recorded by `auditTool` and `recordToolCall`. A snippet is cut to its first 300 characters. */
export const ToolCalled: typeof called = Object.assign(
  (fields: Parameters<typeof called>[0]): TypedEvent =>
    called(
      withOthers(called, fields, ({ result_snippet: text }) =>
        typeof text === "string"
          ? { result_snippet: text.slice(0, unitsOfPoints(text, toolSnippetCharsMax)) }
          : {}
      )
    ),
  { category: called.category, definition: called.definition, fields: called.fields }
)

/** All of them: a catalogue for readers, bundles and `describePrivacy`. */
export const builtInEvents: readonly EventKind[] = [
  SessionStarted,
  SessionEnded,
  RecordingChanged,
  PageOpened,
  ExceptionCaught,
  OperationTimed,
  ToolCalled
]

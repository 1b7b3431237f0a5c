// The entry of `@daybook/core/event`: typed events without Effect, of kinds of our own or of any Standard Schema.
// One file with an application's events serves its page and its server.
export { defineEvent, type StandardEventForm } from "./event/define-standard-event.ts"
export {
  type FieldKind,
  flag,
  integer,
  keep,
  list,
  number,
  oneOf,
  optional,
  plain,
  pseudonym,
  secret,
  struct,
  text,
  truncate,
  type ValuesOf
} from "./event/field-kinds.ts"
export type { StandardField } from "./event/standard-field.ts"
export type { EventConstructor, EventDefinition, EventKind, TypedEvent } from "./event/typed-event.ts"

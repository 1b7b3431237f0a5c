// The entry of `@daybook/core/event`: typed events without Effect. One file with them serves a page and its server.
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

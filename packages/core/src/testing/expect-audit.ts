// Assertions about what an application has recorded, for any test runner: they throw an Error that says what was
// recorded instead. Asymmetric matchers of vitest, jest and others are understood where a value may stand.
import type { AuditEvent } from "../event/decode-line.ts"
import type { EventConstructor } from "../event/typed-event.ts"
import type { TestAudit } from "./test-audit.ts"

/** A definition, or a category. */
type Wanted<Values extends object> = EventConstructor<Values> | string

/** Fields to look for, each a value or a matcher such as `expect.any(Number)`; nested ones may be named in part. */
export type WantedFields<Values extends object> = { readonly [Name in keyof Values]?: unknown } & {
  readonly [name: string]: unknown
}

export interface AuditExpectation {
  /** At least one event of this definition or category has these fields. */
  toHaveRecorded<Values extends object>(event: Wanted<Values>, fields?: WantedFields<Values>): void
  /** Exactly so many have. */
  toHaveRecordedTimes<Values extends object>(
    count: number,
    event: Wanted<Values>,
    fields?: WantedFields<Values>
  ): void
  /** None has. */
  notToHaveRecorded<Values extends object>(event: Wanted<Values>, fields?: WantedFields<Values>): void
}

/** `expectAudit(audit).toHaveRecorded(Uploaded, { filename: "customers.csv" })` */
export const expectAudit = (audit: TestAudit): AuditExpectation => {
  const judge = <Values extends object>(
    isRight: (count: number) => boolean,
    expected: string,
    event: Wanted<Values>,
    fields: Readonly<Record<string, unknown>> = {}
  ): void => {
    const found = matching(audit, event, fields)
    if (isRight(found)) return
    const category = typeof event === "string" ? event : event.category
    throw new Error(
      `expected ${expected} "${category}" with ${show(fields)}, found ${found}; ${describe(audit.events)}`
    )
  }
  return {
    toHaveRecorded: (event, fields) => judge((count) => count > 0, "an event", event, fields),
    toHaveRecordedTimes: (wanted, event, fields) =>
      judge((count) => count === wanted, `${wanted} events`, event, fields),
    notToHaveRecorded: (event, fields) => judge((count) => count === 0, "no event", event, fields)
  }
}

// A field is looked for as its definition types it, and as it stands on the line.
const matching = <Values extends object>(
  audit: TestAudit,
  event: Wanted<Values>,
  fields: Readonly<Record<string, unknown>>
): number => {
  if (typeof event === "string") {
    return audit.events.filter((line) => line.head.category === event && matches(line.fields, fields)).length
  }
  return audit.eventsOf(event).filter((read) => matches({ ...read.rest, ...read.fields }, fields)).length
}

const matches = (actual: unknown, wanted: unknown): boolean => {
  if (!isObject(wanted)) return Object.is(actual, wanted)
  if ("asymmetricMatch" in wanted && typeof wanted.asymmetricMatch === "function") {
    return wanted.asymmetricMatch(actual) === true
  }
  if (!isObject(actual)) return false
  if (wanted instanceof Date) return actual instanceof Date && actual.getTime() === wanted.getTime()
  if (Array.isArray(wanted) && !(Array.isArray(actual) && actual.length === wanted.length)) return false
  return Object.keys(wanted).every((name) => matches(actual[name], wanted[name]))
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const shownMax = 10

const describe = (events: readonly AuditEvent[]): string => {
  if (events.length === 0) return "nothing was recorded"
  const shown = events.slice(-shownMax).map(({ head, fields }) => `  ${head.category} ${show(fields)}`)
  const which = events.length > shownMax ? `the last ${shownMax} of ${events.length} were` : "recorded were"
  return `${which}:\n${shown.join("\n")}`
}

// Matchers have a text of their own, which JSON does not show.
const show = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner) && "asymmetricMatch" in inner ? String(inner) : inner
  )

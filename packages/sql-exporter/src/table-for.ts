// A table of the application's, filled from one kind of event: which columns, and what goes into each. The table stays as it
// is; typed-rows.ts makes its rows.
import {
  type AuditEvent,
  checkOptions,
  type EventConstructor,
  type EventKind,
  type OptionRules,
  optionRule
} from "@daybook/core"
import { identifierForm, isIdentifier } from "./identifier.ts"
import { checkRetention, type TableRetention } from "./table-retention.ts"

/** What goes into a column: the value of a field, by its name, or what a function makes of the event. */
export type ColumnSource<Values extends object> =
  | (keyof Values & string)
  | ((fields: Partial<Values>, event: AuditEvent) => unknown)

export interface TableOptions<Values extends object> {
  /** The table's name. A dot is part of it; the exporter's option `schema` says where the table is. */
  readonly table: string
  /** Names of columns, and what goes into each. A field that is missing, or does not fit its definition, is absent. */
  readonly columns: Readonly<Record<string, ColumnSource<Values>>>
  /** The column for the event's key, a UUID: with a unique index, a repeated event stays one row. Default "event_id". */
  readonly key?: string | undefined
  /** `kind` of the same events in the queue file of an older system, whose lines have no category. */
  readonly kind?: string | undefined
  /** Deletes old rows. */
  readonly retention?: TableRetention | undefined
}

/** A table and what fills it, for the exporter's option `tables`. */
export interface SqlTable {
  readonly event: EventKind
  readonly table: string
  readonly columns: readonly (readonly [name: string, source: UntypedSource])[]
  readonly key: string
  readonly kind: string | undefined
  readonly retention: TableRetention | undefined
}

type UntypedSource = string | ((fields: Readonly<Record<string, unknown>>, event: AuditEvent) => unknown)

const rules: OptionRules = {
  table: identifier("uploads"),
  columns: optionRule.object("an object of columns"),
  key: identifier("event_id"),
  kind: optionRule.text("use_log"),
  retention: optionRule.object("an object of days and column")
}

function identifier(example: string): OptionRules[string] {
  return { mustBe: `a name such as "${example}": ${identifierForm}`, isRight: isIdentifier }
}

/**
 * Fills a table with the events of one definition. A column `ts`, and the column of the key, are filled when the table has them.
 *
 * @throws TypeError for an option that can never work.
 */
export const tableFor = <Values extends object>(
  event: EventConstructor<Values>,
  options: TableOptions<Values>
): SqlTable => {
  checkOptions("tableFor", options, rules)
  const { table, key = "event_id", kind, retention } = options
  if (!isIdentifier(table)) throw new TypeError('tableFor: the option "table" is missing')
  checkRetention("tableFor", retention)
  const columns = Object.entries(options.columns ?? {})
  for (const [name, source] of columns) checkColumn(name, source, event)
  if (columns.length === 0) throw new TypeError('tableFor: the option "columns" names no column')
  return { event, table, columns: columns as SqlTable["columns"], key, kind, retention }
}

const checkColumn = (name: string, source: unknown, { fields }: EventKind): void => {
  if (!isIdentifier(name))
    throw new TypeError(`tableFor: ${JSON.stringify(name)} is no column name: ${identifierForm}`)
  const isField = typeof source === "string" && Object.hasOwn(fields, source)
  if (!isField && typeof source !== "function")
    throw new TypeError(`tableFor: column "${name}" must be a field of the event, or a function`)
}

// Rows of a table of the application's: an event of its definition is read back, and written into the columns that the table
// has. The database says which those are, and of what type.
import type { AuditEvent } from "@daybook/core"
import { readAs } from "@daybook/core/catalogue"
import { utcText } from "./audit-rows.ts"
import type { EventLine } from "./event-line.ts"
import { fittingJson, fittingText } from "./fitting-text.ts"
import type { ColumnFacts, Flavor, InsertTarget, SqlRow, SqlValue, TablePlace } from "./flavor.ts"
import { jsonText } from "./json-text.ts"
import { thrownName, UnfitRow, WrongSetup } from "./sql-error.ts"
import type { SqlTable } from "./table-for.ts"

/** The event as the table's definition reads it; `undefined` when it is of another kind. */
export const asEventOf = (table: SqlTable, event: AuditEvent): AuditEvent | undefined => {
  if (event.kind !== "event") return undefined
  const { category } = table.event
  if (event.head.category === category) return event
  const isOlder = event.head.category === "" && table.kind !== undefined && event.fields.kind === table.kind
  return isOlder ? { ...event, head: { ...event.head, category } } : undefined
}

/** How the rows of a table are made, given the columns that it has. */
export interface RowMaker {
  readonly target: InsertTarget
  /** @throws UnfitRow when a column's function throws. */
  row(line: EventLine): SqlRow
}

/** `onReplaced` is called when characters had to be replaced. */
export const rowMaker = (
  table: SqlTable,
  place: TablePlace,
  known: ReadonlyMap<string, ColumnFacts>,
  flavor: Flavor,
  onReplaced: () => void
): RowMaker => {
  const sources = new Map<string, Source>()
  for (const [name, source] of table.columns) {
    if (!known.has(name))
      throw new WrongSetup(`it has no column "${name}"; compare it with the option tables`)
    sources.set(name, typeof source === "string" ? (fields) => fields[source] : source)
  }
  if (known.has(table.key)) sources.set(table.key, (_fields, _event, key) => key)
  if (known.has("ts") && !sources.has("ts")) sources.set("ts", (_fields, { head }) => utcText(head.ts))
  const columns = [...sources.keys()].map((name) => known.get(name) as ColumnFacts)
  const makers = [...sources.values()]
  const hasKey = known.get(table.key)?.isUnique === true
  return {
    target: { place, columns, unique: hasKey ? table.key : undefined, bodyHash: undefined },
    row: ({ event, key }) => {
      const read = readAs(table.event, event)
      const fields = read?.fields ?? {}
      return makers.map((make, at) => {
        const { name, kind } = columns[at] as ColumnFacts
        return toSqlValue(madeBy(make, name, fields, event, key), kind, flavor, onReplaced)
      })
    }
  }
}

type Source = (fields: Readonly<Record<string, unknown>>, event: AuditEvent, key: string) => unknown

const madeBy = (
  make: Source,
  column: string,
  fields: Readonly<Record<string, unknown>>,
  event: AuditEvent,
  key: string
): unknown => {
  try {
    return make(fields, event, key)
  } catch (error) {
    throw new UnfitRow(`the function of column "${column}" threw ${thrownName(error)}`)
  }
}

const toSqlValue = (
  value: unknown,
  kind: ColumnFacts["kind"],
  flavor: Flavor,
  onReplaced: () => void
): SqlValue => {
  const fit = (text: string | null): string | null => {
    if (text === null) return null
    const fitting = fittingText(text, flavor.holdsNul)
    if (fitting !== undefined) onReplaced()
    return fitting?.text ?? text
  }
  if (value === undefined || value === null) return null
  if (kind === "json") {
    const json = jsonText(value)
    if (json === null || !flavor.checksJson) return json
    const fitting = fittingJson(json, flavor.holdsNul)
    if (fitting.replaced > 0) onReplaced()
    return fitting.text
  }
  if (typeof value === "string") return fit(kind === "time" ? timeOf(value, flavor) : value)
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value)
  if (typeof value === "bigint") return value
  if (typeof value === "boolean") return flavor.booleanValue(value)
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? null : flavor.timeText(value.toISOString())
  return fit(jsonText(value))
}

// A text with an offset is an instant; one without is local time, and stays as it is.
const timeOf = (text: string, flavor: Flavor): string => {
  const iso = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? utcText(text) : undefined
  return iso === undefined ? text : flavor.timeText(iso)
}

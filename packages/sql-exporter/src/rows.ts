// From a batch to rows that are there: which database, schema and table each line goes to, and one transaction after another, in
// the order in which their tables come up. One for each opening of the exporter.
import type { AuditEvent, Batch } from "@daybook/core"
import type { Dialect } from "kysely"
import { auditRow, auditTarget } from "./audit-rows.ts"
import { type Database, databaseOfDialect, databaseOfPool, type SqlPool } from "./database.ts"
import { eventKeyOf } from "./event-key.node.ts"
import type { EventLine } from "./event-line.ts"
import type { TablePlace } from "./flavor.ts"
import { identifierForm, isIdentifier } from "./identifier.ts"
import { sqlLimits } from "./limits.ts"
import { textLines } from "./lines.ts"
import { migrate, toSchema } from "./migrate.ts"
import type { SweptTable } from "./retention.ts"
import { NotYet, type Stage, thrownName, toExportError, UnfitRow, WrongSetup } from "./sql-error.ts"
import type { SqlTable } from "./table-for.ts"
import type { TableRetention } from "./table-retention.ts"
import { timeLimit } from "./turn.ts"
import { asEventOf, rowMaker } from "./typed-rows.ts"
import { type Progress, type RowsOfTable, writeRows } from "./write-rows.ts"

export interface RowsOptions {
  readonly dialect?: Dialect | undefined
  readonly pool?: ((event?: AuditEvent) => SqlPool | undefined) | undefined
  readonly schema?: string | ((event: AuditEvent) => string | undefined) | undefined
  readonly schemas?: readonly string[] | undefined
  readonly tables?: readonly SqlTable[] | undefined
  readonly table?: string | false | undefined
  readonly migrate?: boolean | undefined
  readonly retention?: TableRetention | undefined
  readonly notice: (text: string) => void
}

/** Lines of one table of one schema of one database. */
interface Group {
  readonly database: Database
  readonly place: TablePlace
  /** The application's table; absent for the exporter's own. */
  readonly typed: SqlTable | undefined
  readonly lines: EventLine[]
}

export class Rows {
  private readonly options: RowsOptions
  private readonly own: Database | undefined
  private readonly byPool = new WeakMap<object, Database>()
  /** Where rows went, for the sweep. */
  private readonly seen = new Map<Database, Map<string, TablePlace>>()
  /** What was noticed once. */
  private readonly noticed = new Set<string>()
  /** The transaction that is under way, or was left when its export was stopped. */
  private underWay: Promise<unknown> | undefined

  constructor(options: RowsOptions) {
    this.options = options
    this.own = options.dialect === undefined ? undefined : databaseOfDialect(options.dialect)
  }

  async close(): Promise<void> {
    const closing = this.own?.close()
    // One that hangs is left to its driver.
    await Promise.race([closing, timeLimit(sqlLimits.closeMs)]).catch(() => undefined)
  }

  /** Writes all of it, or throws an ExportError. Until it has ended, the next one waits. */
  async write(batch: Batch, signal: AbortSignal): Promise<void> {
    // Texts are copies, so nothing of the batch is read after the first wait.
    const lines = textLines(batch)
    if (this.underWay !== undefined)
      await Promise.race([this.underWay, timeLimit(sqlLimits.leftoverMs), aborted(signal)])
    if (signal.aborted) return
    const writing = this.writeLines(lines, signal)
    const underWay = writing
      .catch(() => undefined)
      .finally(() => {
        if (this.underWay === underWay) this.underWay = undefined
      })
    this.underWay = underWay
    await writing
  }

  private async writeLines(lines: ReturnType<typeof textLines>, signal: AbortSignal): Promise<void> {
    let database: Database | undefined
    let where = "the database"
    let stage: Stage = "preparing"
    const progress: Progress = {
      check: () => signal.throwIfAborted(),
      onCommit: () => {
        stage = "committing"
      }
    }
    try {
      for (const group of this.groupsOf(lines)) {
        database = group.database
        where = `table ${database.flavor.quoted(group.place)}`
        stage = "preparing"
        progress.check()
        const rows = await this.rowsOf(group)
        stage = "writing"
        if (rows.rows.length > 0) await writeRows(database, rows, progress)
      }
    } catch (error) {
      // People may have made, or changed, a table meanwhile.
      database?.forget()
      throw toExportError(error, database?.flavor, where, stage)
    }
  }

  private groupsOf(lines: ReturnType<typeof textLines>): readonly Group[] {
    const groups = new Map<Database, Map<SqlTable | undefined, Map<string, Group>>>()
    const inOrder: Group[] = []
    for (const { text, event } of lines) {
      if (event === undefined) throw new UnfitRow("a line is damaged")
      const { typed, read } = this.tableOf(event)
      const { table = "audit_events" } = this.options
      if (typed === undefined && table === false) continue
      const database = this.databaseOf(event)
      const schema = this.schemaOf(event)
      const ofDatabase = within(groups, database, () => new Map())
      const ofTable = within(ofDatabase, typed, () => new Map<string, Group>())
      const group = within(ofTable, schema ?? "", () => {
        const place = { schema, table: typed?.table ?? (table as string) }
        const made: Group = { database, place, typed, lines: [] }
        inOrder.push(made)
        return made
      })
      group.lines.push({ event: read, text, ...eventKeyOf(event, text) })
    }
    return inOrder
  }

  private tableOf(event: AuditEvent): { readonly typed: SqlTable | undefined; readonly read: AuditEvent } {
    for (const typed of this.options.tables ?? []) {
      const read = asEventOf(typed, event)
      if (read !== undefined) return { typed, read }
    }
    const { head, fields } = event
    const isOfOldQueue = event.kind === "event" && head.category === "" && typeof fields.kind === "string"
    if (isOfOldQueue && this.options.tables?.some(({ kind }) => kind !== undefined))
      throw new UnfitRow("a line of an older system's queue has a kind that no table has")
    return { typed: undefined, read: event }
  }

  private databaseOf(event?: AuditEvent): Database {
    if (this.own !== undefined) return this.own
    let pool: SqlPool | undefined
    try {
      pool = this.options.pool?.(event)
    } catch (error) {
      throw new WrongSetup(`the option pool threw ${thrownName(error)}`)
    }
    if (pool === undefined || pool === null) throw new NotYet("there is no database pool yet")
    return within(this.byPool, pool, () => databaseOfPool(pool))
  }

  private schemaOf(event: AuditEvent): string | undefined {
    const { schema } = this.options
    if (typeof schema !== "function") return schema
    let name: string | undefined
    try {
      name = toSchema(schema(event))
    } catch (error) {
      throw new UnfitRow(`the option schema threw ${thrownName(error)}`)
    }
    if (name === undefined || isIdentifier(name)) return name
    throw new UnfitRow(`the option schema gave what is no name: ${identifierForm}`)
  }

  private async rowsOf({ database, place, typed, lines }: Group): Promise<RowsOfTable> {
    await this.prepare(database, place, typed)
    const { flavor } = database
    const known = within(this.seen, database, () => new Map<string, TablePlace>())
    known.set(flavor.quoted(place), place)
    if (typed === undefined)
      return { target: auditTarget(place), rows: lines.map((line) => auditRow(line, flavor)), lines }
    const columns = database.columns.get(flavor.quoted(place)) ?? new Map()
    const maker = rowMaker(typed, place, columns, flavor, () =>
      this.noticeOnce(
        `texts for ${flavor.quoted(place)} have characters that ${flavor.database} cannot hold; U+FFFD stands in their place`
      )
    )
    if (maker.target.unique === undefined)
      this.noticeOnce(
        `${flavor.quoted(place)} has no column "${typed.key}" with a unique index, so its rows arrive at least once, not exactly once; sqlMigrations() has the statement that adds it`
      )
    return { target: maker.target, rows: lines.map((line) => maker.row(line)), lines }
  }

  // What has to be known, or made, before the first row of a table.
  private async prepare(database: Database, place: TablePlace, typed: SqlTable | undefined): Promise<void> {
    await database.meet()
    if (typed === undefined) {
      await this.makeTable(database, place)
      return
    }
    const { columns, flavor } = database
    const at = flavor.quoted(place)
    if (columns.has(at)) return
    const { rows } = await database.run(flavor.columnsOf(place))
    if (rows.length === 0) throw new WrongSetup("the table does not exist, or the role must not see it")
    const facts = rows.map(({ name, type, is_unique }) => ({
      name: String(name),
      type: String(type),
      kind: flavor.kindOf(String(type)),
      isUnique: Boolean(Number(is_unique))
    }))
    columns.set(at, new Map(facts.map((one) => [one.name, one])))
  }

  private async makeTable(database: Database, place: TablePlace): Promise<void> {
    const { migrate: isAsked = false, table = "audit_events" } = this.options
    if (isAsked && place.table === table) await migrate(database, place)
  }

  private noticeOnce(text: string): void {
    if (this.noticed.has(text)) return
    this.noticed.add(text)
    this.options.notice(text)
  }

  get isSwept(): boolean {
    return this.retentions.length > 0
  }

  private get retentions(): readonly (TableRetention & { readonly table: string })[] {
    const { table = "audit_events", retention, tables = [] } = this.options
    const own = retention === undefined || table === false ? [] : [{ ...retention, table }]
    const typed = tables.flatMap((one) =>
      one.retention === undefined ? [] : [{ ...one.retention, table: one.table }]
    )
    return [...own, ...typed].filter(({ days }) => days > 0)
  }

  /** The tables to sweep: in the schema of the options, the schemas that were named, and those that rows went to. */
  sweptTables(): readonly SweptTable[] {
    const { schema, schemas = [] } = this.options
    const named = [...(typeof schema === "function" ? [] : [schema]), ...schemas.map(toSchema)]
    const places = new Map([...this.seen].map(([database, known]) => [database, [...known.values()]]))
    const database = this.firstDatabase()
    if (database !== undefined && !places.has(database)) places.set(database, [])
    return [...places].flatMap(([database, known]) =>
      this.retentions.flatMap((retention) => {
        const { table } = retention
        const seen = known.filter((place) => place.table === table).map((place) => place.schema)
        const all = new Set(database === this.firstDatabase() ? [...named, ...seen] : seen)
        return [...all].map((schema) => {
          const place = { schema, table }
          return { ...retention, database, place, prepare: () => this.makeTable(database, place) }
        })
      })
    )
  }

  private firstDatabase(): Database | undefined {
    try {
      return this.databaseOf()
    } catch {
      return undefined
    }
  }
}

const within = <Key, Value>(
  map: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  make: () => Value
): Value => {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))

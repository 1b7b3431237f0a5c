// The exporter: options, and what one open log keeps of its databases. A batch becomes rows, grouped by database, schema and
// table, one transaction each; core's writer retries, halves and counts.
import {
  type AuditEvent,
  type Batch,
  checkOptions,
  defaultQueuePolicy,
  ExportError,
  type Exporter,
  type LogIdentity,
  type OpenExporter,
  type OptionRules,
  optionRule,
  type QueuePolicy,
  queueRules,
  type RequiredAs
} from "@daybook/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Dialect } from "kysely"
import type { SqlPool } from "./database.ts"
import { identifierForm, isIdentifier } from "./identifier.ts"
import { sqlLimits } from "./limits.ts"
import { toSchema } from "./migrate.ts"
import { keepSweeping, type Swept, sweepNow } from "./retention.ts"
import { Rows } from "./rows.ts"
import type { SqlTable } from "./table-for.ts"
import { checkRetention, type TableRetention } from "./table-retention.ts"

export interface SqlExporterOptions {
  /** A database of the exporter's own: opened with the log and closed with it, so a pool is given as a function. */
  readonly dialect?: Dialect | undefined
  /**
   * A pool of the application's, looked up for each event when it is written; it is never closed. While there is none, events
   * wait. The retention sweep asks without an event.
   */
  readonly pool?: ((event?: AuditEvent) => SqlPool | undefined) | undefined
  /** Where the tables are: a value of the event, not of the moment. Default "public": where the connection looks by itself. */
  readonly schema?: string | ((event: AuditEvent) => string) | undefined
  /** Schemas that the retention sweep knows before an event names them. */
  readonly schemas?: readonly string[] | undefined
  /** Tables of the application's. An event goes to the first whose definition it has. */
  readonly tables?: readonly SqlTable[] | undefined
  /** The table for everything else, marks included. Default "audit_events"; false leaves everything else out. */
  readonly table?: string | false | undefined
  /** Makes the table for everything else, and its newer forms. Default false. */
  readonly migrate?: boolean | undefined
  /** Deletes old rows of the table for everything else. */
  readonly retention?: TableRetention | undefined
  /** Names it in health and gap marks. Default "sql". */
  readonly name?: string | undefined
  /** Merged over core's default: 65,536 events or 8 MiB, the newest refused; but batches up to 1 MiB, one transaction each. */
  readonly queue?: Partial<QueuePolicy> | undefined
  /** `commit` waits for this exporter. */
  readonly required?: boolean | undefined
  /** Default 30 s. */
  readonly exportTimeoutMs?: number | undefined
  /** Which events it gets; all, when absent. */
  readonly accepts?: Exporter["accepts"]
}

/**
 * Writes events as rows. A row is there once, however often its event is sent.
 *
 * @throws TypeError for an option that is unknown or can never work.
 */
export const sqlExporter = <const Options extends SqlExporterOptions>(
  options: Options
): Exporter & RequiredAs<Options> => makeSqlExporter(options) as Exporter & RequiredAs<Options>

const rules: OptionRules = {
  dialect: {
    mustBe: "a dialect of kysely",
    isRight: (value) => typeof (value as Partial<Dialect> | null)?.createDriver === "function"
  },
  pool: optionRule.callable,
  schema: {
    mustBe: `a function, or a name: ${identifierForm}`,
    isRight: (value) => typeof value === "function" || isIdentifier(value)
  },
  schemas: {
    mustBe: `a list of names: ${identifierForm}`,
    isRight: (value) => Array.isArray(value) && value.every(isIdentifier)
  },
  tables: {
    mustBe: "a list of what tableFor returned",
    isRight: (value) => Array.isArray(value) && value.every((one) => isIdentifier(one?.table))
  },
  table: {
    mustBe: `false, or a name such as "audit_events": ${identifierForm}`,
    isRight: (value) => value === false || isIdentifier(value)
  },
  migrate: optionRule.flag,
  retention: optionRule.object("an object of days and column"),
  name: optionRule.text("sql"),
  queue: optionRule.object("an object of bounds"),
  required: optionRule.flag,
  exportTimeoutMs: optionRule.numberFrom(1, "milliseconds"),
  accepts: optionRule.callable
}

const makeSqlExporter = (options: SqlExporterOptions): Exporter => {
  checkOptions("sqlExporter", options, rules)
  const { name = "sql", queue, required = false, exportTimeoutMs, accepts, dialect, pool } = options
  if (queue !== undefined) checkOptions("sqlExporter", queue, queueRules, "queue")
  checkRetention("sqlExporter", options.retention)
  if ((dialect === undefined) === (pool === undefined))
    throw new TypeError('sqlExporter: give either option "dialect" or option "pool"')
  return {
    name,
    queue: { ...defaultQueuePolicy, batchBytesMax: sqlLimits.batchBytesMax, ...queue },
    required,
    durability: "remote",
    ...(exportTimeoutMs === undefined ? {} : { exportTimeoutMs }),
    ...(accepts === undefined ? {} : { accepts }),
    open: (log) => openRows(log, name, options)
  }
}

/**
 * Deletes the rows that the options' retention has no more room for, once: for a machine on which no exporter runs, as by cron.
 * Rejects with a TypeError for an option that is wrong, or when none asks for retention, and with what the database says.
 */
export const sqlSweep = async (
  options: SqlExporterOptions,
  { signal, now = Date.now() }: { readonly signal?: AbortSignal | undefined; readonly now?: number } = {}
): Promise<readonly Swept[]> => {
  makeSqlExporter(options)
  const notice = (text: string): void => console.error(text)
  const rows = new Rows({ ...options, schema: schemaOf(options.schema), notice })
  try {
    if (!rows.isSwept) throw new TypeError('sqlSweep: no table has the option "retention" with days above 0')
    return await sweepNow(rows.sweptTables(), now, () => signal?.aborted === true)
  } finally {
    await rows.close()
  }
}

const openRows = (
  log: LogIdentity,
  name: string,
  options: SqlExporterOptions
): Effect.Effect<OpenExporter, ExportError, Scope.Scope> =>
  Effect.gen(function* () {
    const notice = (text: string): void => log.notice(`${name}: ${text}`)
    const rows = yield* Effect.acquireRelease(
      Effect.sync(() => new Rows({ ...options, schema: schemaOf(options.schema), notice })),
      (rows) => Effect.promise(() => rows.close())
    )
    if (rows.isSwept) {
      const sweeping = keepSweeping({ tables: () => rows.sweptTables(), now: () => log.now(), notice })
      yield* Effect.forkScoped(sweeping)
    }
    return { export: (batch: Batch) => exportBatch(rows, batch) }
  })

const schemaOf = (
  schema: SqlExporterOptions["schema"]
): string | undefined | ((event: AuditEvent) => string | undefined) =>
  typeof schema === "function" ? schema : toSchema(schema)

// To interrupt it does not wait: the transaction ends by itself, and the next export waits for it.
const exportBatch = (rows: Rows, batch: Batch): Effect.Effect<void, ExportError> =>
  Effect.tryPromise({
    try: (signal) => rows.write(batch, signal),
    catch: (error) =>
      error instanceof ExportError
        ? error
        : new ExportError({
            reason: "Cannot write rows: the exporter failed",
            retryable: true,
            outcome: "unknown",
            retryAfterMs: sqlLimits.pauseMs
          })
  })

// Deletes old rows of the tables for which it was asked: when each is known and then every hour, in slices, in every schema that
// is named or that rows went to. One that fails is noticed once, and tried again with the next sweep.
import * as Effect from "effect/Effect"
import type { Database } from "./database.ts"
import type { TablePlace } from "./flavor.ts"
import { sqlLimits } from "./limits.ts"
import { describeSqlError } from "./sql-error.ts"
import type { TableRetention } from "./table-retention.ts"
import { nextTurn, timeLimit } from "./turn.ts"

/** A table to sweep. */
export interface SweptTable extends TableRetention {
  readonly database: Database
  readonly place: TablePlace
  /** Makes the table where that is asked for. */
  prepare(): Promise<void>
}

export interface SweepHost {
  /** What is known at this moment. */
  tables(): readonly SweptTable[]
  /** Milliseconds since 1970; NaN without a clock. */
  now(): number
  notice(text: string): void
}

const dayMs = 86_400_000

/** What one sweep has deleted from a table. */
export interface Swept {
  /** As SQL writes it: with its schema, in quotes. */
  readonly table: string
  readonly days: number
  readonly deleted: number
}

/** Sweeps once. Rejects with what a database says. */
export const sweepNow = async (
  tables: readonly SweptTable[],
  now: number,
  isOver: () => boolean
): Promise<readonly Swept[]> => {
  const swept: Swept[] = []
  for (const table of tables) {
    if (isOver()) break
    const { database, place, days } = table
    await table.prepare()
    const deleted = await sweepTable(table, new Date(now - days * dayMs).toISOString(), isOver)
    swept.push({ table: database.flavor.quoted(place), days, deleted })
  }
  return swept
}

/** Sweeps for as long as its scope lives. To interrupt it waits for the slice that is being deleted. */
export const keepSweeping = (host: SweepHost): Effect.Effect<never> => {
  const failing = new Set<string>()
  const dueAt = new WeakMap<Database, Map<string, number>>()
  const once = Effect.clockWith((clock) => {
    let isOver = false
    const now = Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
    const swept = sweep(host, dueOf(host.tables(), dueAt, now), failing, () => isOver)
    return Effect.onInterrupt(
      Effect.promise(() => swept),
      () => {
        isOver = true
        return Effect.promise(() => Promise.race([swept, timeLimit(sqlLimits.closeMs)]))
      }
    )
  })
  // Side by side: from the beginning of one look to the beginning of the next, unless it takes longer.
  const pause = Effect.sleep(sqlLimits.sweepLookMs)
  return Effect.forever(Effect.all([once, pause], { concurrency: 2 }))
}

/** The tables that were not swept within the hour. `now` is monotonic. */
const dueOf = (
  tables: readonly SweptTable[],
  dueAt: WeakMap<Database, Map<string, number>>,
  now: number
): readonly SweptTable[] =>
  tables.filter(({ database, place, column }) => {
    const known = dueAt.get(database) ?? new Map<string, number>()
    dueAt.set(database, known)
    const where = `${database.flavor.quoted(place)} ${column}`
    if (now < (known.get(where) ?? now)) return false
    known.set(where, now + sqlLimits.sweepEveryMs)
    return true
  })

const sweep = async (
  host: SweepHost,
  tables: readonly SweptTable[],
  failing: Set<string>,
  isOver: () => boolean
): Promise<void> => {
  for (const table of tables) {
    const { database, place, days, column } = table
    const where = database.flavor.quoted(place)
    const before = host.now() - days * dayMs
    if (isOver() || Number.isNaN(before)) return
    try {
      await table.prepare()
      await sweepTable(table, new Date(before).toISOString(), isOver)
      failing.delete(where)
    } catch (error) {
      if (!failing.has(where)) {
        const why = describeSqlError(error, database.flavor)
        host.notice(
          `cannot delete rows of ${where} by "${column}" that are older than ${days} days: ${why}; trying again every hour`
        )
      }
      failing.add(where)
    }
  }
}

const sweepTable = async (
  { database, place, column }: SweptTable,
  before: string,
  isOver: () => boolean
): Promise<number> => {
  for (let deleted = 0; ; ) {
    const { numAffectedRows = 0n } = await database.run(database.flavor.deleteOlder(place, column, before))
    deleted += Number(numAffectedRows)
    if (isOver() || Number(numAffectedRows) < sqlLimits.sweepRowsMax) return deleted
    if (database.flavor.blocksHost) await nextTurn()
  }
}

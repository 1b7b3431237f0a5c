// The rows of one table in one transaction: in statements that the server accepts, repeated rows recognised, and a row that is
// there with another body reported instead of ignored.
import type { Database, Run } from "./database.ts"
import type { EventLine } from "./event-line.ts"
import type { InsertTarget, SqlRow } from "./flavor.ts"
import { UnfitRow } from "./sql-error.ts"
import { nextTurn } from "./turn.ts"

/** Rows for one table, each with the line that it was made of. */
export interface RowsOfTable {
  readonly target: InsertTarget
  readonly rows: readonly SqlRow[]
  readonly lines: readonly EventLine[]
}

/** What the caller is told while it waits. */
export interface Progress {
  /** Throws when the rows are no longer wanted. */
  check(): void
  /** All statements went well, and the transaction is being committed. */
  onCommit(): void
}

/** @throws UnfitRow when a row is there with another body, or another unique index has it. */
export const writeRows = (database: Database, group: RowsOfTable, progress: Progress): Promise<void> =>
  database.inTransaction(
    async (run) => {
      const { flavor, packetBytesMax } = database
      const { rows, target } = group
      for (let from = 0; from < rows.length; ) {
        progress.check()
        const count = flavor.rowsInStatement(rows, from, packetBytesMax)
        const part = rows.slice(from, from + count)
        const { numAffectedRows } = await run(flavor.insert(target, part))
        if (target.unique !== undefined) {
          database.countsNew ??= await isCountingNew(run, database, target, part)
          if (!database.countsNew || Number(numAffectedRows) !== count)
            await compare(run, database, group, from, count)
        }
        from += count
        if (flavor.blocksHost && from < rows.length) await nextTurn()
      }
      progress.check()
    },
    () => progress.onCommit()
  )

// With mysql2's flag FOUND_ROWS, which it sets by default, a row that was there counts as one that is new. The first row of the
// part is there by now: inserting it again shows how this connection counts.
const isCountingNew = async (
  run: Run,
  { flavor }: Database,
  target: InsertTarget,
  rows: readonly SqlRow[]
): Promise<boolean> => {
  const { numAffectedRows } = await run(flavor.insert(target, rows.slice(0, 1)))
  return Number(numAffectedRows) === 0
}

const compare = async (
  run: Run,
  { flavor }: Database,
  { target, lines }: RowsOfTable,
  from: number,
  count: number
): Promise<void> => {
  const sent = lines.slice(from, from + count)
  const { rows } = await run(
    flavor.stored(
      target,
      sent.map(({ key }) => key)
    )
  )
  const stored = new Map(rows.map(({ key, body_hash }) => [String(key).toLowerCase(), body_hash]))
  for (const { key, bodyHash } of sent) {
    const known = stored.get(key)
    if (known === undefined) throw new UnfitRow(`another unique index has the row of "${key}" already`)
    if (target.bodyHash !== undefined && known !== bodyHash)
      throw new UnfitRow(`the row "${key}" is there with another body, and stays as it is`)
  }
}

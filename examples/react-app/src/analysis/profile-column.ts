// One column of a table: its kind, how full it is, and its values. All of it is for the screen; the log gets nothing of a
// column's contents.
import { kindOf, toNumber, type ValueKind } from "./value-kind.ts"

export interface Column {
  readonly name: string
  /** The kind of most of its cells; "empty" when none is filled. */
  readonly kind: ValueKind | "empty"
  /** Cells of another kind, in a column of numbers, dates or yes and no. */
  readonly strays: number
  readonly filled: number
  readonly empty: number
  readonly distinct: number
  /** The smallest and largest number, or the first and last date or text in order. */
  readonly range: readonly [lowest: string, highest: string] | undefined
  readonly mostFrequent: { readonly value: string; readonly count: number } | undefined
}

export const profileColumn = (name: string, cells: readonly string[]): Column => {
  const counts = new Map<string, number>()
  for (const cell of cells) counts.set(cell.trim(), (counts.get(cell.trim()) ?? 0) + 1)
  const empty = counts.get("") ?? 0
  counts.delete("")
  const kinds = countKinds(counts)
  const filled = cells.length - empty
  const [kind, ofKind] = mostOf(kinds) ?? ["empty" as const, 0]
  const [value, count] = mostOf(counts) ?? ["", 0]
  return {
    name,
    kind,
    strays: kind === "text" ? 0 : filled - ofKind,
    filled,
    empty,
    distinct: counts.size,
    range: rangeOf(
      kind,
      [...counts.keys()].filter((cell) => kindOf(cell) === kind)
    ),
    // Where all values differ, none is the most frequent.
    mostFrequent: count > 1 ? { value, count } : undefined
  }
}

const countKinds = (counts: ReadonlyMap<string, number>): ReadonlyMap<ValueKind, number> => {
  const kinds = new Map<ValueKind, number>()
  for (const [cell, count] of counts) kinds.set(kindOf(cell), (kinds.get(kindOf(cell)) ?? 0) + count)
  return kinds
}

const mostOf = <Key>(counts: ReadonlyMap<Key, number>): readonly [Key, number] | undefined => {
  let most: readonly [Key, number] | undefined
  for (const entry of counts) if (most === undefined || entry[1] > most[1]) most = entry
  return most
}

const rangeOf = (kind: Column["kind"], values: readonly string[]): Column["range"] => {
  const order = orders[kind]
  const [first] = values
  // An ambiguous date, such as 31/12/1999, cannot be ordered.
  if (order === undefined || first === undefined || values.some((value) => Number.isNaN(order(value)))) {
    return undefined
  }
  let [lowest, highest] = [first, first]
  for (const value of values) {
    if (order(value) < order(lowest)) lowest = value
    if (order(value) > order(highest)) highest = value
  }
  return [lowest, highest]
}

/** Kinds that can be ordered. */
const orders: Readonly<Record<string, (value: string) => number>> = {
  number: toNumber,
  date: (value) => new Date(value).getTime()
}

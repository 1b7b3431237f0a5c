// One error is one record, by whichever ways it becomes known: a boundary, the root, the window, a promise. The first
// report would do, were it not that a later one often knows more: the root tells before the boundary does. So a report
// that may be bettered is held until the running code has come to its end, which no page is left before, and a report of
// the same primitive is the same error until the end of the task. Who listens where is the other files' business.
import type { Audit, Fields } from "@daybook/core"
import { guarded } from "./guarded.ts"
import { currentPage } from "./page-openings.ts"

/** By which way an error became known. */
export type CaughtBy = "boundary" | "root" | "window" | "promise"

/** What one of the ways tells of an error. */
export interface ErrorReport {
  readonly caughtBy: CaughtBy
  /** What was thrown: anything at all. */
  readonly error: unknown
  /** The beginning of the record's message. */
  readonly where: string
  readonly fields?: Fields
  /** What stands in the record instead, where the error itself is not to be had. */
  readonly shown?: unknown
  /** The browser's event: several listeners of one log are told of it. */
  readonly event?: Event
  /** True where a report that knows more may follow at once. */
  readonly mayBeBettered?: boolean
}

/** An error that happened in this task. */
interface Occurrence {
  readonly error: unknown
  readonly ways: Set<CaughtBy>
  /** Records it, when nothing better comes. */
  held: { readonly caughtBy: CaughtBy; readonly record: () => void } | undefined
}

interface ErrorRecords {
  /** Every object that was ever reported, errors and events: an error thrown again, whenever, is the same error. */
  readonly known: WeakSet<object>
  /** Of this task: primitives have no identity, so only nearness tells that two reports are about one error. */
  readonly recent: Occurrence[]
}

/** Errors of one task that are remembered. In a loop that reports more, the oldest have nothing left to be taken for. */
const recentMax = 100

const recordsOf = new WeakMap<Audit, ErrorRecords>()

const recordsFor = (audit: Audit): ErrorRecords => {
  const known = recordsOf.get(audit)
  if (known !== undefined) return known
  const made = { known: new WeakSet<object>(), recent: [] }
  recordsOf.set(audit, made)
  return made
}

const isObject = (error: unknown): error is object =>
  (typeof error === "object" && error !== null) || typeof error === "function"

/** Records the error, unless another way has reported it. Never throws, whatever the error is. */
export const recordError = (audit: Audit, report: ErrorReport): void => {
  guarded(() => {
    const records = recordsFor(audit)
    const line = lineOf(audit, report)
    const { error, caughtBy, event, mayBeBettered = false } = report
    if (event !== undefined && !isNew(records.known, event)) return
    const same = records.recent.find((one) => isSame(one, report))
    if (same !== undefined) {
      same.ways.add(caughtBy)
      if (same.held !== undefined && !mayBeBettered) {
        same.held = undefined
        line.record()
      } else if (same.held?.caughtBy === "window") same.held = line
      return
    }
    if (isObject(error) && !isNew(records.known, error)) return
    remember(records, { error, ways: new Set([caughtBy]), held: mayBeBettered ? line : undefined })
    if (!mayBeBettered) line.record()
  })
}

const isNew = (known: WeakSet<object>, one: object): boolean => !known.has(one) && known.add(one) === known

/** A primitive that comes twice by one way was thrown twice. */
const isSame = (one: Occurrence, { error, caughtBy }: ErrorReport): boolean =>
  Object.is(one.error, error) && (isObject(error) || !one.ways.has(caughtBy))

/** The record, with the page of this moment; it may be written a little later. */
const lineOf = (
  audit: Audit,
  { caughtBy, error, shown = error, where, fields }: ErrorReport
): NonNullable<Occurrence["held"]> => {
  const extras = { page: currentPage(audit), caught_by: caughtBy, ...fields }
  return { caughtBy, record: () => guarded(() => audit.exception(where, shown, extras)) }
}

const remember = ({ recent }: ErrorRecords, occurrence: Occurrence): void => {
  if (recent.length >= recentMax) recent.shift()
  if (recent.push(occurrence) === 1) setTimeout(() => recent.splice(0))
  if (occurrence.held !== undefined) {
    queueMicrotask(() => {
      occurrence.held?.record()
      occurrence.held = undefined
    })
  }
}

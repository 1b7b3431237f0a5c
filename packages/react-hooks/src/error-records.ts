// Makes one record of one error, however many reports of it come: from a boundary, the root, the window, a promise. The
// first report makes the record, unless a later one in the same run of code can say more (React reports to the root before
// the boundary): such a record is held back until that code has ended. Reports of the same primitive within one task count
// as one error, because a primitive has no identity.
import type { Audit, Fields } from "@daybook/core"
import { guarded } from "./guarded.ts"
import { currentPage } from "./page-openings.ts"
import { stateOfLog } from "./state-of-log.ts"

/** Where an error was reported. */
export type CaughtBy = "boundary" | "root" | "window" | "promise"

/** One report of an error. */
export interface ErrorReport {
  readonly caughtBy: CaughtBy
  /** What was thrown: anything at all. */
  readonly error: unknown
  /** The beginning of the record's message. */
  readonly where: string
  readonly fields?: Fields
  /** Recorded instead of the error, where there is no error object. */
  readonly shown?: unknown
  /** The browser's event: several listeners of one log get the same one. */
  readonly event?: Event
  /** True where a report with more details may follow at once. */
  readonly isPreliminary?: boolean
}

/** An error that happened in this task. */
interface Occurrence {
  readonly error: unknown
  readonly reportedBy: Set<CaughtBy>
  /** Makes the record, unless a better report comes first. */
  held: { readonly caughtBy: CaughtBy; readonly record: () => void } | undefined
}

interface ErrorRecords {
  /** Every object that was ever reported, errors and events: an error object that is thrown again is the same error. */
  readonly known: WeakSet<object>
  /** Errors of this task. Primitives have no identity: two reports in one task are taken for one error. */
  readonly recent: Occurrence[]
}

/** Errors remembered within one task; a loop that throws more forgets the oldest. */
const recentMax = 100

const recordsOf = stateOfLog<ErrorRecords>("errors", () => ({ known: new WeakSet(), recent: [] }))

const isObject = (error: unknown): error is object =>
  (typeof error === "object" && error !== null) || typeof error === "function"

/** Records the error, unless it was reported before. Never throws, whatever the error is. */
export const recordError = (audit: Audit, report: ErrorReport): void => {
  guarded(() => {
    const records = recordsOf(audit)
    const line = lineOf(audit, report)
    const { error, caughtBy, event, isPreliminary = false } = report
    if (event !== undefined && !isNew(records.known, event)) return
    const same = records.recent.find((one) => isSame(one, report))
    if (same !== undefined) {
      same.reportedBy.add(caughtBy)
      if (same.held !== undefined && !isPreliminary) {
        same.held = undefined
        line.record()
      } else if (same.held?.caughtBy === "window") same.held = line
      return
    }
    if (isObject(error) && !isNew(records.known, error)) return
    remember(records, { error, reportedBy: new Set([caughtBy]), held: isPreliminary ? line : undefined })
    if (!isPreliminary) line.record()
  })
}

const isNew = (known: WeakSet<object>, one: object): boolean => !known.has(one) && known.add(one) === known

/** A primitive that is reported twice in the same place was thrown twice. */
const isSame = (one: Occurrence, { error, caughtBy }: ErrorReport): boolean =>
  Object.is(one.error, error) && (isObject(error) || !one.reportedBy.has(caughtBy))

/** The record, with the page that is open now; it may be written a little later. */
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

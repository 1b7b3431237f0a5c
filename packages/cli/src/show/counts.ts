// Counting rows in one pass, in bounded memory: how many there are, from when to when, what is missing and damaged, and how many
// of each value. How that looks is commands/stats.ts.
import { type AuditEvent, type Level, levels, lineTime } from "@daybook/core/lines"
import { fieldText, type TrailRow, userOf } from "@daybook/support-bundle"
import { wallMs } from "../terminal/moment.ts"

/** Values that are told apart; what comes later is counted as others. A field with ids has one for each event. */
const valuesMax = 100_000

export interface ValueCount {
  readonly value: string
  readonly count: number
}

export interface Counted {
  readonly events: number
  /** Marks: gaps, deletions, recoveries. Seals are no rows. */
  readonly marks: number
  readonly damaged: number
  readonly sessions: number
  /** Events that gap marks say are missing. */
  readonly missing: number
  readonly levels: Readonly<Record<Level, number>>
  readonly first: string
  readonly last: string
  readonly by: string
  /** Most first; days, hours and levels in their own order. */
  readonly values: readonly ValueCount[]
  /** Events whose values were too many to tell apart. */
  readonly others: number
}

/** What an event is counted as. */
type ValueOf = (event: AuditEvent) => string

/** Events without a value. */
const none = "(none)"

export class RowCounts {
  private readonly by: string
  private readonly valueOf: ValueOf
  private readonly values = new Map<string, number>()
  private readonly sessions = new Set<string>()
  private readonly levels: Record<Level, number> = { debug: 0, info: 0, warn: 0, error: 0, fatal: 0 }
  private events = 0
  private marks = 0
  private damaged = 0
  private missing = 0
  private others = 0
  private first = { ms: Number.POSITIVE_INFINITY, ts: "" }
  private last = { ms: Number.NEGATIVE_INFINITY, ts: "" }

  constructor(by: string, zone: string | undefined) {
    this.by = by
    this.valueOf = counting(by, zone)
  }

  add(rows: readonly TrailRow[]): void {
    for (const row of rows) {
      if ("damage" in row) this.damaged += 1
      else if (row.event.kind === "event") this.addEvent(row.event)
      else this.addMark(row.event)
    }
  }

  private addEvent(event: AuditEvent): void {
    const { ts, level, session } = event.head
    this.events += 1
    this.levels[level] += 1
    if (session !== "" && this.sessions.size < valuesMax) this.sessions.add(session)
    const ms = lineTime(ts)
    if (ms < this.first.ms) this.first = { ms, ts }
    if (ms > this.last.ms) this.last = { ms, ts }
    const value = this.valueOf(event)
    const count = this.values.get(value)
    if (count !== undefined) this.values.set(value, count + 1)
    else if (this.values.size < valuesMax) this.values.set(value, 1)
    else this.others += 1
  }

  private addMark({ kind, fields }: AuditEvent): void {
    this.marks += 1
    if (kind === "gap" && typeof fields.count === "number") this.missing += fields.count
  }

  counted(): Counted {
    const { by, events, marks, damaged, missing, others } = this
    const values = [...this.values].map(([value, count]) => ({ value, count }))
    return {
      events,
      marks,
      damaged,
      missing,
      sessions: this.sessions.size,
      levels: this.levels,
      first: this.first.ts,
      last: this.last.ts,
      by,
      values: values.sort(orderOf(by)),
      others
    }
  }
}

const hourChars = "2026-11-22T09".length
const dayChars = "2026-11-22".length

const counting = (by: string, zone: string | undefined): ValueOf => {
  const wall =
    (chars: number): ValueOf =>
    ({ head }) => {
      const ms = lineTime(head.ts)
      return Number.isNaN(ms)
        ? none
        : new Date(wallMs(ms, zone)).toISOString().slice(0, chars).replace("T", " ")
    }
  if (by === "day") return wall(dayChars)
  if (by === "hour") return wall(hourChars)
  if (by === "level") return ({ head }) => head.level
  if (by === "category") return ({ head }) => head.category || none
  if (by === "session") return ({ head }) => head.session || none
  if (by === "user") return (event) => userOf(event) || none
  return (event) => fieldText(event, by) ?? none
}

const orderOf = (by: string): ((one: ValueCount, other: ValueCount) => number) => {
  if (by === "day" || by === "hour") return (one, other) => (one.value < other.value ? -1 : 1)
  if (by === "level") return (one, other) => rank(other.value) - rank(one.value)
  return (one, other) => other.count - one.count || (one.value < other.value ? -1 : 1)
}

const rank = (level: string): number => levels.indexOf(level as Level)

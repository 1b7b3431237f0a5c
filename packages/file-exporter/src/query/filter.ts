// Which rows are asked for. One rule for events and marks alike, and every condition that is given must hold.
// Damage always passes: what a damaged line was cannot be known.
import { type AuditEvent, type LevelWord, levelNumber, lineTime, readLevel } from "@daybook/core/lines"
import { type Moment, momentTime } from "./moment.ts"

/** What a line must be to be read. Marks are lines like any other: to see holes, ask for the category `gap` as well. */
export interface RowFilters {
  /** One of these, whole. */
  readonly categories?: readonly string[] | undefined
  /** At least this level; other systems' words for one are read as ours. */
  readonly level?: LevelWord | undefined
  /** A session by its 8 hex digits, fewer of them, or its whole stream key. */
  readonly session?: string | undefined
  /** At this moment or later. Lines without a time are left out. */
  readonly from?: Moment | undefined
  /** Before this moment. Lines without a time are left out. */
  readonly to?: Moment | undefined
  /** Is part of the message, or of a string anywhere in the fields or in `origin`, in any letter case. */
  readonly text?: string | undefined
}

/** Filters that were checked. */
export interface RowFilter {
  /** −Infinity when nothing was asked. */
  readonly fromMs: number
  /** Infinity when nothing was asked. */
  readonly toMs: number
  passes(line: AuditEvent): boolean
  /** Whether a file of this session may have lines that pass. */
  passesSession(session: string): boolean
}

/** @throws TypeError naming `caller` and the option, for a moment without a time and for a level that is none. */
export const makeRowFilter = (
  caller: string,
  filters: RowFilters & { readonly user?: string | undefined }
): RowFilter => {
  const { categories, level, session, text, user } = filters
  const leastLevel = level === undefined ? "debug" : readLevel(level)
  if (leastLevel === undefined)
    throw new TypeError(
      `${caller}: option "level" must be debug, info, warn, error or fatal, got ${JSON.stringify(level)}`
    )
  const fromMs = limitMs(caller, "from", filters.from, Number.NEGATIVE_INFINITY)
  const toMs = limitMs(caller, "to", filters.to, Number.POSITIVE_INFINITY)
  const hasTimes = filters.from !== undefined || filters.to !== undefined
  const wantedCategories = categories === undefined ? undefined : new Set(categories)
  const least = levelNumber[leastLevel]
  const wantedText = text === undefined || text === "" ? undefined : text.toLowerCase()
  const passesSession = (found: string): boolean => session === undefined || isSession(session, found)
  const isInTime = (ts: string): boolean => {
    const time = lineTime(ts)
    return time >= fromMs && time < toMs
  }
  return {
    fromMs,
    toMs,
    passesSession,
    // Cheapest first; the text last, because it looks at every value.
    passes: ({ head, fields }) =>
      (wantedCategories === undefined || wantedCategories.has(head.category)) &&
      levelNumber[head.level] >= least &&
      passesSession(head.session) &&
      (user === undefined || fields.user === user) &&
      (!hasTimes || isInTime(head.ts)) &&
      (wantedText === undefined || hasText(wantedText, [head.message, head.origin, fields]))
  }
}

const limitMs = (caller: string, option: string, moment: Moment | undefined, otherwise: number): number => {
  if (moment === undefined) return otherwise
  const time = momentTime(moment)
  if (Number.isNaN(time))
    throw new TypeError(
      `${caller}: option "${option}" must be a Date, milliseconds or ISO text, got ${JSON.stringify(moment)}`
    )
  return time
}

// Either may be longer: older systems wrote 32 digits, and a caller may have copied the stream key.
const isSession = (wanted: string, found: string): boolean =>
  found.startsWith(wanted) || (found !== "" && wanted.startsWith(found))

// Without recursion: a foreign line may be nested deeper than the stack is.
const hasText = (wanted: string, values: readonly unknown[]): boolean => {
  const left = [...values]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === "string") {
      if (value.toLowerCase().includes(wanted)) return true
    } else if (typeof value === "object" && value !== null) {
      for (const inner of Object.values(value)) left.push(inner)
    }
  }
  return false
}

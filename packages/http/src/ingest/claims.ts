// One line of a page, judged: what it claims, and which of its session's lines it is. What it says is never more than a claim, so
// only its form and its kind are looked at here.
import { type EventKind, type Fields, toCategory } from "@daybook/core"
import { builtInEvents, misfitsOf } from "@daybook/core/catalogue"
import type { RefusedWhy } from "../wire.ts"
import { isCount, parseJson } from "./batch.ts"
import { ingestLimits } from "./limits.ts"

/** Which events a page may claim. */
export interface Catalogue {
  readonly kinds: ReadonlyMap<string, readonly EventKind[]>
  /** Categories without a definition that are let in. */
  readonly untyped: ReadonlySet<string> | "any"
  /** Whether an event that does not fit its definition is refused. */
  readonly refusesMisfits: boolean
}

/** Which lines of which session a line stands for. */
export interface Place {
  /** The last 60 bits of its id. */
  readonly streamKey: string
  /** Its own `seq` twice; of a gap claim the first and the last that are missing. */
  readonly first: number
  readonly last: number
}

/** A line that may be recorded. */
export interface Claim extends Place {
  readonly claims: Fields
  readonly as: EventKind | undefined
  readonly misfits: readonly string[]
}

/** A line that never will be. It came, so it is not missing, where it says which one it is. */
export interface Refusal {
  readonly why: RefusedWhy
  readonly place: Place | undefined
}

/** Categories that a page's log writes by itself, with core's own definitions. */
const builtIn: ReadonlyMap<string, readonly EventKind[]> = Map.groupBy(
  builtInEvents,
  ({ category }) => category
)

/** Lines that a log writes about itself: of these a page has gaps alone. */
const marks: ReadonlySet<string> = new Set(["gap", "seal", "recovered", "retention"])

/** True for a category in which an application cannot have events of its own. */
export const isCoresOwn = (category: string): boolean => builtIn.has(category) || marks.has(category)

export const judge = (line: Uint8Array, catalogue: Catalogue): Claim | Refusal => {
  const refused = (why: RefusedWhy, place?: Place): Refusal => ({ why, place })
  if (line.length >= ingestLimits.lineBytesMax) return refused("too_large")
  const claims = parseJson(line)
  if (!isRecord(claims)) return refused("not_json")
  const { seq, category } = claims
  const place = placeOf(claims)
  if (place === undefined || typeof category !== "string") return refused("no_id")
  if (seq === undefined) {
    if (category !== "gap") return refused("forbidden", place)
    return { ...place, claims, as: undefined, misfits: [] }
  }
  if (marks.has(toCategory(category))) return refused("forbidden", place)
  const kinds = catalogue.kinds.get(category) ?? builtIn.get(category)
  if (kinds === undefined) {
    const isLetIn = catalogue.untyped === "any" || catalogue.untyped.has(category)
    return isLetIn ? { ...place, claims, as: undefined, misfits: [] } : refused("unknown_event", place)
  }
  // Several events may have one category: the one that the line fits, else the first.
  const fitting = kinds.find((kind) => misfitsOf(kind, claims).length === 0)
  const as = fitting ?? (kinds[0] as EventKind)
  const misfits = fitting === undefined && !builtIn.has(category) ? misfitsOf(as, claims) : []
  if (misfits.length > 0 && catalogue.refusesMisfits) return refused("misfit", place)
  return { ...place, claims, as, misfits }
}

/** Where a line belongs, by what it says; undefined for one that does not say it. */
export const placeOf = (claims: unknown): Place | undefined => {
  if (!isRecord(claims)) return undefined
  const { id, seq, first_seq: first, last_seq: last } = claims
  if (typeof id !== "string" || !idForm.test(id)) return undefined
  const streamKey = id.slice(-16).replace("-", "")
  if (isCount(seq)) return seq > 0 ? { streamKey, first: seq, last: seq } : undefined
  const isHole = seq === undefined && isCount(first) && isCount(last) && first > 0 && first <= last
  return isHole ? { streamKey, first, last } : undefined
}

/** A UUIDv7 whose last 60 bits are the stream key: docs/internals/format.md. */
const idForm = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

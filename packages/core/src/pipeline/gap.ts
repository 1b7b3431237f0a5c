// A hole: events that were accepted and will never be in this exporter's stream. A hole is counted here until a gap mark
// stands where the events are missing; where a stream has routes (a user's file), one mark in each.
import { type DropReason, dropReasons, type GapFields } from "../event/mark.ts"
import { writerLimits } from "../limits.ts"

const otherCategories = "(other)"
const unknownCategory = "(unknown)"

/** Events of one category, by the reason of their drop. */
type Tally = Record<DropReason, number>

/** The content of one gap mark: the events of a hole that were on one route. */
export class Gap {
  firstSeq = Number.POSITIVE_INFINITY
  lastSeq = 0
  private readonly byCategory = new Map<string, Tally>()
  /** The same of other marks, which say of no event both its category and its reason. */
  private readonly markedCategories = new Map<string, number>()
  private readonly markedReasons = new Map<DropReason, number>()

  /** Counts one event, whole or not at all: the last statement alone counts it. */
  add(seq: number, category: string, reason: DropReason): void {
    const tally = this.tallyOf(category)
    if (seq < this.firstSeq) this.firstSeq = seq
    if (seq > this.lastSeq) this.lastSeq = seq
    tally[reason] += 1
  }

  /** Some of the events from one `seq` to another; which ones is unknown. */
  addSome(count: number, firstSeq: number, lastSeq: number, reason: DropReason): void {
    this.reach(firstSeq, lastSeq)
    this.tallyOf(unknownCategory)[reason] += count
  }

  merge(other: Gap): void {
    this.reach(other.firstSeq, other.lastSeq)
    for (const [category, counts] of other.byCategory) {
      const tally = this.tallyOf(category)
      for (const reason of dropReasons) tally[reason] += counts[reason]
    }
  }

  /** The content of another mark. */
  addMark({ first_seq: firstSeq, last_seq: lastSeq, by_category: byCategory, reasons }: GapFields): void {
    const { markedCategories, markedReasons } = this
    this.reach(firstSeq, lastSeq)
    for (const category of Object.keys(byCategory))
      increase(markedCategories, nameIn(markedCategories, category), byCategory[category] ?? 0)
    for (const reason of dropReasons) increase(markedReasons, reason, reasons[reason] ?? 0)
  }

  get isEmpty(): boolean {
    return [...this.byCategory.values()].every((tally) => sum(tally) === 0)
  }

  /** What the mark says. */
  fields(exporter: string): GapFields {
    const byCategory = new Map(this.markedCategories)
    const reasons = new Map(this.markedReasons)
    for (const [category, tally] of this.byCategory) {
      increase(byCategory, nameIn(byCategory, category), sum(tally))
      for (const reason of dropReasons) increase(reasons, reason, tally[reason])
    }
    return {
      count: [...byCategory.values()].reduce((total, count) => total + count, 0),
      first_seq: this.firstSeq,
      last_seq: this.lastSeq,
      by_category: Object.fromEntries(byCategory),
      reasons: Object.fromEntries(reasons),
      exporter
    }
  }

  private reach(firstSeq: number, lastSeq: number): void {
    this.firstSeq = Math.min(this.firstSeq, firstSeq)
    this.lastSeq = Math.max(this.lastSeq, lastSeq)
  }

  private tallyOf(category: string): Tally {
    const name = nameIn(this.byCategory, category)
    const known = this.byCategory.get(name)
    if (known !== undefined) return known
    const tally = Object.fromEntries(dropReasons.map((reason) => [reason, 0])) as Tally
    this.byCategory.set(name, tally)
    return tally
  }
}

/** The same for people. */
export const gapMessage = ({ count, reasons }: GapFields): string =>
  `${count === 1 ? "1 event is" : `${count} events are`} missing here: ${Object.keys(reasons).join(", ")}`

const sum = (tally: Tally): number => dropReasons.reduce((total, reason) => total + tally[reason], 0)

const nameIn = (byCategory: ReadonlyMap<string, unknown>, category: string): string =>
  byCategory.has(category) || byCategory.size < writerLimits.gapCategoriesMax ? category : otherCategories

const increase = <Key>(counts: Map<Key, number>, key: Key, by: number): void => {
  if (by > 0) counts.set(key, (counts.get(key) ?? 0) + by)
}

/** One hole in one exporter's stream. `at` is the index of the queued line before which it lies. */
export class Hole {
  at: number
  private readonly byRoute = new Map<string, Gap>()

  constructor(at: number) {
    this.at = at
  }

  /** The gaps by their routes; a stream without routes has one, under "". None where counting an event failed. */
  get gaps(): readonly (readonly [route: string, gap: Gap])[] {
    return [...this.byRoute].filter(([, gap]) => !gap.isEmpty)
  }

  add(seq: number, category: string, reason: DropReason, route: string): void {
    this.gapOf(route).add(seq, category, reason)
  }

  /** Some of the events from one `seq` to another. */
  addSome(count: number, firstSeq: number, lastSeq: number, reason: DropReason): void {
    this.gapOf("").addSome(count, firstSeq, lastSeq, reason)
  }

  /** Takes in a hole that touches this one: no line is left between them. */
  merge(other: Hole): void {
    for (const [route, gap] of other.gaps) this.gapOf(route).merge(gap)
  }

  // Beyond the bound, routes share one mark without a route.
  private gapOf(route: string): Gap {
    const known = this.byRoute.get(route)
    if (known !== undefined) return known
    if (route !== "" && this.byRoute.size >= writerLimits.gapRoutesMax) return this.gapOf("")
    const gap = new Gap()
    this.byRoute.set(route, gap)
    return gap
  }
}

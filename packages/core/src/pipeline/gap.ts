// A hole: events that were accepted and will never be in this exporter's stream. A hole is counted here until a gap mark
// stands where the events are missing; where a stream has routes (a user's file), one mark in each.
import type { DropReason, GapFields } from "../event/mark.ts"
import { writerLimits } from "../limits.ts"

const otherCategories = "(other)"
const unknownCategory = "(unknown)"

/** The content of one gap mark: the events of a hole that were on one route. */
export class Gap {
  count = 0
  firstSeq = Number.POSITIVE_INFINITY
  lastSeq = 0
  private readonly byCategory = new Map<string, number>()
  private readonly reasons = new Map<DropReason, number>()

  add(seq: number, category: string, reason: DropReason): void {
    this.count += 1
    if (seq < this.firstSeq) this.firstSeq = seq
    if (seq > this.lastSeq) this.lastSeq = seq
    increase(this.byCategory, this.nameFor(category), 1)
    increase(this.reasons, reason, 1)
  }

  /** Some of the events from one `seq` to another; which ones is unknown. */
  addSome(count: number, firstSeq: number, lastSeq: number, reason: DropReason): void {
    this.count += count
    this.firstSeq = Math.min(this.firstSeq, firstSeq)
    this.lastSeq = Math.max(this.lastSeq, lastSeq)
    increase(this.byCategory, this.nameFor(unknownCategory), count)
    increase(this.reasons, reason, count)
  }

  merge(other: Gap): void {
    this.addAll(other, other.byCategory, other.reasons)
  }

  /** The content of another mark. */
  addTold({ count, first_seq: firstSeq, last_seq: lastSeq, by_category, reasons }: GapFields): void {
    const counted = Object.entries(reasons) as [DropReason, number][]
    this.addAll({ count, firstSeq, lastSeq }, Object.entries(by_category), counted)
  }

  private addAll(
    { count, firstSeq, lastSeq }: Pick<Gap, "count" | "firstSeq" | "lastSeq">,
    byCategory: Iterable<readonly [string, number]>,
    reasons: Iterable<readonly [DropReason, number]>
  ): void {
    this.count += count
    this.firstSeq = Math.min(this.firstSeq, firstSeq)
    this.lastSeq = Math.max(this.lastSeq, lastSeq)
    for (const [category, some] of byCategory) increase(this.byCategory, this.nameFor(category), some)
    for (const [reason, some] of reasons) increase(this.reasons, reason, some)
  }

  /** What the mark says. */
  fields(exporter: string): GapFields {
    return {
      count: this.count,
      first_seq: this.firstSeq,
      last_seq: this.lastSeq,
      by_category: Object.fromEntries(this.byCategory),
      reasons: Object.fromEntries(this.reasons),
      exporter
    }
  }

  /** The same for people. */
  message(): string {
    const events = this.count === 1 ? "1 event is" : `${this.count} events are`
    return `${events} missing here: ${[...this.reasons.keys()].join(", ")}`
  }

  private nameFor(category: string): string {
    const isKnown = this.byCategory.has(category) || this.byCategory.size < writerLimits.gapCategoriesMax
    return isKnown ? category : otherCategories
  }
}

/** One hole in one exporter's stream. `at` is the index of the queued line before which it lies. */
export class Hole {
  at: number
  private readonly byRoute = new Map<string, Gap>()

  constructor(at: number) {
    this.at = at
  }

  /** The gaps by their routes; a stream without routes has one, under "". */
  get gaps(): Iterable<readonly [route: string, gap: Gap]> {
    return this.byRoute
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
    for (const [route, gap] of other.byRoute) this.gapOf(route).merge(gap)
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

const increase = <Key>(counts: Map<Key, number>, key: Key, by: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

// Which numbers of a session's events are here, as ranges: what lies between two of them is missing.
// Bounded, because the events of one session may be spread over the files of thousands of users.

/** Ranges kept before they are joined, and the most that may be left then. */
const looseMax = 4_096
const keptMax = 65_536

export interface NumberRange {
  from: number
  to: number
}

export class NumberRanges {
  private ranges: NumberRange[] = []
  private newest: NumberRange | undefined
  private joinAt = looseMax
  /** Too scattered to be kept: nothing can be said of gaps. */
  isLost = false

  add(from: number, to: number = from): void {
    const { newest } = this
    if (newest !== undefined && from >= newest.from && from <= newest.to + 1) {
      if (to > newest.to) newest.to = to
      return
    }
    if (this.isLost) return
    this.newest = { from, to }
    this.ranges.push(this.newest)
    if (this.ranges.length < this.joinAt) return
    this.join()
    this.joinAt = Math.max(looseMax, 2 * this.ranges.length)
    if (this.ranges.length > keptMax) {
      this.isLost = true
      this.ranges = []
    }
  }

  /** What is not here of 1, or else of the first number that is here, up to the last one. */
  gaps(isFromOne: boolean): readonly NumberRange[] {
    this.join()
    const gaps: NumberRange[] = []
    let next = isFromOne ? 1 : (this.ranges[0]?.from ?? 1)
    for (const { from, to } of this.ranges) {
      if (from > next) gaps.push({ from: next, to: from - 1 })
      next = to + 1
    }
    return gaps
  }

  has(number: number): boolean {
    return this.ranges.some(({ from, to }) => number >= from && number <= to)
  }

  private join(): void {
    const joined: NumberRange[] = []
    for (const range of this.ranges.toSorted((one, other) => one.from - other.from)) {
      const last = joined.at(-1)
      if (last === undefined || range.from > last.to + 1) joined.push({ ...range })
      else if (range.to > last.to) last.to = range.to
    }
    this.ranges = joined
    this.newest = joined.at(-1)
  }
}

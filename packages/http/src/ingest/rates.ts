// How many events a user may send: a measure that fills by the second, up to what may come at once. A batch is taken as a whole or
// not at all, so the page is asked to wait until there is room for it.
import { ingestLimits } from "./limits.ts"
import { RecentMap } from "./recent-map.ts"

/** How many events one user may send. */
export interface Rate {
  readonly perSecond: number
  readonly atOnce: number
}

interface Measure {
  left: number
  atMs: number
}

export class Rates {
  private readonly measures = new RecentMap<Measure>(ingestLimits.ratesMax)
  private readonly rate: Rate

  constructor(rate: Rate) {
    this.rate = rate
  }

  /** Takes so many events of a user's measure. Returns 0, or in how many seconds there is room for them. */
  take(user: string, count: number, nowMs: number): number {
    const { perSecond, atOnce } = this.rate
    const known = this.measures.get(user) ?? { left: atOnce, atMs: nowMs }
    const filled = known.left + (Math.max(0, nowMs - known.atMs) / 1_000) * perSecond
    const left = Math.min(atOnce, filled)
    this.measures.set(user, { left: left < count ? left : left - count, atMs: nowMs })
    return left < count ? Math.ceil((count - left) / perSecond) : 0
  }
}

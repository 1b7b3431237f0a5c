// What the audit calls of a run cost the program: a stopwatch around each of them, and the figures at the end. The log
// underneath is the real one; no call is sampled or repeated.

import { performance } from "node:perf_hooks"
import type { Audit, Fields, TypedEvent } from "@daybook/core"

/** The methods of a log that the app uses. */
export interface AppLog {
  sessionStart(): void
  log(event: TypedEvent): void
  pageOpen(slug: string): void
  exception(where: string, error: unknown, extras: Fields): void
}

/** Times in microseconds. */
export interface CallCost {
  readonly calls: number
  /** The first call starts the log. */
  readonly firstUs: number
  /** Of the calls after the first; NaN when there was none. */
  readonly medianUs: number
  readonly p99Us: number
  /** The stopwatch alone; the times above include it. */
  readonly stopwatchUs: number
}

export class CallTimer {
  private readonly timesMs: number[] = []

  /** The same log with the stopwatch running during each call. */
  around(audit: Audit): AppLog {
    return {
      sessionStart: () => this.time(() => audit.sessionStart()),
      log: (event) => this.time(() => audit.log(event)),
      pageOpen: (slug) => this.time(() => audit.pageOpen(slug)),
      exception: (where, error, extras) => this.time(() => audit.exception(where, error, extras))
    }
  }

  get cost(): CallCost {
    const [firstMs = Number.NaN, ...laterMs] = this.timesMs
    return {
      calls: this.timesMs.length,
      firstUs: firstMs * usPerMs,
      medianUs: percentile(laterMs, 50) * usPerMs,
      p99Us: percentile(laterMs, 99) * usPerMs,
      stopwatchUs: CallTimer.stopwatchMs() * usPerMs
    }
  }

  private time(call: () => void): void {
    const startedAt = performance.now()
    call()
    this.timesMs.push(performance.now() - startedAt)
  }

  private static stopwatchMs(): number {
    const idle = new CallTimer()
    for (let round = 0; round < stopwatchRounds; round += 1) idle.time(() => undefined)
    return percentile(idle.timesMs, 50)
  }
}

const usPerMs = 1_000
const stopwatchRounds = 1_000

/** By nearest rank, so the result is a measured value. */
const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN
}

// How long a writer waits after a failure: doubling up to a limit, each wait a little different, so that many processes
// that lost one far side do not come back to it in step.
import { writerLimits } from "../limits.ts"

/** The first wait after a failure, and the longest. */
export interface Backoff {
  readonly minMs: number
  readonly maxMs: number
}

/** What a log's writers wait. */
export const writerBackoff: Backoff = { minMs: writerLimits.backoffMinMs, maxMs: writerLimits.backoffMaxMs }

/**
 * Milliseconds after so many failures in a row; `random` is from 0 up to 1. `askedMs`: what the exporter asked for at
 * least, which is never shortened.
 */
export const backoffMs = (
  failures: number,
  random: number,
  askedMs = 0,
  { minMs, maxMs }: Backoff = writerBackoff
): number => {
  const { retryAfterMaxMs } = writerLimits
  const doubled = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30))
  // An exporter's value may be no number at all.
  const pauseMs = askedMs > 0 ? Math.min(askedMs, retryAfterMaxMs) * (1 + 0.2 * random) : 0
  return Math.max(doubled * (0.8 + 0.4 * random), pauseMs)
}

// What a log does when its process ends or its page is left: a flush while the host still waits, then what can be written
// synchronously, and a notice of what could not.
import type { ExitHook } from "../host/host.ts"
import { writerLimits } from "../limits.ts"
import type { Notices } from "./notices.ts"

/** What the hook asks of its log. */
export interface EndingLog {
  flush(): Promise<unknown>
  /** Writes synchronously for at most so long. Returns how many events are left. */
  writeNow(limitMs: number): number
  uncaught(error: unknown): void
  readonly notices: Notices
}

/**
 * A process that throws comes here twice, and both times together have one limit, of work and not of what the application
 * does in between. One that lives on has a new one.
 */
export const makeExitHook = (log: EndingLog): ExitHook => {
  const { flushTimeoutMs } = writerLimits
  let spentMs = 0
  let lastAt = Number.NEGATIVE_INFINITY
  let leftTold = 0
  return {
    idle: () => log.flush(),
    lastWrite: (isFinal) => {
      const beganAt = performance.now()
      if (beganAt - lastAt > flushTimeoutMs) spentMs = 0
      const left = log.writeNow(Math.max(0, flushTimeoutMs - spentMs))
      lastAt = performance.now()
      spentMs += lastAt - beganAt
      // Deno has two events for one end.
      const isNews = isFinal && left > 0 && left !== leftTold
      if (isFinal) leftTold = left
      if (isNews) log.notices.tell(`${left} events could not be written before the process ended`)
    },
    uncaught: (error) => log.uncaught(error)
  }
}

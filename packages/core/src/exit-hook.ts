// What a log does when its process ends, or its page is left: a flush while the host still waits, then what can be written
// synchronously, and a notice of what could not. When the host calls is host/'s business.
import type { ExitHook } from "./host/host.ts"
import { writerLimits } from "./limits.ts"
import type { Log } from "./log.ts"
import type { Notices } from "./notices.ts"

/**
 * A process that throws comes here twice, and both times together have one limit, of work and not of what the application
 * does in between. One that lives on has a new one.
 */
export const makeExitHook = (log: Log, notices: Notices): ExitHook => {
  const { flushTimeoutMs } = writerLimits
  let spentMs = 0
  let lastAt = Number.NEGATIVE_INFINITY
  let leftTold = 0
  return {
    idle: () => log.run(log.flush()),
    lastWrite: (isFinal) => {
      const beganAt = performance.now()
      if (beganAt - lastAt > flushTimeoutMs) spentMs = 0
      const left = log.writeNow(Math.max(0, flushTimeoutMs - spentMs))
      lastAt = performance.now()
      spentMs += lastAt - beganAt
      // Deno has two events for one end.
      const isNews = isFinal && left > 0 && left !== leftTold
      if (isFinal) leftTold = left
      if (isNews) notices.tell(`${left} events could not be written before the process ended`)
    },
    uncaught: (error) => log.exception("uncaught", error)
  }
}

// What a log does when its process ends or its page is left: a flush while the host still waits, then what can be written
// synchronously, and a notice of what could not.
import type { ExitHook } from "../host/host.ts"
import type { Notices } from "./notices.ts"

/** What the hook asks of its log. */
export interface EndingLog {
  flush(): Promise<unknown>
  /** Writes synchronously for at most so long. Returns how many events are left. */
  writeNow(limitMs: number): number
  uncaught(error: unknown): void
  /** From now on a call writes at once: nothing comes later. */
  ends(): void
  readonly notices: Notices
}

export const makeExitHook = (log: EndingLog): ExitHook => {
  let left = 0
  let leftTold = 0
  return {
    idle: () => log.flush(),
    lastWrite: (limitMs, isFinal) => {
      left = log.writeNow(limitMs)
      if (isFinal) log.ends()
      return left
    },
    over: () => {
      // Deno has two events for one end.
      if (left > 0 && left !== leftTold)
        log.notices.tell(`${left} events could not be written before the process ended`)
      leftTold = left
    },
    uncaught: (error) => log.uncaught(error)
  }
}

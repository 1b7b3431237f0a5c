// How plain code wakes a fiber: a condition and the one fiber that waits for it. Poking costs nothing without a waiter.
// What the condition is belongs to the waiter.
import * as Effect from "effect/Effect"

/** Runs something in the next turn of the event loop. */
export type NextTurn = (run: () => void) => unknown

interface Waiter {
  readonly until: () => boolean
  readonly resume: () => void
  isCalled: boolean
}

/** A fiber waits until a condition holds; code that may have changed it calls `poke`. */
export class Signal {
  private waiting: Waiter | undefined
  private readonly nextTurn: NextTurn

  constructor(nextTurn: NextTurn) {
    this.nextTurn = nextTurn
  }

  /** Succeeds as soon as `until` holds. Interruptible. */
  wait(until: () => boolean): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (until()) return resume(Effect.void)
      const leave = (): void => {
        if (this.waiting === waiter) this.waiting = undefined
      }
      const waiter: Waiter = {
        until,
        resume: () => {
          leave()
          resume(Effect.void)
        },
        isCalled: false
      }
      this.waiting = waiter
      return Effect.sync(leave)
    })
  }

  /**
   * Looks at the condition again. A fiber that is resumed runs at once, so it is called in a turn of its own: this stack may
   * be that of `audit.log()`, and nearly full.
   */
  poke(): void {
    const { waiting } = this
    if (waiting === undefined || waiting.isCalled || !waiting.until()) return
    this.nextTurn(waiting.resume)
    waiting.isCalled = true
  }
}

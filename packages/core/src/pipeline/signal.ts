// How plain code wakes a fiber: a condition and the one fiber that waits for it. Poking costs nothing without a waiter.
// What the condition is belongs to the waiter.
import * as Effect from "effect/Effect"

/** A fiber waits until a condition holds; code that may have changed it calls `poke`. */
export class Signal {
  private waiting: { readonly until: () => boolean; readonly resume: () => void } | undefined

  /** Succeeds as soon as `until` holds. Interruptible. */
  wait(until: () => boolean): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (until()) return resume(Effect.void)
      const waiter = {
        until,
        // A resumed fiber runs on the stack of the code that resumed it, which may be `audit.log()`: yield first.
        resume: () => resume(Effect.yieldNow)
      }
      this.waiting = waiter
      return Effect.sync(() => {
        if (this.waiting === waiter) this.waiting = undefined
      })
    })
  }

  /** Looks at the condition again. */
  poke(): void {
    const { waiting } = this
    if (waiting === undefined || !waiting.until()) return
    this.waiting = undefined
    waiting.resume()
  }
}

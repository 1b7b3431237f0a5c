// How the plain code of a delivery waits: for a time on its clock, or until it is poked, and how long. Timers of the default clock
// keep no process alive; somebody who waits for an answer does.
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { deliveryLimits } from "../limits.ts"

export class Pause {
  private readonly clock: Clock.Clock
  private isPoked = false
  private resume: () => void = () => undefined

  constructor(clock: Clock.Clock) {
    this.clock = clock
  }

  /** Ends the pause that is under way, or else the next one. */
  poke(): void {
    this.isPoked = true
    this.resume()
  }

  /** One at a time. True when it was poked. */
  async for(ms: number): Promise<boolean> {
    const poked = Effect.callback<void>((resume) => {
      this.resume = () => resume(Effect.void)
      if (this.isPoked) this.resume()
    })
    await Effect.runPromise(Effect.raceFirst(this.clock.sleep(Duration.millis(ms)), poked))
    const { isPoked } = this
    this.isPoked = false
    return isPoked
  }

  /** The answer, or `undefined` when it takes longer. Meanwhile the process stays alive. */
  async within<Answer>(answer: Promise<Answer>, ms: number): Promise<Answer | undefined> {
    const hold = setInterval(() => undefined, 2 ** 30)
    const tooLate = Effect.as(this.clock.sleep(Duration.millis(Math.max(0, ms))), undefined)
    try {
      return await Effect.runPromise(
        Effect.raceFirst(
          Effect.promise(() => answer),
          tooLate
        )
      )
    } finally {
      clearInterval(hold)
    }
  }
}

/** How long what is wrong with our own files is waited out. */
export const waitMs = (failures: number): number => {
  const { backoffMinMs, backoffMaxMs } = deliveryLimits
  return Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(failures - 1, 30))
}

/** Calls a listener, whose trouble is its own. */
export const quietly = (call: () => void): void => {
  try {
    call()
  } catch {
    // Said by the code that made it.
  }
}

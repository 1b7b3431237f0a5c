// How a writer's work is done where nothing outlives a request (workerd): by a request that waits for it, in its own
// fiber, one at a time. Requests share plain values only: a callback that one
// calls for another would run on the first one's timers and connections, and end with it.

//                        work, and no living request at it
//   attend ─▶ look ────────────────────────────────────▶ life ─▶ answered, no work left, or failed ─▶ look
//              │ ▲ every 25 ms                             └────▶ interrupted: abandoned
//              └─┴─▶ answered: end

import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { writerLimits } from "../limits.ts"

/** The writer, for a request that does its work for a while. */
export interface AttendedWork {
  readonly hasWork: boolean
  /** Opens, delivers until `isOver` or a failure, releases. Returns how long to wait before the next try. */
  live(isOver: () => boolean): Effect.Effect<number>
  /** The request at work is gone: the outcome of its operation is unknown. */
  abandon(): void
}

/** Held by the request at work. A dead request cannot give it back: silence shows that it is dead. */
interface Turn {
  beats: number
}

/** The turn as one waiting request sees it: counted in looks, because a clock may stand still while no request runs. */
interface Watch {
  turn: Turn | undefined
  beats: number
  looks: number
}

export class Attendance {
  private turn: Turn | undefined
  private readonly work: AttendedWork

  constructor(work: AttendedWork) {
    this.work = work
  }

  /** Works, or lets another request work, until `isAnswered`. Interruptible at any time. */
  attend(isAnswered: () => boolean): Effect.Effect<void> {
    const { lookMs } = writerLimits
    const self = this
    return Effect.gen(function* () {
      const watch: Watch = { turn: undefined, beats: 0, looks: 0 }
      let restMs = 0
      while (!isAnswered()) {
        if (restMs <= 0 && self.work.hasWork && self.isFree(watch)) {
          restMs = yield* self.life(isAnswered)
        } else {
          yield* Effect.sleep(lookMs)
          restMs -= lookMs
        }
      }
    })
  }

  private isFree(watch: Watch): boolean {
    const { turn } = this
    if (turn === undefined) return true
    if (watch.turn !== turn || watch.beats !== turn.beats) {
      watch.turn = turn
      watch.beats = turn.beats
      watch.looks = 0
    }
    watch.looks += 1
    return watch.looks > writerLimits.silentLooksMax
  }

  // Detached from the request that waits: an operation that cannot be interrupted must not hold it beyond its limit.
  private life(isAnswered: () => boolean): Effect.Effect<number> {
    const { work } = this
    if (this.turn !== undefined) work.abandon()
    const turn: Turn = { beats: 0 }
    this.turn = turn
    const isOver = (): boolean => isAnswered() || !work.hasWork || this.turn !== turn
    const beat = Effect.forever(
      Effect.andThen(
        Effect.sleep(writerLimits.beatMs),
        Effect.sync(() => ++turn.beats)
      )
    )
    const life = Effect.flatMap(Effect.forkDetach(beat), (beating) => {
      const end = Effect.sync(() => {
        beating.interruptUnsafe()
        if (this.turn === turn) this.turn = undefined
      })
      return Effect.ensuring(work.live(isOver), end)
    })
    return Effect.flatMap(Effect.forkDetach(life), (fiber) =>
      Effect.onInterrupt(Fiber.join(fiber), () => Effect.sync(() => fiber.interruptUnsafe()))
    )
  }
}

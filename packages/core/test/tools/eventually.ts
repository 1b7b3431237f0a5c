// Waiting without sleeping: give other fibers and the event loop their turn until a condition holds.
import * as Effect from "effect/Effect"

const turnsMax = 10_000

/** Succeeds when `condition` holds; dies after many turns in which it did not. */
export const eventually = (condition: () => boolean, what: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let turn = 0; turn < turnsMax; turn++) {
      if (condition()) return
      yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
    }
    return yield* Effect.die(new Error(`never happened: ${what}`))
  })

/** Lets everything that can run now run, to show that something does not happen. */
export const settle: Effect.Effect<void> = Effect.gen(function* () {
  for (let turn = 0; turn < 50; turn++) {
    yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
  }
})

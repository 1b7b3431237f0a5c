// How a log's fibers are started: on its clock and in the host's own turns. Never on the caller's stack, which may be
// that of `audit.log()`.
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"
import { host } from "#host"
import type { Host } from "../host/host.ts"

export interface Fibers {
  /** Starts work in the background, in the next turn. Returns how to stop it. */
  fork(effect: Effect.Effect<void>): () => void
  /** Runs an effect for plain code, and keeps the process alive until it has answered. */
  run<A, E>(effect: Effect.Effect<A, E>): Promise<A>
}

export const makeFibers = (clock: Clock.Clock, nextTurn: Host["nextTurn"]): Fibers => {
  const services = Context.make(Clock.Clock, clock).pipe(
    Context.add(Scheduler.Scheduler, new Scheduler.MixedScheduler("async", (run) => nextTurn(run)))
  )
  return {
    // `runForkWith` runs the first steps on this stack, which may be an application's call.
    fork: (effect) => {
      let stop: (() => void) | undefined
      const begin = nextTurn(() => {
        const fiber = Effect.runForkWith(services)(effect)
        stop = () => fiber.interruptUnsafe()
      })
      return () => (stop ?? begin)()
    },
    run: async (effect) => {
      const release = host.hold()
      try {
        return await Effect.runPromiseWith(services)(effect)
      } finally {
        release()
      }
    }
  }
}

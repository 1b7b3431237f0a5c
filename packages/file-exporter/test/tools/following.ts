// A follower under test: it looks when the test says so, and everything that it gives is kept. No time passes.
import { onTestFinished } from "vitest"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import type { FollowClock, FollowOptions, ReadNote, Row } from "../../src/index.ts"
import { followOn } from "../../src/readers.node.ts"
import { app } from "./file-bench.ts"
import { briefly } from "./reading.ts"

export interface Following {
  /** The time of the follower. */
  now: number
  /** What came since it was asked last, in short. */
  look(): Promise<readonly string[]>
  /** Stops like a loop that is left. */
  stop(): Promise<void>
  readonly notes: readonly ReadNote[]
  /** Whether the rows have ended. */
  readonly isOver: boolean
  /** How often it was asked to wait, and how long. */
  readonly waits: readonly number[]
}

/** Follows, and has looked once when it is given back. What came then is in `first`. */
export const following = async (
  options: Omit<FollowOptions, "app" | "clock"> & { readonly dir: string; readonly at: number },
  layer: ReadLayer = nodeReadLayer
): Promise<Following & { readonly first: readonly string[] }> => {
  const { at, ...rest } = options
  const came: Row[] = []
  const notes: ReadNote[] = []
  const waits: number[] = []
  let isOver = false
  let failure: unknown
  let wake = (): void => {}
  let hasLooked = (): void => {}
  const clock: FollowClock = {
    now: () => followed.now,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        waits.push(ms)
        wake = resolve
        signal.addEventListener("abort", () => resolve(), { once: true })
        hasLooked()
      })
  }
  const rows = followOn(layer, { ...rest, app, clock, onNote: (note) => notes.push(note) })
  const iterator = rows[Symbol.asyncIterator]()
  const taking = async (): Promise<void> => {
    try {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        came.push(next.value)
    } catch (error) {
      failure = error
    }
    isOver = true
    hasLooked()
  }
  const lookOnce = async (start: () => void): Promise<readonly string[]> => {
    await new Promise<void>((resolve) => {
      hasLooked = resolve
      start()
    })
    if (failure !== undefined) throw failure
    return came.splice(0).map(briefly)
  }
  const followed: Following = {
    now: at,
    look: () => lookOnce(() => wake()),
    stop: async () => void (await iterator.return?.()),
    notes,
    waits,
    get isOver() {
      return isOver
    }
  }
  onTestFinished(() => followed.stop())
  const first = await lookOnce(() => void taking())
  return Object.assign(followed, { first })
}

// How a producer waits for libraries that offer no way to wait: turns of the event loop, and checks whether their files still
// grow. A library's own way is used where there is one.

import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import type { Running } from "./library.ts"

/** Events between two waits: many times what any of them writes at once. */
const turnEvents = 1_000

/** Waits each 1,000 events, and goes straight on between. */
export const eachTurn = (wait: () => Promise<void>): Running["room"] => {
  let count = 0
  return () => {
    count += 1
    return count % turnEvents === 0 ? wait() : undefined
  }
}

/** A turn of the event loop, in which a library can start its writes. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs))

const sizeOf = async (dir: string): Promise<number> => {
  const sizes = await Promise.all(
    (await readdir(dir))
      .filter((name) => !name.startsWith("."))
      .map(async (name) => (await stat(join(dir, name))).size)
  )
  return sizes.reduce((total, size) => total + size, 0)
}

const lookMs = 20
const quietLooks = 5

/** Waits until no file of the directory has grown for 100 ms. */
export const filesQuiet = async (dir: string): Promise<void> => {
  let size = -1
  for (let quiet = 0; quiet < quietLooks; ) {
    await sleep(lookMs)
    const now = await sizeOf(dir)
    quiet = now === size ? quiet + 1 : 0
    size = now
  }
}

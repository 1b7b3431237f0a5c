// The real disk under a process that may die in the middle of a write, and on a disk that may be full for a while.
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { diskError } from "./faulty-file-layer.ts"

export interface MortalLayer extends FileLayer {
  /** The next appends fail, each after so many bytes of it. */
  failNext(...bytes: readonly number[]): void
  /** There is room again. */
  heal(): void
  /** The process is killed: what the system was given is done, and nothing that it asks for from now on. */
  kill(): Promise<void>
  /** Until nothing is under way. */
  idle(): Promise<void>
  /** The process dies after so many bytes of its next appends: resolves then. Nothing that it asks for is done any more. */
  dieAfter(bytes: number): Promise<void>
}

/** Between two operations of one write are fewer turns. */
const turnsIdle = 50
const never = new Promise<never>(() => undefined)

export const mortalLayer = (): MortalLayer => {
  const real = nodeFileLayer
  const failing: number[] = []
  let left = Number.POSITIVE_INFINITY
  let isDead = false
  let died = (): void => undefined
  let underWay = 0
  let started = 0
  /** The operation, as long as the process lives. */
  const alive =
    <Args extends readonly unknown[], A>(run: (...args: Args) => Promise<A>) =>
    (...args: Args): Promise<A> =>
      isDead ? never : counted(run(...args))
  const counted = <A>(answer: Promise<A>): Promise<A> => {
    underWay += 1
    started += 1
    return answer.finally(() => {
      underWay -= 1
    })
  }
  const idle = async (): Promise<void> => {
    let known = -1
    for (let turn = 0; turn < turnsIdle; turn++) {
      if (underWay > 0 || started !== known) turn = 0
      known = started
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return {
    ...real,
    openRead: alive(real.openRead),
    facts: alive(real.facts),
    read: alive(real.read),
    remove: alive(real.remove),
    replace: alive(real.replace),
    openNew: alive(real.openNew),
    openAppend: alive(real.openAppend),
    append: (fd, bytes) => {
      if (isDead) return never
      const fails = failing.shift()
      if (fails !== undefined) {
        if (fails > 0) real.now.append(fd, bytes.subarray(0, Math.min(fails, bytes.length - 1)))
        return Promise.reject(diskError("ENOSPC", -28))
      }
      if (bytes.length <= left) {
        left -= bytes.length
        return counted(real.append(fd, bytes))
      }
      if (left > 0) real.now.append(fd, bytes.subarray(0, left))
      isDead = true
      died()
      return never
    },
    idle,
    kill: async () => {
      isDead = true
      await idle()
    },
    heal: () => {
      failing.length = 0
    },
    failNext: (...bytes) => {
      failing.push(...bytes)
    },
    dieAfter: (bytes) => {
      left = bytes
      return new Promise((resolve) => {
        died = () => resolve()
      })
    }
  }
}

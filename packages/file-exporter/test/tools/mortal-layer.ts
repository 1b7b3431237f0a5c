// The real disk under a process that may die in the middle of a write, and on a disk that may be full for a while.
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { diskError } from "./faulty-file-layer.ts"

export interface MortalLayer extends FileLayer {
  /** The next appends fail, each after so many bytes of it. */
  failNext(...bytes: readonly number[]): void
  /** There is room again. */
  heal(): void
  /** The process dies after so many bytes of its next appends: resolves then. Nothing that it asks for is done any more. */
  dieAfter(bytes: number): Promise<void>
}

const never = new Promise<never>(() => undefined)

export const mortalLayer = (): MortalLayer => {
  const real = nodeFileLayer
  const failing: number[] = []
  let left = Number.POSITIVE_INFINITY
  let isDead = false
  let died = (): void => undefined
  /** The operation, as long as the process lives. */
  const alive =
    <Args extends readonly unknown[], A>(run: (...args: Args) => Promise<A>) =>
    (...args: Args): Promise<A> =>
      isDead ? never : run(...args)
  return {
    ...real,
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
        return real.append(fd, bytes)
      }
      if (left > 0) real.now.append(fd, bytes.subarray(0, left))
      isDead = true
      died()
      return never
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

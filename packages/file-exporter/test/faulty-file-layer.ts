// A twin of the file layer that works on the real disk and goes wrong where it is told: at call number k, or at random
// by a seed. Which faults must be survived, and how, is said in the tests.
import { nodeFileLayer } from "../src/file-layer.node.ts"
import type { FileLayer, NowLayer } from "../src/file-layer.ts"

/**
 * `fail`: the operation is not done; a close is done all the same, as the system does it. `short`: an append takes the
 * greater part of the bytes and says so. `torn`: it takes as much and fails. A number: it takes at most so many bytes.
 */
export type Fault = "fail" | "short" | "torn" | number

/** Of equal lines, however many, this part ends within one. */
const shortShare = 0.618

/** An operation's name, and its number among all calls, from 1. Those of the exit hook begin with `now.`. */
export interface Call {
  readonly number: number
  readonly operation: string
}

export interface FaultyFileLayer extends FileLayer {
  /** Operations in the order of their calls. */
  readonly operations: readonly string[]
  /** Faults that took place. */
  readonly fired: readonly Fault[]
  /** Stops all faults. */
  heal(): void
}

/** `faultOf` is asked at every call; faults of appends do nothing to other operations. */
export const faultyFileLayer = (
  faultOf: (call: Call) => Fault | undefined,
  error: () => Error = () => diskError("ENOSPC", -28)
): FaultyFileLayer => {
  const operations: string[] = []
  const fired: Fault[] = []
  let isHealed = false

  const faultAt = (operation: string): Fault | undefined => {
    operations.push(operation)
    if (isHealed) return undefined
    const fault = faultOf({ number: operations.length, operation })
    if (fault === undefined || (fault !== "fail" && !operation.endsWith("append"))) return undefined
    fired.push(fault)
    return fault
  }
  const guard = (operation: string): void => {
    if (faultAt(operation) !== undefined) throw error()
  }
  const appendWith = (
    fault: Fault | undefined,
    bytes: Uint8Array,
    append: (bytes: Uint8Array) => number
  ): number => {
    if (fault === "fail") throw error()
    if (fault === undefined) return append(bytes)
    const share = typeof fault === "number" ? fault : Math.ceil(bytes.length * shortShare)
    const written = share === 0 ? 0 : append(bytes.subarray(0, share))
    if (fault === "torn") throw error()
    return written
  }

  const real = nodeFileLayer
  const now: NowLayer = {
    makeDir: (path) => {
      guard("now.makeDir")
      real.now.makeDir(path)
    },
    dirFacts: (path) => {
      guard("now.dirFacts")
      return real.now.dirFacts(path)
    },
    openAppend: (path) => {
      guard("now.openAppend")
      return real.now.openAppend(path)
    },
    facts: (fd) => {
      guard("now.facts")
      return real.now.facts(fd)
    },
    append: (fd, bytes) => appendWith(faultAt("now.append"), bytes, (part) => real.now.append(fd, part)),
    tail: (fd, bytesMax) => {
      guard("now.tail")
      return real.now.tail(fd, bytesMax)
    },
    close: (fd) => {
      real.now.close(fd)
      guard("now.close")
    },
    pause: (ms) => real.now.pause(ms)
  }
  return {
    makeDir: async (path) => {
      guard("makeDir")
      await real.makeDir(path)
    },
    dirFacts: async (path) => {
      guard("dirFacts")
      return real.dirFacts(path)
    },
    openAppend: async (path) => {
      guard("openAppend")
      return real.openAppend(path)
    },
    facts: async (fd) => {
      guard("facts")
      return real.facts(fd)
    },
    append: async (fd, bytes) => {
      const fault = faultAt("append")
      if (fault === undefined) return real.append(fd, bytes)
      return appendWith(fault, bytes, (part) => real.now.append(fd, part))
    },
    byteAt: async (fd, position) => {
      guard("byteAt")
      return real.byteAt(fd, position)
    },
    close: async (fd) => {
      await real.close(fd)
      guard("close")
    },
    now,
    operations,
    fired,
    heal: () => {
      isHealed = true
    }
  }
}

/** An error as Node makes it of a failed system call. */
export const diskError = (code: string, errno: number): Error =>
  Object.assign(new Error(`${code}: told to fail`), { code, errno, syscall: "write" })

/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

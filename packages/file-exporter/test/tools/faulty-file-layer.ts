// A twin of the file layer that works on the real disk and goes wrong where it is told: at call number k, or at random
// by a seed. Which faults must be survived, and how, is said in the tests.
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer, NowLayer } from "../../src/disk/file-layer.ts"

/**
 * `fail`: the operation is not done; a close is done all the same, as the system does it. `short`: an append takes the
 * greater part of the bytes and says so. `torn`: it takes as much and fails. A number: it takes at most so many bytes,
 * and says so; as `tornAt` it takes them and fails.
 */
export type Fault = "fail" | "short" | "torn" | number | { readonly tornAt: number }

/** Of equal lines, however many, this part ends within one. */
const shortShare = 0.618

/** An operation's name, and its number among all calls, from 1. Those of the exit hook begin with `now.`. */
export interface Call {
  readonly number: number
  readonly operation: string
}

/** A fault that took place. */
export interface Fired extends Call {
  readonly fault: Fault
}

export interface FaultyFileLayer extends FileLayer {
  /** Operations in the order of their calls. */
  readonly operations: readonly string[]
  /** Faults that took place. */
  readonly fired: readonly Fired[]
  /** Stops all faults. */
  heal(): void
}

/** `faultOf` is asked at every call; faults of appends do nothing to other operations. */
export const faultyFileLayer = (
  faultOf: (call: Call) => Fault | undefined,
  error: () => Error = () => diskError("ENOSPC", -28)
): FaultyFileLayer => {
  const operations: string[] = []
  const fired: Fired[] = []
  let isHealed = false

  const faultAt = (operation: string): Fault | undefined => {
    operations.push(operation)
    if (isHealed) return undefined
    const call = { number: operations.length, operation }
    const fault = faultOf(call)
    if (fault === undefined || (fault !== "fail" && !operation.endsWith("append"))) return undefined
    fired.push({ ...call, fault })
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
    const share = shareOf(fault, bytes.length)
    const written = share === 0 ? 0 : append(bytes.subarray(0, share))
    if (fault === "torn" || typeof fault === "object") throw error()
    return written
  }

  const real = nodeFileLayer
  /** The operation, unless it is to fail. */
  const later =
    <Args extends readonly unknown[], A>(name: string, run: (...args: Args) => Promise<A>) =>
    async (...args: Args): Promise<A> => {
      guard(name)
      return run(...args)
    }
  const atOnce =
    <Args extends readonly unknown[], A>(name: string, run: (...args: Args) => A) =>
    (...args: Args): A => {
      guard(`now.${name}`)
      return run(...args)
    }
  const now: NowLayer = {
    makeDir: atOnce("makeDir", real.now.makeDir),
    nameFacts: atOnce("nameFacts", real.now.nameFacts),
    probe: atOnce("probe", real.now.probe),
    list: atOnce("list", real.now.list),
    remove: atOnce("remove", real.now.remove),
    openAppend: atOnce("openAppend", real.now.openAppend),
    openNew: atOnce("openNew", real.now.openNew),
    openRead: atOnce("openRead", real.now.openRead),
    replace: atOnce("replace", real.now.replace),
    facts: atOnce("facts", real.now.facts),
    setMode: atOnce("setMode", real.now.setMode),
    append: (fd, bytes) => appendWith(faultAt("now.append"), bytes, (part) => real.now.append(fd, part)),
    read: atOnce("read", real.now.read),
    sync: atOnce("sync", real.now.sync),
    syncDir: atOnce("syncDir", real.now.syncDir),
    close: (fd) => {
      real.now.close(fd)
      guard("now.close")
    },
    pause: (ms) => real.now.pause(ms)
  }
  return {
    makeDir: later("makeDir", real.makeDir),
    nameFacts: later("nameFacts", real.nameFacts),
    probe: later("probe", real.probe),
    list: later("list", real.list),
    remove: later("remove", real.remove),
    openAppend: later("openAppend", real.openAppend),
    openNew: later("openNew", real.openNew),
    openRead: later("openRead", real.openRead),
    replace: later("replace", real.replace),
    facts: later("facts", real.facts),
    setMode: later("setMode", real.setMode),
    append: async (fd, bytes) => {
      const fault = faultAt("append")
      if (fault === undefined) return real.append(fd, bytes)
      return appendWith(fault, bytes, (part) => real.now.append(fd, part))
    },
    read: later("read", real.read),
    sync: later("sync", real.sync),
    syncDir: later("syncDir", real.syncDir),
    close: async (fd) => {
      await real.close(fd)
      guard("close")
    },
    pause: real.pause,
    now,
    operations,
    fired,
    heal: () => {
      isHealed = true
    }
  }
}

const shareOf = (fault: Fault, length: number): number => {
  if (typeof fault === "number") return fault
  return typeof fault === "object" ? fault.tornAt : Math.ceil(length * shortShare)
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

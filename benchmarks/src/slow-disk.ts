// A slow disk for the modules that are loaded after this one: every write of the process goes to the real file at once, and is
// confirmed when a disk of the given bytes per second would have it. Bytes cost time, not calls, so large and small writes are
// treated alike. Loaded with `--import`, in worker threads too.

import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"

const bytesPerSecond = Number(process.env.SLOW_DISK_BYTES_PER_SECOND)
/** After this the disk is as fast as it is. */
const untilMs = Number(process.env.SLOW_DISK_UNTIL_MS)

let freeAtMs = 0

/** How long until the disk has taken these bytes too. */
const waitFor = (bytes: number): number => {
  const now = Date.now()
  if (now >= untilMs) return 0
  freeAtMs = Math.max(freeAtMs, now) + (bytes / bytesPerSecond) * 1_000
  return Math.min(freeAtMs, untilMs) - now
}

const asleep = new Int32Array(new SharedArrayBuffer(4))
const isFile = (fd: unknown): boolean => typeof fd === "number" && fd > 2

type Callback = (error: unknown, count: number, data: unknown) => void
type AnyFunction = (...args: readonly unknown[]) => unknown

/** Calls back later. The last argument of each of these functions is the callback, which gets the number of bytes. */
const laterBack = (name: "write" | "writev"): void => {
  const real = fs[name] as unknown as AnyFunction
  const slow: AnyFunction = (fd, ...rest) => {
    const callback = rest.at(-1)
    if (!isFile(fd) || typeof callback !== "function") return real(fd, ...rest)
    const back: Callback = (error, count, data) => {
      setTimeout(() => (callback as Callback)(error, count, data), waitFor(count ?? 0))
    }
    return real(fd, ...rest.slice(0, -1), back)
  }
  Object.assign(fs, { [name]: slow })
}

const laterReturn = (name: "writeSync" | "writevSync"): void => {
  const real = fs[name] as unknown as AnyFunction
  const slow: AnyFunction = (fd, ...rest) => {
    const count = real(fd, ...rest) as number
    const waitMs = isFile(fd) ? waitFor(count) : 0
    if (waitMs > 0) Atomics.wait(asleep, 0, 0, waitMs)
    return count
  }
  Object.assign(fs, { [name]: slow })
}

const laterResolved = (name: "appendFile" | "writeFile"): void => {
  const real = fs.promises[name] as unknown as AnyFunction
  const slow: AnyFunction = async (path, data, ...rest) => {
    await real(path, data, ...rest)
    const bytes = typeof data === "string" ? Buffer.byteLength(data) : 0
    await new Promise((resolve) => setTimeout(resolve, waitFor(bytes)))
  }
  Object.assign(fs.promises, { [name]: slow })
}

laterBack("write")
laterBack("writev")
laterReturn("writeSync")
laterReturn("writevSync")
laterResolved("appendFile")
laterResolved("writeFile")
syncBuiltinESMExports()

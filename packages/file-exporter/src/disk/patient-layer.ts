// A file layer for a system where another program that looks at a file locks it for a moment: virus scanners, indexers and
// backups on Windows. What is opened, or put in another's place, waits for that; a deletion does not, the next sweep does it.
import { fileLimits } from "../limits.ts"
import { codeOf } from "./errno.ts"
import type { FileLayer } from "./file-layer.ts"

/** What Windows says of a file that another program holds. A file that is denied for good says the same. */
const lockCodes = new Set<unknown>(["EBUSY", "EPERM", "EACCES"])

export const patientLayer = (layer: FileLayer): FileLayer => {
  const { now } = layer
  const later = async <A>(operation: () => Promise<A>): Promise<A> => {
    for (let ms: number = fileLimits.lockPauseMs; ms <= fileLimits.lockPauseMaxMs; ms *= 2) {
      try {
        return await operation()
      } catch (error) {
        if (!lockCodes.has(codeOf(error))) throw error
      }
      await layer.pause(ms)
    }
    return operation()
  }
  const atOnce = <A>(operation: () => A): A => {
    for (let ms: number = fileLimits.lockPauseMs; ms <= fileLimits.lockPauseAtExitMaxMs; ms *= 2) {
      try {
        return operation()
      } catch (error) {
        if (!lockCodes.has(codeOf(error))) throw error
      }
      now.pause(ms)
    }
    return operation()
  }
  return {
    ...layer,
    makeDir: (path, mode) => later(() => layer.makeDir(path, mode)),
    openAppend: (path, mode) => later(() => layer.openAppend(path, mode)),
    openNew: (path, mode) => later(() => layer.openNew(path, mode)),
    openRead: (path) => later(() => layer.openRead(path)),
    replace: (path, by) => later(() => layer.replace(path, by)),
    now: {
      ...now,
      makeDir: (path, mode) => atOnce(() => now.makeDir(path, mode)),
      openAppend: (path, mode) => atOnce(() => now.openAppend(path, mode)),
      openNew: (path, mode) => atOnce(() => now.openNew(path, mode)),
      openRead: (path) => atOnce(() => now.openRead(path)),
      replace: (path, by) => atOnce(() => now.replace(path, by))
    }
  }
}

// A disk as Windows shows it, on a directory of this one: paths with a drive and backslashes, names that Windows refuses, one mode
// for all files and no user, directories that cannot be synced, and files that another program holds for a while.
import { posix, win32 } from "node:path"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer, NowLayer } from "../../src/disk/file-layer.ts"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import { diskError } from "./faulty-file-layer.ts"

/** True for what can be the name of a file or folder on Windows. */
export const isWindowsName = (name: string): boolean =>
  !/[<>:"/\\|?*\u0000-\u001f]/.test(name) &&
  !/[. ]$/.test(name) &&
  !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) &&
  name.length > 0 &&
  name.length < 256

/** Where a Windows path is on this disk. Throws as Windows does for one that it cannot have. */
export const placeOf = (root: string, path: string): string => {
  const { root: drive } = win32.parse(path)
  if (!/^[A-Z]:\\$/.test(win32.normalize(drive))) throw diskError("EINVAL", -22)
  const names = win32.normalize(path).slice(drive.length).split("\\").filter(Boolean)
  if (!names.every(isWindowsName)) throw diskError("EINVAL", -22)
  return posix.join(root, ...names)
}

const modes = { file: 0o666, dir: 0o777 }

/** What an operation must fail with on a path, if anything: asked each time. */
export type FileLock = (operation: string, path: string) => "EBUSY" | "EPERM" | "EACCES" | undefined

export interface WindowsDisk extends FileLayer {
  /** What another program holds. Operations of the exit hook begin with `now.`. */
  lock: FileLock
  /** Looks at how this disk shows users and modes, and changes of them: all for nothing. */
  readonly vain: string[]
  /** How long locks were waited for, in ms, one after the other. */
  readonly pauses: number[]
}

export const windowsDisk = (root: string): WindowsDisk => {
  const pauses: number[] = []
  const vain: string[] = []
  const at = (operation: string, path: string): string => {
    const code = disk.lock(operation, path)
    if (code !== undefined) throw diskError(code, -1)
    return placeOf(root, path)
  }
  const shown = <Facts extends { readonly uid: number; readonly mode: number }>(
    facts: Facts,
    mode: number
  ): Facts => ({ ...facts, uid: 0, mode })
  const { now: real } = nodeFileLayer
  const operations = (prefix: "" | "now."): NowLayer => ({
    ...real,
    makeDir: (path, mode) => real.makeDir(at(`${prefix}makeDir`, path), mode),
    nameFacts: (path) => shown(real.nameFacts(at(`${prefix}nameFacts`, path)), modes.dir),
    probe: (dir) => {
      vain.push("probe")
      return shown(real.probe(at(`${prefix}probe`, dir)), modes.file)
    },
    list: (path) => real.list(at(`${prefix}list`, path)),
    remove: (path) => real.remove(at(`${prefix}remove`, path)),
    openAppend: (path, mode) => real.openAppend(at(`${prefix}openAppend`, path), mode),
    openNew: (path, mode) => real.openNew(at(`${prefix}openNew`, path), mode),
    openRead: (path) => real.openRead(at(`${prefix}openRead`, path)),
    replace: (path, by) => real.replace(at(`${prefix}replace`, path), placeOf(root, by)),
    facts: (fd) => shown(real.facts(fd), modes.file),
    setMode: () => void vain.push("setMode"),
    syncDir: () => {
      vain.push("syncDir")
      throw diskError("EPERM", -1)
    },
    pause: (ms) => void pauses.push(ms)
  })
  // The same operations, whose answers come later.
  const later = Object.fromEntries(
    Object.entries(operations("")).map(([name, run]) => [
      name,
      async (...given: unknown[]) => (run as (...given: unknown[]) => unknown)(...given)
    ])
  ) as unknown as FileLayer
  const disk: WindowsDisk = { ...later, now: operations("now."), pauses, vain, lock: () => undefined }
  return disk
}

/** The same for readers. */
export const windowsReadLayer = (real: ReadLayer, root: () => string): ReadLayer => ({
  list: async (dir) => real.list(placeOf(root(), dir)),
  facts: async (path) => real.facts(placeOf(root(), path)),
  open: async (path) => real.open(placeOf(root(), path))
})

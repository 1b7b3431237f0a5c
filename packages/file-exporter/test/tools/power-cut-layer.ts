// A model of what a power cut leaves of files, around a real or faulty layer. Bytes are safe once an fdatasync after them
// succeeded; after one that failed they are lost for good, because the system calls their pages clean. A file's name is
// safe once its directory was synced. What is safe must hold whatever was confirmed.
import { fstatSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { FileLayer } from "../../src/disk/file-layer.ts"

interface Stretch {
  readonly from: number
  readonly to: number
  state: "dirty" | "safe" | "lost"
}

export interface PowerCutLayer extends FileLayer {
  /** What the file would hold after a power cut now: what is not safe is gone or NUL. */
  afterCut(path: string): string
}

/** Paths are told apart by name: nobody may move the files. */
export const powerCutLayer = (layer: FileLayer): PowerCutLayer => {
  const paths = new Map<number, string>()
  const stretches = new Map<string, Stretch[]>()
  const safeNames = new Set<string>()
  const stretchesOf = (fd: number): Stretch[] => {
    const path = paths.get(fd) ?? ""
    const known = stretches.get(path) ?? []
    stretches.set(path, known)
    return known
  }
  const settle = (fd: number, state: "safe" | "lost"): void => {
    for (const stretch of stretchesOf(fd)) if (stretch.state === "dirty") stretch.state = state
  }
  return {
    ...layer,
    openAppend: async (path) => {
      const fd = await layer.openAppend(path)
      paths.set(fd, path)
      return fd
    },
    append: async (fd, bytes) => {
      const from = fstatSync(fd).size
      try {
        return await layer.append(fd, bytes)
      } finally {
        stretchesOf(fd).push({ from, to: fstatSync(fd).size, state: "dirty" })
      }
    },
    sync: async (fd) => {
      try {
        await layer.sync(fd)
        settle(fd, "safe")
      } catch (error) {
        settle(fd, "lost")
        throw error
      }
    },
    syncDir: async (path) => {
      await layer.syncDir(path)
      for (const name of readdirSync(path)) safeNames.add(join(path, name))
    },
    afterCut: (path) => {
      if (!safeNames.has(path)) return `${dirname(path)} does not hold it`
      const bytes = readFileSync(path)
      for (const { from, to, state } of stretches.get(path) ?? [])
        if (state !== "safe") bytes.fill(0, from, to)
      return bytes.toString()
    }
  }
}

// The read layer on a real disk, one system call an operation. Which files are opened, and what is made of their bytes,
// is decided by the readers.
import { constants, type Stats } from "node:fs"
import { lstat, open, readdir } from "node:fs/promises"
import { codeOf } from "./errno.ts"
import type { ReadFacts, ReadLayer } from "./read-layer.ts"

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
// Windows has neither of the last two.
const readFlags = O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)

const toFacts = (stats: Stats): ReadFacts => ({
  id: `${stats.dev}:${stats.ino}`,
  kind: stats.isFile()
    ? "file"
    : stats.isDirectory()
      ? "directory"
      : stats.isSymbolicLink()
        ? "link"
        : "other",
  size: stats.size,
  changedMs: stats.mtimeMs
})

const ifThere = async <Found>(found: Promise<Found>): Promise<Found | undefined> => {
  try {
    return await found
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined
    throw error
  }
}

export const nodeReadLayer: ReadLayer = {
  list: async (dir) => {
    const entries = await ifThere(readdir(dir, { withFileTypes: true }))
    return entries?.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
  },
  facts: async (path) => {
    const stats = await ifThere(lstat(path))
    return stats === undefined ? undefined : toFacts(stats)
  },
  open: async (path) => {
    const handle = await ifThere(open(path, readFlags))
    if (handle === undefined) return undefined
    return {
      facts: async () => toFacts(await handle.stat()),
      read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
      close: () => handle.close()
    }
  }
}

// The files that a log may delete, by the directories that they are in: its own, and in files of users each user's. Only
// names that this app's log gives count, and those of days that were packed. What is old, or delivered, is decided elsewhere.

import { join } from "node:path"
import { type DiskWork, step } from "../disk/work.ts"
import {
  type FileName,
  isPackedName,
  isUserFolder,
  type Layout,
  readFileName,
  readUserFileName,
  unmovedName,
  unpackedName,
  userFolderName
} from "../place/layout.node.ts"

export interface StreamFile {
  readonly path: string
  /** Below the log's directory, with "/" between the parts. */
  readonly file: string
  readonly day: string
  /** Packed by another program. */
  readonly isPacked: boolean
}

/** Files of one directory: the log's, or a user's. */
export interface Stream {
  /** Absent for the log's own. */
  readonly userDir?: string
  readonly files: readonly StreamFile[]
}

/** A directory that cannot be listed has no files. Never throws. */
export function* listStreams(app: string, dir: string, layout: Layout): DiskWork<readonly Stream[]> {
  const found: Stream[] = [{ files: yield* filesIn(dir, "", (name) => readFileName(app, name)) }]
  if (layout !== "user") return found
  for (const user of (yield* namesIn(dir)).filter(isUserFolder)) found.push(...(yield* streamOf(dir, user)))
  return found
}

/** Without packed files beside which what was packed still stands: a delivery reads that. */
export const withoutCopies = (files: readonly StreamFile[]): readonly StreamFile[] => {
  const paths = new Set(files.map(({ path }) => path))
  return files.filter(({ path, isPacked }) => !(isPacked && paths.has(unpackedName(path))))
}

/**
 * The same, with files that a rotation moved aside, under the names that they had. Of users only so many: those in whose folders
 * a file came or went last.
 */
export function* recentStreams(
  app: string,
  dir: string,
  layout: Layout,
  usersMax: number
): DiskWork<readonly Stream[]> {
  const own: Stream = { files: yield* filesIn(dir, "", (name) => readFileName(app, name), true) }
  if (layout !== "user") return [own]
  const users: { readonly user: string; readonly changedMs: number }[] = []
  for (const user of (yield* namesIn(dir)).filter(isUserFolder)) {
    const changedMs = yield* directoryChangedMs(join(dir, user, userFolderName))
    if (changedMs !== undefined) users.push({ user, changedMs })
  }
  const newest = users.sort((one, other) => other.changedMs - one.changedMs).slice(0, usersMax)
  const streams = [own]
  for (const { user } of newest) streams.push(...(yield* streamOf(dir, user, true)))
  return streams
}

function* streamOf(dir: string, user: string, withMoved = false): DiskWork<readonly Stream[]> {
  const userDir = join(dir, user, userFolderName)
  if (!((yield* isDirectory(join(dir, user))) && (yield* isDirectory(userDir)))) return []
  const prefix = `${user}/${userFolderName}/`
  return [{ userDir, files: yield* filesIn(userDir, prefix, readUserFileName, withMoved) }]
}

function* directoryChangedMs(path: string): DiskWork<number | undefined> {
  try {
    const { isDirectory: isOne, changedMs } = yield* step((disk) => disk.nameFacts(path))
    return isOne ? changedMs : undefined
  } catch {
    return undefined
  }
}

/** Never throws. A link is none. */
export function* isDirectory(path: string): DiskWork<boolean> {
  try {
    return (yield* step((disk) => disk.nameFacts(path))).isDirectory
  } catch {
    return false
  }
}

function* filesIn(
  dir: string,
  prefix: string,
  read: (name: string) => FileName | undefined,
  withMoved = false
): DiskWork<readonly StreamFile[]> {
  return (yield* namesIn(dir)).flatMap((name) => {
    const file = withMoved ? unmovedName(name).base : name
    const said = read(unpackedName(file))
    if (said === undefined) return []
    return [{ path: join(dir, name), file: prefix + file, day: said.day, isPacked: isPackedName(name) }]
  })
}

function* namesIn(dir: string): DiskWork<readonly string[]> {
  try {
    return yield* step((disk) => disk.list(dir))
  } catch {
    return []
  }
}

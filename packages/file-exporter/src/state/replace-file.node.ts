// Small files that we keep for ourselves in `.daybook/<app>`: read whole, and replaced at once, so that a reader sees the old
// one or the new one. Lines are never written so.

import { dirname, join } from "node:path"
import { codeOf } from "../disk/errno.ts"
import { isUnsyncable } from "../disk/error.ts"
import { type DiskWork, step } from "../disk/work.ts"

/** Reads a file as text. Throws for what is not there, no regular file, or larger than `bytesMax`. */
export function* readSmallFile(path: string, bytesMax: number): DiskWork<string> {
  const fd = yield* step((disk) => disk.openRead(path))
  try {
    const { isFile, size } = yield* step((disk) => disk.facts(fd))
    if (!isFile) throw new Error("it is not a regular file")
    if (size > bytesMax) throw new Error(`it has ${size} bytes`)
    return new TextDecoder().decode(yield* step((disk) => disk.read(fd, 0, size)))
  } finally {
    yield* step((disk) => disk.close(fd))
  }
}

/**
 * Puts a text in the place of the file, at once. `part` is the name that it has until then. `isSynced`: it survives a power
 * cut, whole, before this ends.
 */
export function* replaceFile(path: string, part: string, text: string, isSynced = false): DiskWork<void> {
  const dir = dirname(path)
  const temporary = join(dir, part)
  const bytes = new TextEncoder().encode(text)
  const fd = yield* openAnew(temporary)
  try {
    const written = yield* step((disk) => disk.append(fd, bytes))
    if (written < bytes.length) throw new Error("only a part of it could be written")
    if (isSynced) yield* step((disk) => disk.sync(fd))
  } finally {
    yield* step((disk) => disk.close(fd))
  }
  yield* step((disk) => disk.replace(path, temporary))
  if (isSynced) yield* syncNames(dir)
}

// What stands there is our own, of an attempt that failed.
function* openAnew(path: string): DiskWork<number> {
  try {
    return yield* step((disk) => disk.openNew(path))
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error
    yield* removeIfThere(path)
    return yield* step((disk) => disk.openNew(path))
  }
}

/**
 * Removes what others had begun to put in the place of a file when they were killed: names that begin so and have not this token.
 * What cannot be removed only takes room.
 */
export function* removeParts(dir: string, begins: RegExp, token: string): DiskWork<void> {
  try {
    for (const name of yield* step((disk) => disk.list(dir)))
      if (begins.test(name) && name.endsWith(".tmp") && !name.includes(token))
        yield* removeIfThere(join(dir, name))
  } catch {
    // The next start tries again.
  }
}

/** Gives a file another name, which no other file has, so that what is added from now on comes into a new one. */
export function* setAside(path: string, as: string): DiskWork<void> {
  yield* step((disk) => disk.replace(as, path))
}

/** Until the names in a directory survive a power cut, where a system can do that. */
export function* syncNames(dir: string): DiskWork<void> {
  try {
    yield* step((disk) => disk.syncDir(dir))
  } catch (error) {
    if (!isUnsyncable(error)) throw error
  }
}

/** Throws where one of the directories is none, or a link, which would lead out of the log's. */
export function* refuseLinks(...dirs: readonly string[]): DiskWork<void> {
  for (const at of dirs)
    if (!(yield* step((disk) => disk.nameFacts(at))).isDirectory)
      throw new Error(`${JSON.stringify(at)} is not a directory, or a link to one`)
}

export function* removeIfThere(path: string): DiskWork<void> {
  try {
    yield* step((disk) => disk.remove(path))
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
  }
}

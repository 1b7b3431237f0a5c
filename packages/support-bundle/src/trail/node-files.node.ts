// The files of a folder, or one file, on a disk. Links are not followed and FIFOs not waited for: what a folder holds may have
// been put there by others.
import { Buffer } from "node:buffer"
import { constants } from "node:fs"
import { type FileHandle, lstat, open, readdir } from "node:fs/promises"
import { join } from "node:path"
import { readLimits } from "../limits.ts"
import type { TrailFile } from "../rows/trail-file.ts"
import { isPacked, readName } from "./file-name.ts"
import { unpackedChunks } from "./unpacked.node.ts"

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
// Windows has neither of the last two.
const readFlags = O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)

export const openPlain = async (path: string): Promise<FileHandle> => {
  const handle = await open(path, readFlags)
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new Error("it is not a regular file")
}

/** One file, whatever its name says. */
export const fileAt = (path: string, name: string, size: number): TrailFile => {
  const isWhole = !isPacked(name)
  return {
    ...(readName(name) ?? { app: "", day: "" }),
    name,
    size,
    bytes: ({ chunkBytes, filesAtOnce }) => {
      const chunks = chunksOf(path, chunkBytes, filesAtOnce)
      return isWhole ? chunks : unpackedChunks(chunks)
    },
    ...(isWhole ? { readAt: readerAt(path) } : {})
  }
}

const readerAt =
  (path: string): NonNullable<TrailFile["readAt"]> =>
  async (into, position) => {
    const handle = await openPlain(path)
    try {
      return (await handle.read(into, 0, into.length, position)).bytesRead
    } finally {
      await handle.close()
    }
  }

const chunksOf = (path: string, chunkBytes: number, filesAtOnce: number): AsyncGenerator<Uint8Array, void> =>
  filesAtOnce <= readLimits.openFilesMax ? chunksAhead(path, chunkBytes) : chunksApart(path, chunkBytes)

/** The next chunk is read while this one is looked at. */
async function* chunksAhead(path: string, chunkBytes: number): AsyncGenerator<Uint8Array, void> {
  const handle = await openPlain(path)
  const read = (position: number): Promise<{ readonly bytesRead: number; readonly buffer: Uint8Array }> =>
    handle.read(Buffer.allocUnsafeSlow(chunkBytes), 0, chunkBytes, position)
  let position = 0
  let reading = read(position)
  try {
    for (;;) {
      const { bytesRead, buffer } = await reading
      if (bytesRead === 0) return
      position += bytesRead
      reading = read(position)
      // What went wrong is said when it is waited for.
      reading.catch(() => undefined)
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await reading.catch(() => undefined)
    await handle.close()
  }
}

/** Of many files, none stays open between two chunks. */
async function* chunksApart(path: string, chunkBytes: number): AsyncGenerator<Uint8Array, void> {
  const readAt = readerAt(path)
  for (let position = 0; ; ) {
    const chunk = new Uint8Array(chunkBytes)
    const count = await readAt(chunk, position)
    if (count === 0) return
    position += count
    yield chunk.subarray(0, count)
  }
}

/** All files of lines in a folder, and in the folders of users. */
export const filesIn = async (dir: string): Promise<readonly TrailFile[]> => {
  const names: string[] = []
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isFile()) names.push(entry.name)
    else if (entry.isDirectory() && entry.name !== ".daybook")
      names.push(...(await usersDays(dir, entry.name)))
  }
  const files = new Map<string, TrailFile>()
  for (const name of names.filter((one) => readName(one) !== undefined).sort()) {
    const path = join(dir, ...name.split("/"))
    files.set(name, fileAt(path, name, (await lstat(path)).size))
  }
  for (const [name, file] of files) {
    const original = isPacked(name) ? files.get(name.replace(/\.gz$/, "")) : undefined
    if (original !== undefined && (await isCopy(file, original))) files.delete(name)
  }
  return [...files.values()]
}

// A packed file beside its original is a copy of it, or holds the lines that came before it: the first line tells.
const isCopy = async (packed: TrailFile, original: TrailFile): Promise<boolean> => {
  const first = await firstLine(packed)
  return first === "" || first === (await firstLine(original))
}

const firstLine = async (file: TrailFile): Promise<string> => {
  try {
    for await (const chunk of file.bytes({ chunkBytes: readLimits.chunkBytesMin, filesAtOnce: 1 }))
      return new TextDecoder("latin1").decode(chunk).split("\n")[0] ?? ""
  } catch {
    // That it cannot be read is said where it is read.
  }
  return ""
}

const usersDays = async (dir: string, user: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(join(dir, user, "tool_audit"), { withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => `${user}/tool_audit/${name}`)
  } catch (error) {
    // Most folders are no user's.
    const { code } = error as { readonly code?: unknown }
    if (code === "ENOENT" || code === "ENOTDIR") return []
    throw error
  }
}

// The files of a zip: a bundle, or a folder that was packed. It comes from somewhere else, so names that lead out of it,
// links, and what was made to fill a disk are refused before a byte is unpacked (F116).
import {
  BlobReader,
  configure,
  type Entry,
  type FileEntry,
  Reader,
  Uint8ArrayReader,
  ZipReader
} from "@zip.js/zip.js"
import { zipLimits } from "../limits.ts"
import { reasonOf } from "../rows/file-rows.ts"
import type { TrailFile } from "../rows/trail-file.ts"
import { isPacked, readName } from "./file-name.ts"
import { TrailError } from "./trail.ts"

/** Bytes that are read where they are asked for. */
export interface RandomBytes {
  readonly size: number
  readAt(into: Uint8Array, position: number): Promise<number>
}

class RandomReader extends Reader<RandomBytes> {
  private readonly from: RandomBytes

  constructor(from: RandomBytes) {
    super(from)
    this.from = from
    this.size = from.size
  }

  override async readUint8Array(position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.from.size - position)))
    for (let filled = 0; filled < bytes.length; ) {
      const more = await this.from.readAt(bytes.subarray(filled), position + filled)
      if (more === 0) break
      filled += more
    }
    return bytes
  }
}

export interface ZipFiles {
  readonly files: readonly TrailFile[]
  close(): Promise<void>
}

/** Unpacks what another program packed with gzip. */
export type Unpack = (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** @throws TrailError for what is no zip, or none that is safe to read. */
export const openZip = async (
  zip: Uint8Array | Blob | RandomBytes,
  source: string,
  unpack: Unpack
): Promise<ZipFiles> => {
  configure({ useWebWorkers: false })
  const refuse = (why: string): never => {
    throw new TrailError("refused", `${source} is refused: ${why}`)
  }
  const reader = new ZipReader(
    zip instanceof Uint8Array
      ? new Uint8ArrayReader(zip)
      : zip instanceof Blob
        ? new BlobReader(zip)
        : new RandomReader(zip)
  )
  const entries: FileEntry[] = []
  let bytes = 0
  let count = 0
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      count += 1
      if (count > zipLimits.entriesMax) refuse(`it has more than ${zipLimits.entriesMax} entries`)
      const why = unsafe(entry)
      if (why !== undefined) refuse(why)
      bytes += entry.uncompressedSize
      if (bytes > zipLimits.bytesMax) refuse(`it has more than ${zipLimits.bytesMax} bytes`)
      if (!entry.directory) entries.push(entry)
    }
  } catch (error) {
    await reader.close()
    if (error instanceof TrailError) throw error
    // The library refuses names that lead out by itself, as far as it knows them.
    throw new TrailError("refused", `${source} is no zip that can be read: ${reasonOf(error)}`)
  }
  return {
    files: entries.flatMap((entry) => {
      const said = readName(entry.filename)
      if (said === undefined) return []
      return [
        {
          ...said,
          name: entry.filename,
          size: entry.compressedSize,
          bytes: () => (isPacked(entry.filename) ? unpack(chunksOf(entry)) : chunksOf(entry))
        }
      ]
    }),
    close: () => reader.close()
  }
}

/** Unix keeps a file's kind above its mode: 0o12 is a link. */
const linkKind = 0o12

const unsafe = ({
  filename,
  uncompressedSize,
  compressedSize,
  encrypted,
  externalFileAttributes
}: Entry): string | undefined => {
  const name = JSON.stringify(filename.slice(0, 200))
  const parts = filename.split(/[\\/]/)
  if (/^([a-z]:|[\\/])/i.test(filename) || parts.includes("..") || filename.includes("\0"))
    return `the entry ${name} leads out of it`
  if (encrypted) return `the entry ${name} is encrypted`
  if ((externalFileAttributes ?? 0) >>> 28 === linkKind) return `the entry ${name} is a link`
  const { ratioFromBytes, ratioMax } = zipLimits
  if (uncompressedSize > ratioFromBytes && uncompressedSize / Math.max(1, compressedSize) > ratioMax)
    return `the entry ${name} unpacks to more than ${ratioMax} times its size`
  return undefined
}

// What an entry unpacks to may be more than it says.
async function* chunksOf(entry: FileEntry): AsyncGenerator<Uint8Array, void> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const written = entry.getData(writable)
  // Said by the reading.
  written.catch(() => undefined)
  let bytes = 0
  for await (const chunk of readable) {
    bytes += chunk.length
    if (bytes > entry.uncompressedSize) throw new Error("it unpacks to more than it says")
    yield chunk
  }
  await written
}

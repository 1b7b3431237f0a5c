// A file that another program packed with gzip, read as the bytes that were packed. Streams: forwards memory has a few pieces,
// backwards the last window of bytes, and what lies before it is unpacked again. A small file that unpacks to very much fills
// nothing.

import { constants, createGunzip, type Gunzip, gunzipSync } from "node:zlib"
import { packedLimits } from "../limits.ts"
import type { OpenFile, ReadFacts } from "./read-layer.ts"

/** How many bytes could be unpacked, and why there are no more. */
export interface Unpacked {
  readonly size: number
  readonly error?: unknown
}

interface Piece {
  readonly bytes: Uint8Array
  readonly end: number
}

/** What the first bytes of a packed file unpack to, at once; nothing where they are damaged, or unpack to very much. */
export const unpackedFront = (bytes: Uint8Array): Uint8Array => {
  try {
    return gunzipSync(bytes, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: packedLimits.frontUnpackedBytesMax
    })
  } catch {
    return new Uint8Array(0)
  }
}

export class PackedFile implements OpenFile {
  private readonly file: OpenFile
  private inflater: Inflater
  /** What was unpacked last, up to `to`. */
  private pieces: Piece[] = []
  private to = 0
  /** How many bytes before the last one are kept; none while it is read forwards. */
  private keepBytes: number

  constructor(file: OpenFile, isBackward = false) {
    this.file = file
    this.inflater = new Inflater(file)
    this.keepBytes = isBackward ? packedLimits.windowBytes : 0
  }

  /** Of the file as it is on the disk. */
  facts(): Promise<ReadFacts> {
    return this.file.facts()
  }

  /** Unpacks all of it once, and keeps the end: for reading backwards. */
  async unpacked(): Promise<Unpacked> {
    this.keepBytes ||= packedLimits.windowBytes
    try {
      while (await this.more()) this.forget(this.to)
      return { size: this.to }
    } catch (error) {
      return { size: this.to, error }
    }
  }

  /** What the packer has noted as the size, which may be wrong: for showing how far a reader is. */
  async likelySize(): Promise<number> {
    const { size } = await this.file.facts()
    const end = new Uint8Array(4)
    const count = size < end.length ? 0 : await this.file.read(end, size - end.length)
    return count < end.length ? 0 : new DataView(end.buffer).getUint32(0, true)
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    if (position < this.from) this.begin()
    while (this.to < position + into.length) {
      try {
        if (!(await this.more())) break
      } catch (error) {
        // What was unpacked before is good.
        if (this.to <= position) throw error
        break
      }
      this.forget(position)
    }
    const count = this.copy(into, position)
    this.forget(position + count)
    return count
  }

  async close(): Promise<void> {
    this.inflater.close()
    await this.file.close()
  }

  private get from(): number {
    const [first] = this.pieces
    return first === undefined ? this.to : first.end - first.bytes.length
  }

  // Each time with a larger window, so that the whole of a large file is not unpacked for every few lines.
  private begin(): void {
    this.inflater.close()
    this.inflater = new Inflater(this.file)
    this.pieces = []
    this.to = 0
    this.keepBytes = Math.min(packedLimits.windowBytesMax, this.keepBytes * packedLimits.windowGrowth)
  }

  private async more(): Promise<boolean> {
    const bytes = await this.inflater.next()
    if (bytes === undefined) return false
    this.to += bytes.length
    this.pieces.push({ bytes, end: this.to })
    return true
  }

  private forget(position: number): void {
    const before = Math.min(position, this.to - this.keepBytes)
    const kept = this.pieces.findIndex(({ end }) => end > before)
    this.pieces.splice(0, kept === -1 ? this.pieces.length : kept)
  }

  private copy(into: Uint8Array, position: number): number {
    let count = 0
    for (const { bytes, end } of this.pieces) {
      const begin = end - bytes.length
      const at = position + count
      if (end <= at || count === into.length) continue
      const part = bytes.subarray(at - begin, at - begin + into.length - count)
      into.set(part, count)
      count += part.length
    }
    return count
  }
}

/** Unpacks a file from its front, a piece at a time. What was unpacked before an error comes before it. */
class Inflater {
  private readonly file: OpenFile
  private readonly gunzip: Gunzip
  private ready: Uint8Array[] = []
  private at = 0
  private isRead = false
  private error: unknown
  private onError: (error: unknown) => void = () => undefined

  constructor(file: OpenFile) {
    this.file = file
    this.gunzip = createGunzip({ chunkSize: packedLimits.pieceBytes })
    this.gunzip.on("data", (bytes: Uint8Array) => void this.ready.push(bytes))
    this.gunzip.on("error", (error) => {
      this.error ??= error
      this.onError(error)
    })
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const bytes = this.ready.shift()
      if (bytes !== undefined) return bytes
      if (this.error !== undefined) throw this.error
      if (this.isRead) return undefined
      await this.feed()
    }
  }

  close(): void {
    this.gunzip.destroy()
  }

  private async feed(): Promise<void> {
    const chunk = new Uint8Array(packedLimits.chunkBytes)
    const count = await this.file.read(chunk, this.at)
    this.at += count
    this.isRead = count === 0
    await new Promise<void>((resolve) => {
      this.onError = () => resolve()
      if (count > 0) this.gunzip.write(chunk.subarray(0, count), () => resolve())
      else {
        this.gunzip.on("end", resolve)
        this.gunzip.end()
      }
    })
  }
}

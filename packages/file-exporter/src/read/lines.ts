// Cutting a file into lines, forwards or backwards from its end, a chunk at a time. Whatever the file holds, memory has
// one chunk and one line. What a line says is decoded in row.ts; blank lines of no bytes are not even mentioned.
import { lineBytesMax } from "../limits.ts"

/** A line without its newline; `bytes` is absent when it is too long to be kept. */
export interface RawLine {
  readonly bytes: Uint8Array | undefined
  /** Byte offset of the line's first byte. */
  readonly offset: number
  readonly isTerminated: boolean
}

/** Reads up to `into.length` bytes from `position`, and says how many; 0 at the end of the file. */
export type ReadAt = (into: Uint8Array, position: number) => Promise<number>

const newline = 0x0a

/** Lines in the order in which they stand. After the end it may be asked again, once the file has grown. */
export class ForwardLines {
  private readonly read: ReadAt
  private readonly chunkBytes: number
  private chunk: Uint8Array | undefined
  private readonly unfinished = new Pieces()
  private at: number

  constructor(read: ReadAt, chunkBytes: number, from = 0) {
    this.read = read
    this.chunkBytes = chunkBytes
    this.at = from
  }

  /** Offset of the first byte that was not read yet. */
  get position(): number {
    return this.at
  }

  /** The lines that end in the next chunk, valid until the next call; `undefined` at the end of the file. */
  async next(): Promise<readonly RawLine[] | undefined> {
    const { unfinished } = this
    const chunk = this.chunk ?? new Uint8Array(this.chunkBytes)
    this.chunk = chunk
    const count = await this.read(chunk, this.at)
    if (count === 0) {
      // Whoever asks again may do so much later, and for a thousand files.
      this.chunk = undefined
      return undefined
    }
    const lines: RawLine[] = []
    let from = 0
    for (let to = chunk.indexOf(newline); to !== -1 && to < count; to = chunk.indexOf(newline, from)) {
      const length = unfinished.length + to - from
      if (length > 0) {
        const offset = this.at + to - length
        lines.push({ bytes: unfinished.takeWith(chunk.subarray(from, to)), offset, isTerminated: true })
      }
      from = to + 1
    }
    unfinished.append(chunk.subarray(from, count))
    this.at += count
    return lines
  }

  /** The line that has no newline yet, and from then on no longer has to be remembered. */
  takeUnfinished(): RawLine | undefined {
    const { length } = this.unfinished
    if (length === 0) return undefined
    const offset = this.at - length
    return { bytes: this.unfinished.takeWith(none), offset, isTerminated: false }
  }
}

/** Lines from the last to the first, of a file as long as it was when reading began. */
export class BackwardLines {
  private readonly read: ReadAt
  private readonly chunk: Uint8Array
  private readonly begun = new Pieces()
  /** Everything from here on was read. */
  private at: number
  private isTerminated = false

  constructor(read: ReadAt, chunkBytes: number, size: number) {
    this.read = read
    this.chunk = new Uint8Array(Math.min(chunkBytes, Math.max(size, 1)))
    this.at = size
  }

  /** Offset behind the last byte that was not read yet. */
  get position(): number {
    return this.at
  }

  /** The lines that begin in the chunk before, the last one first, valid until the next call; `undefined` at the front. */
  async next(): Promise<readonly RawLine[] | undefined> {
    if (this.at === 0) return undefined
    const count = Math.min(this.chunk.length, this.at)
    const from = this.at - count
    await this.fill(count, from)
    const chunk = this.chunk.subarray(0, count)
    const lines: RawLine[] = []
    let to = count
    while (to > 0) {
      const found = chunk.lastIndexOf(newline, to - 1)
      if (found === -1) break
      this.end(lines, chunk.subarray(found + 1, to), from + found + 1)
      this.isTerminated = true
      to = found
    }
    if (from === 0) this.end(lines, chunk.subarray(0, to), 0)
    else this.begun.prepend(chunk.subarray(0, to))
    this.at = from
    return lines
  }

  private end(lines: RawLine[], front: Uint8Array, offset: number): void {
    const { begun, isTerminated } = this
    if (front.length + begun.length > 0) lines.push({ bytes: begun.takeBehind(front), offset, isTerminated })
  }

  private async fill(count: number, position: number): Promise<void> {
    for (let filled = 0; filled < count; ) {
      const more = await this.read(this.chunk.subarray(filled, count), position + filled)
      if (more === 0) throw new Error("it became shorter while it was read")
      filled += more
    }
  }
}

const none = new Uint8Array(0)

/** The parts of a line that goes over chunks. Copies, because a chunk is used again; of a line too long, only a count. */
class Pieces {
  length = 0
  private pieces: Uint8Array[] = []

  append(piece: Uint8Array): void {
    if (this.grow(piece)) this.pieces.push(piece.slice())
  }

  prepend(piece: Uint8Array): void {
    if (this.grow(piece)) this.pieces.unshift(piece.slice())
  }

  takeWith(back: Uint8Array): Uint8Array | undefined {
    return this.take(none, back)
  }

  takeBehind(front: Uint8Array): Uint8Array | undefined {
    return this.take(front, none)
  }

  private grow(piece: Uint8Array): boolean {
    this.length += piece.length
    return piece.length > 0 && this.length <= lineBytesMax
  }

  private take(front: Uint8Array, back: Uint8Array): Uint8Array | undefined {
    const { pieces, length } = this
    const total = front.length + length + back.length
    this.pieces = []
    this.length = 0
    if (total > lineBytesMax) return undefined
    if (length === 0) return front.length > 0 ? front : back
    const line = new Uint8Array(total)
    let at = 0
    for (const piece of [front, ...pieces, back]) {
      line.set(piece, at)
      at += piece.length
    }
    return line
  }
}

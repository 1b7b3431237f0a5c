// The lines of a file with where each stands, forwards from any place or backwards from the end, a chunk at a time. Whatever the
// file holds, memory has one chunk and one line. What a line says is decided where it is read.
import { joinedBytes, readLineBytesMax } from "@daybook/core"

/** Reads up to `into.length` bytes from `position`, and says how many; 0 at the end of the file. */
export type ReadAt = (into: Uint8Array, position: number) => Promise<number>

/** A line, and where it stands in its file: from `at` on, `length` bytes, newline included. */
export interface PlacedLine {
  readonly at: number
  readonly length: number
  /** Its bytes are those of `bytes` from `start` up to `end`; of one that is longer than the bound only its end. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly isTerminated: boolean
  /** What it says, without its newline, where its chunk could be decoded. */
  readonly text: string | undefined
}

/** The bytes of a line; of one that is too long those that are kept. */
export const bytesOf = ({ bytes, start, end }: PlacedLine): Uint8Array => bytes.subarray(start, end)

/** A line beyond the bound: none of ours. */
export const isTooLong = ({ start, end, length }: PlacedLine): boolean => end - start < length

const newline = 0x0a
const nothing = new Uint8Array(0)
/** Kept of a line that is too long: by its end it is known again. */
export const keptBytes = 4 * 1024
/** A chunk that is used again has room for the line in progress. */
const spareBytes = 1024
/** A byte order mark is an editor's, and is looked for where lines are decoded. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Lines in the order in which they stand. After the end it may be asked again, once the file has grown. `isKept`: each chunk has
 * memory of its own, and its lines may be kept.
 */
export class ForwardLines {
  private readonly read: ReadAt
  private readonly chunkBytes: number
  private readonly isKept: boolean
  private chunk: Uint8Array = nothing
  /** The line in progress is in the chunk from here on, or, where it is too long, the end of it. */
  private from = 0
  private held = 0
  /** Bytes of it that are kept no more. */
  private left = 0
  private at: number

  constructor(read: ReadAt, chunkBytes: number, from = 0, { isKept = false } = {}) {
    this.read = read
    this.chunkBytes = chunkBytes
    this.isKept = isKept
    this.at = from
  }

  /** Offset of the first byte that was not read yet. */
  get position(): number {
    return this.at
  }

  /** The lines that end in the next chunk, valid until the next call; `undefined` at the end of the file. */
  async next(): Promise<readonly PlacedLine[] | undefined> {
    const { held } = this
    const wanted = Math.max(this.chunkBytes, held)
    const chunk = this.room(held + wanted)
    const count = await this.read(chunk.subarray(held, held + wanted), this.at)
    if (count === 0) {
      // A follower may ask again much later, and for a thousand files: at the end only the line in progress is kept.
      this.chunk = chunk.slice(0, held)
      return undefined
    }
    this.at += count
    const to = held + count
    const end = held + chunk.subarray(held, to).lastIndexOf(newline) + 1
    const lines = end === held ? [] : this.linesOf(chunk.subarray(0, end), this.at - to)
    if (end > held) this.left = 0
    this.hold(end === held ? 0 : end, to)
    return lines
  }

  /** The line that has no newline yet, and from then on no longer has to be remembered. */
  takeUnfinished(): PlacedLine | undefined {
    const { from, held, left, chunk, at } = this
    const length = left + held
    this.held = 0
    this.left = 0
    if (length === 0) return undefined
    const bytes = chunk.slice(from, from + held)
    return { at: at - length, length, bytes, start: 0, end: held, isTerminated: false, text: undefined }
  }

  /** The chunk to read into, with what is held at its front. */
  private room(size: number): Uint8Array {
    const { chunk, from, held } = this
    if (!this.isKept && chunk.length >= size && chunk.length <= 2 * size)
      chunk.copyWithin(0, from, from + held)
    else {
      this.chunk = new Uint8Array(this.isKept ? size : size + spareBytes)
      this.chunk.set(chunk.subarray(from, from + held))
    }
    this.from = 0
    return this.chunk
  }

  private hold(from: number, to: number): void {
    const length = this.left + to - from
    this.held = length > readLineBytesMax ? Math.min(to - from, keptBytes) : to - from
    this.from = to - this.held
    this.left = length - this.held
  }

  private linesOf(bytes: Uint8Array, offset: number): readonly PlacedLine[] {
    const texts = textsOf(bytes)
    const lines: PlacedLine[] = []
    for (let start = 0, number = 0; start < bytes.length; number++) {
      const end = bytes.indexOf(newline, start) + 1
      const before = number === 0 ? this.left : 0
      const length = before + end - start
      const from = length - 1 > readLineBytesMax ? Math.max(start, end - keptBytes) : start
      const text = from === start && before === 0 ? texts?.[number] : undefined
      const at = offset + start - before
      lines.push({ at, length, bytes, start: from, end, isTerminated: true, text })
      start = end
    }
    return lines
  }
}

// Once for all lines of a chunk: a third of the price of each alone. One that is not UTF-8 spoils only the chunk's.
const textsOf = (chunk: Uint8Array): readonly string[] | undefined => {
  try {
    return decoder.decode(chunk).split("\n")
  } catch {
    return undefined
  }
}

/** Lines from the last to the first, of a file as long as it was when reading began. */
export class BackwardLines {
  private readonly read: ReadAt
  private readonly chunk: Uint8Array
  /** The end of a line that begins further to the front: copies, because the chunk is used again. */
  private held: Uint8Array[] = []
  private heldBytes = 0
  /** Everything from here on was read. */
  private at: number
  private hasNewline = false

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
  async next(): Promise<readonly PlacedLine[] | undefined> {
    if (this.at === 0) return undefined
    const count = Math.min(this.chunk.length, this.at)
    const from = this.at - count
    await this.fill(count, from)
    const chunk = this.chunk.subarray(0, count)
    const lines: PlacedLine[] = []
    let to = count
    for (let found = chunk.lastIndexOf(newline); found !== -1; ) {
      this.end(lines, chunk.subarray(found + 1, to), from + found + 1)
      this.hasNewline = true
      to = found + 1
      found = found === 0 ? -1 : chunk.lastIndexOf(newline, found - 1)
    }
    const front = chunk.subarray(0, to)
    if (from === 0) this.end(lines, front, 0)
    else this.hold(front)
    this.at = from
    return lines
  }

  private end(lines: PlacedLine[], front: Uint8Array, at: number): void {
    const { held, heldBytes } = this
    const length = front.length + heldBytes
    if (length === 0) return
    this.held = []
    this.heldBytes = 0
    const isTerminated = this.hasNewline
    const isKept = length - (isTerminated ? 1 : 0) <= readLineBytesMax
    const bytes = !isKept ? nothing : heldBytes === 0 ? front : joinedBytes([front, ...held])
    lines.push({ at, length, bytes, start: 0, end: bytes.length, isTerminated, text: undefined })
  }

  private hold(front: Uint8Array): void {
    this.heldBytes += front.length
    if (this.heldBytes > readLineBytesMax + 1) this.held = []
    else if (front.length > 0) this.held.unshift(front.slice())
  }

  private async fill(count: number, position: number): Promise<void> {
    for (let filled = 0; filled < count; ) {
      const more = await this.read(this.chunk.subarray(filled, count), position + filled)
      if (more === 0) throw new Error("it became shorter while it was read")
      filled += more
    }
  }
}

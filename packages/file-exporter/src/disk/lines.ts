// The lines of a file, forwards or backwards from its end, a chunk at a time. Whatever the file holds, memory has one chunk
// and one line. What a line says is decoded elsewhere.
import { joinedBytes, LineSplitter, readLineBytesMax, type SplitLine } from "@daybook/core"

/** Reads up to `into.length` bytes from `position`, and says how many; 0 at the end of the file. */
export type ReadAt = (into: Uint8Array, position: number) => Promise<number>

const newline = 0x0a

/** Lines in the order in which they stand. After the end it may be asked again, once the file has grown. */
export class ForwardLines {
  private readonly read: ReadAt
  private readonly chunkBytes: number
  private readonly splitter: LineSplitter
  private chunk: Uint8Array | undefined

  constructor(read: ReadAt, chunkBytes: number, from = 0) {
    this.read = read
    this.chunkBytes = chunkBytes
    this.splitter = new LineSplitter(from)
  }

  /** Offset of the first byte that was not read yet. */
  get position(): number {
    return this.splitter.position
  }

  /** The lines that end in the next chunk, valid until the next call; `undefined` at the end of the file. */
  async next(): Promise<readonly SplitLine[] | undefined> {
    const chunk = this.chunk ?? new Uint8Array(this.chunkBytes)
    const count = await this.read(chunk, this.position)
    // A follower may ask again much later, and for a thousand files: at the end nothing is kept.
    this.chunk = count === 0 ? undefined : chunk
    return count === 0 ? undefined : this.splitter.push(chunk.subarray(0, count))
  }

  /** The line that has no newline yet, and from then on no longer has to be remembered. */
  takeUnfinished(): SplitLine | undefined {
    return this.splitter.takeRest()
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
  async next(): Promise<readonly SplitLine[] | undefined> {
    if (this.at === 0) return undefined
    const count = Math.min(this.chunk.length, this.at)
    const from = this.at - count
    await this.fill(count, from)
    const chunk = this.chunk.subarray(0, count)
    const lines: SplitLine[] = []
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

  private end(lines: SplitLine[], front: Uint8Array, offset: number): void {
    const { held, heldBytes } = this
    const length = front.length + heldBytes
    if (length === 0) return
    this.held = []
    this.heldBytes = 0
    const isTerminated = this.hasNewline
    const isTooLong = length - (isTerminated ? 1 : 0) > readLineBytesMax
    const bytes = isTooLong ? undefined : heldBytes === 0 ? front : joinedBytes([front, ...held])
    lines.push({ bytes, offset, isTerminated })
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

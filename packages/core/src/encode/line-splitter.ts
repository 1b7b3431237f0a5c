// Bytes cut into lines, whether they come at once or in pieces cut anywhere. Holds the line that is not ended yet, and of
// one beyond the bound only its length. What lines mean is decided where they are read.
import { readLineBytesMax } from "../limits.ts"
import { joinedBytes } from "./joined-bytes.ts"

/** One line. Its bytes are part of the piece that was pushed, and valid as long as that is. */
export interface SplitLine {
  /** With the newline, where there is one; `undefined` for a line that is too long. */
  readonly bytes: Uint8Array | undefined
  /** Of its first byte. */
  readonly offset: number
  readonly isTerminated: boolean
}

/**
 * Is shown a line: `bytes` from `start` to `end`, behind its newline, and the offset of its first byte. The bytes are valid
 * during the call, and `undefined` for a line that is too long.
 */
export type VisitLine = (bytes: Uint8Array | undefined, start: number, end: number, offset: number) => void

const newline = 0x0a
const nothing = new Uint8Array(0)

export class LineSplitter {
  private readonly bytesMax: number
  /** The beginning of a line: copies, because a piece's memory may be used again. */
  private held: Uint8Array[] = []
  private heldBytes = 0
  private at: number

  /** `offset` is that of the first byte; `bytesMax` bounds a line without its newline. */
  constructor(offset = 0, bytesMax: number = readLineBytesMax) {
    this.at = offset
    this.bytesMax = bytesMax
  }

  /** Offset of the first byte that was not pushed yet. */
  get position(): number {
    return this.at
  }

  /** Offset behind the last newline that was pushed. */
  get wholeTo(): number {
    return this.at - this.heldBytes
  }

  /** The lines that end in this piece, blank ones too. Where one ends, the next one begins. */
  push(piece: Uint8Array): SplitLine[] {
    const lines: SplitLine[] = []
    this.each(piece, (bytes, start, end, offset) => {
      // A view costs a third less than a subarray.
      const line = bytes && new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
      lines.push({ bytes: line, offset, isTerminated: true })
    })
    return lines
  }

  /** The same lines without a view of each, which costs more than finding their ends. */
  each(piece: Uint8Array, visit: VisitLine): void {
    const { at, bytesMax } = this
    let start = 0
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, start)) {
      const next = end + 1
      // Only a piece's first line can have begun in the piece before.
      if (this.heldBytes > 0) {
        const offset = at - this.heldBytes
        const line = this.take(end, piece.subarray(0, next))
        visit(line, 0, line?.length ?? 0, offset)
      } else visit(end - start > bytesMax ? undefined : piece, start, next, at + start)
      start = next
    }
    this.hold(piece.subarray(start))
    this.at += piece.length
  }

  /** The line that has no newline, which is then no longer held; `undefined` where the bytes end in one. */
  takeRest(): SplitLine | undefined {
    const offset = this.wholeTo
    return this.heldBytes === 0 ? undefined : { bytes: this.take(0, nothing), offset, isTerminated: false }
  }

  private take(length: number, end: Uint8Array): Uint8Array | undefined {
    const { held, heldBytes, bytesMax } = this
    this.held = []
    this.heldBytes = 0
    return heldBytes + length > bytesMax ? undefined : joinedBytes([...held, end])
  }

  private hold(rest: Uint8Array): void {
    if (rest.length === 0) return
    this.heldBytes += rest.length
    if (this.heldBytes > this.bytesMax) this.held = []
    else this.held.push(rest.slice())
  }
}

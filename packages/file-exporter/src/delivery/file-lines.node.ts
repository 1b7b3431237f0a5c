// The lines of one file behind a place, a chunk of whole lines at a time, with where each begins and ends. Before anything is
// read, the place is held against the bytes: a file that was cut, replaced or moved is another one, whatever its name.

import { readLineBytesMax } from "@daybook/core"
import { BackwardLines } from "../disk/lines.ts"
import type { OpenFile, ReadFacts, ReadLayer } from "../disk/read-layer.ts"
import { deliveryLimits } from "../limits.ts"
import type { FilePlace } from "../state/delivery-place.node.ts"
import { firstOf, lineDigest, standsIn } from "../state/place-fit.node.ts"

/** A line, and where it stands in its file. */
export interface PlacedLine {
  readonly at: number
  /** Its bytes are those of `bytes` from `start` up to `end`, newline included; of one that is too long there are none. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly length: number
  /** What it says, without its newline, where the chunk could be decoded. */
  readonly text: string | undefined
  readonly isTerminated: boolean
}

const newline = 0x0a
const none = new Uint8Array(0)
/** A byte order mark is an editor's, and is looked for where lines are decoded. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export const bytesOf = ({ bytes, start, end }: PlacedLine): Uint8Array => bytes.subarray(start, end)

/** The place behind a line of a file whose first line is known. A line that is too long is no proof: its digest is of nothing. */
export const placeBehind = (first: string, line: PlacedLine, id = ""): FilePlace => {
  const { at, length, start, end } = line
  return {
    first,
    at: at + length,
    line: at + length - (end - start),
    sha: lineDigest(bytesOf(line)),
    id
  }
}

/** The place of a file of which nothing is settled. */
export const frontPlace: FilePlace = { first: "", at: 0, line: 0, sha: lineDigest(none), id: "" }

/** An open file that is read forwards, as far as it went when it was opened. */
export class FileLines {
  readonly facts: ReadFacts
  /** The line that was given last. */
  lastLine: PlacedLine | undefined
  private readonly handle: OpenFile
  /** Behind the chunk that was read last. */
  private position = 0
  private chunk: Uint8Array = none
  private texts: readonly string[] | undefined
  private given = 0
  private start = 0

  private constructor(handle: OpenFile, facts: ReadFacts) {
    this.handle = handle
    this.facts = facts
  }

  /** `undefined` when it is not there. Rejects for what is no regular file. */
  static async open(layer: ReadLayer, path: string): Promise<FileLines | undefined> {
    const handle = await layer.open(path)
    if (handle === undefined) return undefined
    try {
      const facts = await handle.facts()
      if (facts.kind !== "file") throw new Error("it is not a regular file")
      return new FileLines(handle, facts)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** The file's first line, as `firstOf` names it; "" as long as it has none. */
  async first(): Promise<string> {
    const piece = await this.wholeLines(0, 4 * 1024)
    const end = piece.indexOf(newline)
    return end === -1 ? "" : firstOf(piece.subarray(0, end + 1))
  }

  /** Whether the last settled line stands where a place says. */
  async fits(place: FilePlace): Promise<boolean> {
    const { line, at } = place
    return at <= this.facts.size && standsIn(place, await this.read(line, at - line + 1))
  }

  /** The same file from its front, whatever has its name now. It is closed with this one. */
  fromFront(): FileLines {
    return new FileLines(this.handle, this.facts)
  }

  /** Goes on reading behind a place. */
  begin(at: number): void {
    this.position = at
    this.chunk = none
    this.start = 0
  }

  /** Goes behind the last line that has its newline. */
  async skipAll(): Promise<void> {
    const { handle, facts } = this
    const backward = new BackwardLines(
      (into, from) => handle.read(into, from),
      deliveryLimits.chunkBytes,
      facts.size
    )
    for (let lines = await backward.next(); lines !== undefined; lines = await backward.next()) {
      const ended = lines.findIndex(({ isTerminated }) => isTerminated)
      const line = lines[ended]
      if (line === undefined) continue
      const end =
        lines[ended - 1]?.offset ?? (line.bytes === undefined ? facts.size : line.offset + line.bytes.length)
      this.lastLine = placed(line.offset, line.bytes?.slice() ?? none, end - line.offset)
      return this.begin(end)
    }
  }

  /** The next line. `undefined` at the end, where a line may be in progress: `rest` is it. */
  async next(): Promise<PlacedLine | undefined> {
    return this.ready() ?? (await this.fill()) ?? this.ready()
  }

  /** The next line of those that were read already: a promise for each line would cost as much as a line. */
  ready(): PlacedLine | undefined {
    if (this.start === this.chunk.length) return undefined
    const { chunk: bytes, start, texts } = this
    const end = bytes.indexOf(newline, start) + 1
    const at = this.position - bytes.length + start
    const text = texts?.[this.given]
    this.given += 1
    this.start = end
    this.lastLine = { at, bytes, start, end, length: end - start, text, isTerminated: true }
    return this.lastLine
  }

  /** The line in progress, at the end. */
  async rest(): Promise<PlacedLine | undefined> {
    const length = this.facts.size - this.position
    if (length <= 0) return undefined
    const isKept = length <= readLineBytesMax
    const bytes = isKept ? await this.read(this.position, length) : none
    // It was cut while it was read: no place may stand beyond its end.
    if (isKept && bytes.length < length) return undefined
    this.lastLine = { ...placed(this.position, bytes, length), isTerminated: false }
    this.position = this.facts.size
    return this.lastLine
  }

  close(): Promise<void> {
    return this.handle.close()
  }

  // The next whole lines; or the next line itself, where it is too long to be one.
  private async fill(): Promise<PlacedLine | undefined> {
    const at = this.position
    this.chunk = await this.wholeLines(at, deliveryLimits.chunkBytes)
    this.start = 0
    this.given = 0
    this.texts = textsOf(this.chunk)
    if (this.chunk.length === 0 && this.facts.size - at > readLineBytesMax) return this.tooLong(at)
    this.position = at + this.chunk.length
    return undefined
  }

  /** Fresh memory each time: the lines of a batch are views of it. Empty where no line ends. */
  private async wholeLines(at: number, size: number): Promise<Uint8Array> {
    const left = this.facts.size - at
    for (let bytes = size; ; bytes *= 2) {
      const piece = await this.read(at, Math.min(bytes, left, readLineBytesMax + 1))
      const end = piece.lastIndexOf(newline) + 1
      if (end > 0 || bytes >= left || bytes > readLineBytesMax) return piece.subarray(0, end)
    }
  }

  private async tooLong(at: number): Promise<PlacedLine | undefined> {
    for (let from = at + readLineBytesMax; from < this.facts.size; ) {
      const piece = await this.read(from, Math.min(deliveryLimits.chunkBytes, this.facts.size - from))
      const end = piece.indexOf(newline) + 1
      if (end > 0) {
        this.position = from + end
        this.lastLine = placed(at, none, this.position - at)
        return this.lastLine
      }
      if (piece.length === 0) break
      from += piece.length
    }
    return undefined
  }

  private async read(from: number, count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, count))
    let filled = 0
    while (filled < count) {
      const more = await this.handle.read(bytes.subarray(filled), from + filled)
      if (more === 0) break
      filled += more
    }
    return bytes.subarray(0, filled)
  }
}

const placed = (at: number, bytes: Uint8Array, length: number): PlacedLine => ({
  at,
  bytes,
  start: 0,
  end: bytes.length,
  length,
  text: undefined,
  isTerminated: true
})

// Once for all lines of a chunk: a third of the price of each alone. One that is not UTF-8 spoils only the chunk's.
const textsOf = (chunk: Uint8Array): readonly string[] | undefined => {
  try {
    return decoder.decode(chunk).split("\n")
  } catch {
    return undefined
  }
}

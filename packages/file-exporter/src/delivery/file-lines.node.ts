// The lines of one file behind a place, as raw bytes with where they begin and end. Before anything is read, the place is held
// against the bytes: a file that was cut, replaced or moved is another one, whatever its name.

import { LineSplitter, readLineBytesMax, type SplitLine } from "@daybook/core"
import { BackwardLines } from "../disk/lines.ts"
import type { OpenFile, ReadFacts, ReadLayer } from "../disk/read-layer.ts"
import { deliveryLimits } from "../limits.ts"
import type { FilePlace } from "../state/delivery-place.node.ts"
import { firstOf, lineDigest } from "../state/place-fit.node.ts"

/** A line, and where it stands. */
export interface PlacedLine {
  readonly begin: number
  readonly end: number
  /** With its newline, where there is one; `undefined` for one that is too long. */
  readonly bytes: Uint8Array | undefined
  readonly isTerminated: boolean
}

/** Where a line ends up in a place: the last settled line of a file whose first one is known. */
export const placeBehind = (first: string, { begin, end, bytes }: PlacedLine, id = ""): FilePlace => ({
  first,
  at: end,
  line: bytes === undefined ? end : begin,
  sha: lineDigest(bytes ?? new Uint8Array(0)),
  id
})

/** The place of a file of which nothing is settled. */
export const frontPlace: FilePlace = {
  first: "",
  at: 0,
  line: 0,
  sha: lineDigest(new Uint8Array(0)),
  id: ""
}

/** An open file that is read forwards, as far as it went when it was opened. */
export class FileLines {
  readonly facts: ReadFacts
  /** Behind the last line that was given. */
  at = 0
  private readonly handle: OpenFile
  private splitter = new LineSplitter()
  private ready: readonly SplitLine[] = []
  private given = 0
  private last: PlacedLine | undefined

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
    const splitter = new LineSplitter()
    for (let at = 0; at < Math.min(this.facts.size, readLineBytesMax + 1); ) {
      const piece = await this.read(at, Math.min(64 * 1024, this.facts.size - at))
      if (piece.length === 0) return ""
      const [line] = splitter.push(piece)
      if (line !== undefined) return firstOf(line.bytes)
      at += piece.length
    }
    return ""
  }

  /** Whether the last settled line stands where a place says. */
  async fits({ line, at, sha }: FilePlace): Promise<boolean> {
    if (at > this.facts.size) return false
    return lineDigest(await this.whole(line, at)) === sha
  }

  /** Goes on reading behind a place. */
  begin(at: number): void {
    this.at = at
    this.splitter = new LineSplitter(at)
    this.ready = []
    this.given = 0
  }

  /** The next line. `undefined` at the end, where a line may be in progress: `rest` is it. */
  async next(): Promise<PlacedLine | undefined> {
    while (this.given === this.ready.length) {
      const { position } = this.splitter
      const left = this.facts.size - position
      if (left <= 0) return undefined
      // Fresh memory each time: the lines of a batch are views of it.
      const piece = await this.read(position, Math.min(deliveryLimits.chunkBytes, left))
      if (piece.length === 0) return undefined
      this.ready = this.splitter.push(piece)
      this.given = 0
    }
    const { bytes, offset } = this.ready[this.given] as SplitLine
    this.given += 1
    const end = this.ready[this.given]?.offset ?? this.splitter.wholeTo
    this.at = end
    this.last = { begin: offset, end, bytes, isTerminated: true }
    return this.last
  }

  /** The line in progress, at the end. */
  rest(): PlacedLine | undefined {
    const rest = this.splitter.takeRest()
    if (rest === undefined) return undefined
    this.at = this.splitter.position
    this.last = { begin: rest.offset, end: this.at, bytes: rest.bytes, isTerminated: false }
    return this.last
  }

  /** The line that was given last; `undefined` when none was. */
  get lastLine(): PlacedLine | undefined {
    return this.last
  }

  /** Goes behind the last line that has its newline. */
  async skipAll(): Promise<void> {
    const backward = new BackwardLines(
      (into, from) => this.handle.read(into, from),
      deliveryLimits.chunkBytes,
      this.facts.size
    )
    for (let lines = await backward.next(); lines !== undefined; lines = await backward.next()) {
      const ended = lines.findIndex(({ isTerminated }) => isTerminated)
      const line = lines[ended]
      if (line === undefined) continue
      const end = lines[ended - 1]?.offset ?? this.endOf(line)
      this.begin(end)
      this.last = { begin: line.offset, end, bytes: line.bytes?.slice(), isTerminated: true }
      return
    }
    this.begin(0)
  }

  private endOf({ offset, bytes }: SplitLine): number {
    return bytes === undefined ? this.facts.size : offset + bytes.length
  }

  close(): Promise<void> {
    return this.handle.close()
  }

  private async whole(from: number, to: number): Promise<Uint8Array> {
    const piece = await this.read(from, to - from)
    if (piece.length < to - from) throw new Error("it became shorter while it was read")
    return piece
  }

  private async read(from: number, count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count)
    let filled = 0
    while (filled < count) {
      const more = await this.handle.read(bytes.subarray(filled), from + filled)
      if (more === 0) break
      filled += more
    }
    return bytes.subarray(0, filled)
  }
}

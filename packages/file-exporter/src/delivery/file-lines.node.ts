// One file of a trail that is read behind a place. Before anything is read, the place is held against the bytes: a file that was
// cut, replaced or moved is another one, whatever its name. Of a file that another program packed, places and bytes are those
// that were packed. How bytes become lines is disk/lines.ts.

import { readLineBytesMax } from "@daybook/core"
import { BackwardLines, bytesOf, ForwardLines, isTooLong, keptBytes, type PlacedLine } from "../disk/lines.ts"
import { PackedFile } from "../disk/packed-file.node.ts"
import type { OpenFile, ReadFacts, ReadLayer } from "../disk/read-layer.ts"
import { deliveryLimits } from "../limits.ts"
import { isPackedName } from "../place/layout.node.ts"
import type { FilePlace } from "../state/delivery-place.node.ts"
import { firstOf, lineDigest, standsIn } from "../state/place-fit.node.ts"

/** The place behind a line of a file whose first line is known. A line that is too long is known by its end. */
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
export const frontPlace: FilePlace = { first: "", at: 0, line: 0, sha: lineDigest(new Uint8Array(0)), id: "" }

/** An open file that is read forwards, as far as it went when it was opened. */
export class FileLines {
  /** Of the file as it is on the disk. */
  readonly facts: ReadFacts
  readonly isPacked: boolean
  /** The line that was given last. */
  lastLine: PlacedLine | undefined
  private readonly handle: OpenFile
  private lines: ForwardLines
  private chunk: readonly PlacedLine[] = []
  private given = 0

  private constructor(handle: OpenFile, facts: ReadFacts) {
    this.handle = handle
    this.facts = facts
    this.isPacked = handle instanceof PackedFile
    this.lines = this.linesFrom(0)
  }

  /** `undefined` when it is not there. Rejects for what is no regular file. */
  static async open(layer: ReadLayer, path: string): Promise<FileLines | undefined> {
    const handle = await layer.open(path)
    if (handle === undefined) return undefined
    try {
      const facts = await handle.facts()
      if (facts.kind !== "file") throw new Error("it is not a regular file")
      // A window is kept of what was unpacked: a place is looked at, and then read on behind it.
      return new FileLines(isPackedName(path) ? new PackedFile(handle, true) : handle, facts)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** The file's first line, as `firstOf` names it; "" as long as it has none. */
  async first(): Promise<string> {
    const lines = this.linesFrom(0, 4 * 1024)
    for (let chunk = await lines.next(); chunk !== undefined; chunk = await lines.next()) {
      const [line] = chunk
      if (line !== undefined) return isTooLong(line) ? "" : firstOf(bytesOf(line))
      // It is too long to name its file.
      if (lines.position > readLineBytesMax) break
    }
    return ""
  }

  /** Whether the last settled line stands where a place says. */
  async fits(place: FilePlace): Promise<boolean> {
    const { line, at } = place
    if (!this.isPacked && at > this.facts.size) return false
    return standsIn(place, await this.read(line, at - line + 1))
  }

  /** The same file from its front, whatever has its name now. It is closed with this one. */
  fromFront(): FileLines {
    return new FileLines(this.handle, this.facts)
  }

  /** Goes on reading behind a place. */
  begin(at: number): void {
    this.lines = this.linesFrom(at)
    this.chunk = []
    this.given = 0
  }

  /** Goes behind the last line that has its newline. */
  async skipAll(): Promise<void> {
    const { handle } = this
    const { size, error } =
      handle instanceof PackedFile ? await handle.unpacked() : { size: this.facts.size, error: undefined }
    if (error !== undefined) throw error
    const backward = new BackwardLines(
      (into, from) => handle.read(into, from),
      deliveryLimits.chunkBytes,
      size
    )
    for (let lines = await backward.next(); lines !== undefined; lines = await backward.next()) {
      const line = lines.find(({ isTerminated }) => isTerminated)
      if (line === undefined) continue
      const end = line.at + line.length
      const from = isTooLong(line) ? end - keptBytes : line.at
      const bytes = await this.read(from, end - from)
      this.lastLine = { ...line, bytes, start: 0, end: bytes.length }
      return this.begin(end)
    }
  }

  /** The next line. `undefined` at the end, where a line may be in progress: `rest` is it. */
  async next(): Promise<PlacedLine | undefined> {
    for (;;) {
      const line = this.ready()
      if (line !== undefined) return line
      const chunk = await this.lines.next()
      if (chunk === undefined) return undefined
      this.chunk = chunk
      this.given = 0
    }
  }

  /** The next line of those that were read already: a promise for each line would cost as much as a line. */
  ready(): PlacedLine | undefined {
    const line = this.chunk[this.given]
    if (line === undefined) return undefined
    this.given += 1
    this.lastLine = line
    return line
  }

  /** The line in progress, at the end. */
  rest(): PlacedLine | undefined {
    // It was cut while it was read: no place may stand beyond its end.
    if (!this.isPacked && this.lines.position < this.facts.size) return undefined
    const line = this.lines.takeUnfinished()
    this.lastLine = line ?? this.lastLine
    return line
  }

  close(): Promise<void> {
    return this.handle.close()
  }

  private linesFrom(from: number, chunkBytes: number = deliveryLimits.chunkBytes): ForwardLines {
    const { handle, isPacked } = this
    // A packed file is what it is; any other one may grow meanwhile.
    const size = isPacked ? Number.POSITIVE_INFINITY : this.facts.size
    const upTo = (into: Uint8Array, position: number): Promise<number> =>
      position < size ? handle.read(into.subarray(0, size - position), position) : Promise.resolve(0)
    // The lines of a batch are views of the chunks.
    return new ForwardLines(upTo, Math.max(1, Math.min(chunkBytes, size - from)), from, { isKept: true })
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

// Rows of several files as one sequence: by time between the files, and in each file's own order within it. Holds one
// chunk of each file. Where the files are, and which way they are read, is left to the readers.
import { lineTime } from "@daybook/core"
import type { PlacedLine } from "../disk/lines.ts"
import type { RowFilter } from "../query/filter.ts"
import type { DamagedLine, Row } from "../query/row.ts"
import type { RowDecoder } from "./row-decoder.ts"

/** Gives lines, or damage, a chunk at a time; `undefined` at its end. */
export interface LineChunks {
  next(): Promise<readonly (PlacedLine | DamagedLine)[] | undefined>
}

/** When a source stops before its end: behind so many events in a row that lie beyond what is wanted. */
export interface Beyond {
  readonly linesMax: number
  isBeyond(time: number): boolean
}

/** The rows of one file, one after the other. */
export class RowSource {
  private readonly lines: LineChunks
  private readonly decoder: RowDecoder
  private readonly beyond: Beyond | undefined
  private batch: readonly (PlacedLine | DamagedLine)[] = []
  private index = 0
  private beyondLines = 0
  private found: Row | undefined
  private foundTime: number | undefined
  private timeBefore: number

  /** `timeBefore` is the time of rows without one at the beginning. Later ones have that of their neighbour. */
  constructor(lines: LineChunks, decoder: RowDecoder, timeBefore: number, beyond?: Beyond) {
    this.lines = lines
    this.decoder = decoder
    this.timeBefore = timeBefore
    this.beyond = beyond
  }

  get row(): Row | undefined {
    return this.found
  }

  /** When the row happened; asked for only where it matters, because reading a time costs as much as the rest. */
  get time(): number {
    if (this.foundTime === undefined) {
      const { found } = this
      const time = found === undefined || "damage" in found ? Number.NaN : lineTime(found.head.ts)
      this.foundTime = Number.isNaN(time) ? this.timeBefore : time
    }
    return this.foundTime
  }

  /** Moves to the next row. False at the end. Answers without a promise while the chunk in hand has lines. */
  advance(): boolean | Promise<boolean> {
    return this.step() || (this.isOver() ? false : this.refill())
  }

  private step(): boolean {
    if (this.foundTime !== undefined) this.timeBefore = this.foundTime
    while (this.index < this.batch.length && !this.isOver()) {
      const line = this.batch[this.index++]
      const row = line === undefined || "damage" in line ? line : this.decoder.row(line)
      if (row === undefined) continue
      this.found = row
      this.foundTime = undefined
      if (this.beyond !== undefined && !("damage" in row)) {
        this.beyondLines = this.beyond.isBeyond(this.time) ? this.beyondLines + 1 : 0
      }
      return true
    }
    return false
  }

  private isOver(): boolean {
    return this.beyond !== undefined && this.beyondLines >= this.beyond.linesMax
  }

  private async refill(): Promise<boolean> {
    while (true) {
      const batch = await this.lines.next()
      if (batch === undefined) return false
      this.batch = batch
      this.index = 0
      if (this.step()) return true
    }
  }
}

/**
 * The rows that pass, the earliest file's first (or, backwards, the latest one's). A row that is damaged or has no time
 * comes with the row before it in its file.
 */
export async function* mergeRows(
  sources: readonly RowSource[],
  direction: "forwards" | "backwards",
  filter: RowFilter
): AsyncGenerator<Row, void> {
  const isLater = (a: RowSource, b: RowSource): boolean =>
    direction === "forwards" ? a.time > b.time : a.time < b.time
  // The next one last. Of equal ones, the one that was in hand goes on, so that a session's lines stay together.
  const waiting: RowSource[] = []
  const enqueue = (source: RowSource): void => {
    let from = 0
    let to = waiting.length
    while (from < to) {
      const middle = (from + to) >> 1
      const other = waiting[middle]
      if (other !== undefined && isLater(source, other)) to = middle
      else from = middle + 1
    }
    waiting.splice(from, 0, source)
  }
  for (const source of [...sources].reverse()) if (await source.advance()) enqueue(source)
  for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
    const { row } = source
    if (row !== undefined && ("damage" in row || filter.passes(row))) yield row
    const more = source.advance()
    if (more === true || (more !== false && (await more))) enqueue(source)
  }
}

// Rows from a file's lines: the first look at the bytes, the decoding, the table of foreign heads, the filter. A row has its
// line's bytes, because the line is the event.
import { type AuditEvent, decodeLine, isBlankLine, type VisitLine } from "@daybook/core/lines"
import type { Damage, DamagedLine } from "@daybook/file-exporter/filter"
import { readForeign } from "./foreign-line.ts"
import { RawFilter } from "./raw-filter.ts"
import type { TrailFilter } from "./trail-filter.ts"

/** An event or a mark, and where it stands. */
export interface TrailLine {
  /** Its head as its program meant it. */
  readonly event: AuditEvent
  readonly file: string
  /** Of the line's first byte. */
  readonly offset: number
  /** The line as it stands, with its newline where there is one. A part of what was read: whoever keeps it, keeps all of that. */
  readonly bytes: Uint8Array
}

/** A line, or damage. Damage passes unless its bytes show that the line is not asked for. */
export type TrailRow = TrailLine | DamagedLine

export class RowMaker {
  private readonly file: string
  private readonly filter: TrailFilter
  private readonly raw: RawFilter
  private rows: TrailRow[] = []

  constructor(file: string, filter: TrailFilter) {
    this.file = file
    this.filter = filter
    this.raw = new RawFilter(filter)
  }

  /** The rows of the lines that were visited since. */
  take(): readonly TrailRow[] {
    const { rows } = this
    if (rows.length > 0) this.rows = []
    return rows
  }

  readonly visit: VisitLine = (bytes, start, end, offset) => {
    if (bytes === undefined) this.damaged("too long", offset)
    else if (this.raw.mayPass(bytes, start, end)) this.decode(bytes.subarray(start, end), offset, true)
  }

  /** A last line without a newline: whole from a program that writes none, or torn. */
  rest(bytes: Uint8Array | undefined, offset: number): void {
    if (bytes === undefined) this.damaged("too long", offset)
    else this.decode(bytes, offset, false)
  }

  unreadable(offset: number, reason: string): void {
    this.rows.push({ damage: "unreadable", file: this.file, offset, reason })
  }

  truncated(offset: number): void {
    this.damaged("truncated", offset)
  }

  private decode(bytes: Uint8Array, offset: number, isTerminated: boolean): void {
    const decoded = decodeLine(bytes)
    if ("damage" in decoded) {
      if (!isBlankLine(bytes)) this.damaged(isTerminated ? decoded.damage : "unterminated", offset)
      return
    }
    const event = readForeign(decoded)
    if (this.filter.passes(event)) this.rows.push({ event, file: this.file, offset, bytes })
  }

  private damaged(damage: Damage, offset: number): void {
    this.rows.push({ damage, file: this.file, offset })
  }
}

// Makes rows of a file's lines, and reports each note once. What a row is stands in query/row.ts; which rows are wanted is
// decided by the filter.
import { decodeLine, hasByteOrderMark, isBlankLine, type SplitLine } from "@daybook/core"
import type { ReadNote, Row } from "../query/row.ts"

const carriageReturn = 0x0d
const formatVersion = 1

export class RowDecoder {
  readonly file: string
  private readonly onNote: ((note: ReadNote) => void) | undefined
  private readonly noted = new Set<ReadNote["note"]>()

  constructor(file: string, onNote: ((note: ReadNote) => void) | undefined) {
    this.file = file
    this.onNote = onNote
  }

  /** `undefined` for a blank line, which is nothing. */
  row({ bytes, offset, isTerminated }: SplitLine): Row | undefined {
    const { file } = this
    if (bytes === undefined) return { damage: "too long", file, offset }
    if (hasByteOrderMark(bytes)) this.note("byte order mark", offset)
    if (bytes.at(isTerminated ? -2 : -1) === carriageReturn) this.note("carriage returns", offset)
    if (isBlankLine(bytes)) return undefined
    if (!isTerminated) return { damage: "unterminated", file, offset }
    const decoded = decodeLine(bytes)
    if ("damage" in decoded) return { damage: decoded.damage, file, offset }
    if ((decoded.head.v ?? formatVersion) > formatVersion) this.note("newer version", offset)
    return decoded
  }

  note(note: ReadNote["note"], offset: number): void {
    if (this.onNote === undefined || this.noted.has(note)) return
    this.noted.add(note)
    this.onNote({ note, file: this.file, offset })
  }
}

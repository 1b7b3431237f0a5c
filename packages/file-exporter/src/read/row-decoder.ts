// Makes rows of a file's lines, and reports each note once. What a row is stands in query/row.ts; which rows are wanted is
// decided by the filter.
import { type AuditEvent, decodeLine, hasByteOrderMark, isBlankLine, type LineDamage } from "@daybook/core"
import { bytesOf, isTooLong, type PlacedLine } from "../disk/lines.ts"
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
  row(line: PlacedLine): Row | undefined {
    const { file } = this
    const { at: offset, text, isTerminated } = line
    if (isTooLong(line)) return { damage: "too long", file, offset }
    // Ours. What an editor has put in front of a line or behind it is looked for in its bytes.
    if (text?.startsWith("{") && text.endsWith("}")) return this.checked(decodeLine(text), offset)
    const bytes = bytesOf(line)
    if (hasByteOrderMark(bytes)) this.note("byte order mark", offset)
    if (bytes.at(isTerminated ? -2 : -1) === carriageReturn) this.note("carriage returns", offset)
    if (isBlankLine(bytes)) return undefined
    if (!isTerminated) return { damage: "unterminated", file, offset }
    return this.checked(decodeLine(bytes), offset)
  }

  private checked(decoded: AuditEvent | { readonly damage: LineDamage }, offset: number): Row {
    if ("damage" in decoded) return { damage: decoded.damage, file: this.file, offset }
    if ((decoded.head.v ?? formatVersion) > formatVersion) this.note("newer version", offset)
    return decoded
  }

  note(note: ReadNote["note"], offset: number): void {
    if (this.onNote === undefined || this.noted.has(note)) return
    this.noted.add(note)
    this.onNote({ note, file: this.file, offset })
  }
}

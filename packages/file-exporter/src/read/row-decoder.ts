// Makes rows of a file's lines, and reports each note once. What a row is stands in query/row.ts; which rows are wanted is
// decided by the filter.
import { decodeLine, type SplitLine } from "@daybook/core"
import type { ReadNote, Row } from "../query/row.ts"

const carriageReturn = 0x0d
const newline = 0x0a
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
    const hasMark = offset === 0 && startsWithByteOrderMark(bytes)
    if (hasMark) this.note("byte order mark", offset)
    if (bytes.at(isTerminated ? -2 : -1) === carriageReturn) this.note("carriage returns", offset)
    if (isBlank(bytes, hasMark ? 3 : 0)) return undefined
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

const startsWithByteOrderMark = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf

// An editor turns our blank lines into CR LF. NUL is no blank: it is what a power cut leaves of a line.
const isBlank = (bytes: Uint8Array, from: number): boolean => {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn && byte !== newline) return false
  }
  return true
}

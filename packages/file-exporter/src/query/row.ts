// What reading gives: events, marks, and damage as a row of its own with its place. Also what is worth a note and is no
// damage. Which rows somebody wants to see is row-filter.ts's business.
import { type AuditEvent, decodeLine, type LineDamage } from "@daybook/core"
import type { RawLine } from "../read/lines.ts"

/**
 * Why a row is no event. `unterminated`: the last line of a file, which is being written, or never will be finished.
 * `truncated`: a file that is followed became shorter. `unreadable`: from here on, the system does not give the file.
 */
export type Damage = LineDamage | "unterminated" | "truncated" | "unreadable"

/** Damage, and where it is. Never quotes the line: it may hold what should not be shown. */
export interface DamagedLine {
  readonly damage: Damage
  readonly file: string
  /** Byte offset of the line's first byte. */
  readonly offset: number
  /** Why a file is `unreadable`, with the errno's name. */
  readonly reason?: string
}

/** One line of a file: an event, a mark, or damage. */
export type Row = AuditEvent | DamagedLine

/**
 * Something about a file that its reader should know and that is no damage. An editor left a `byte order mark` or
 * `carriage returns`: every line is read, but seals will not fit. A `newer version` of the format: what this version
 * does not know is kept in `fields`. `replaced`: another file stands under the name of one that is followed.
 */
export interface ReadNote {
  readonly note: "byte order mark" | "carriage returns" | "newer version" | "replaced"
  readonly file: string
  /** Where it was seen first: the line's first byte. */
  readonly offset: number
}

const carriageReturn = 0x0d
const formatVersion = 1

/** Makes rows of one file's lines, and tells each note once. */
export class RowDecoder {
  readonly file: string
  private readonly onNote: ((note: ReadNote) => void) | undefined
  private readonly told = new Set<ReadNote["note"]>()

  constructor(file: string, onNote: ((note: ReadNote) => void) | undefined) {
    this.file = file
    this.onNote = onNote
  }

  /** `undefined` for a blank line, which is nothing. */
  row({ bytes, offset, isTerminated }: RawLine): Row | undefined {
    const { file } = this
    if (bytes === undefined) return { damage: "too long", file, offset }
    const hasMark = offset === 0 && startsWithByteOrderMark(bytes)
    if (hasMark) this.tell("byte order mark", offset)
    if (bytes.at(-1) === carriageReturn) this.tell("carriage returns", offset)
    if (isBlank(bytes, hasMark ? 3 : 0)) return undefined
    if (!isTerminated) return { damage: "unterminated", file, offset }
    const decoded = decodeLine(bytes)
    if ("damage" in decoded) return { damage: decoded.damage, file, offset }
    if ((decoded.head.v ?? formatVersion) > formatVersion) this.tell("newer version", offset)
    return decoded
  }

  tell(note: ReadNote["note"], offset: number): void {
    if (this.onNote === undefined || this.told.has(note)) return
    this.told.add(note)
    this.onNote({ note, file: this.file, offset })
  }
}

const startsWithByteOrderMark = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf

// An editor turns our blank lines into CR LF. NUL is no blank: it is what a power cut leaves of a line.
const isBlank = (bytes: Uint8Array, from: number): boolean => {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn) return false
  }
  return true
}

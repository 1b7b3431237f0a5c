// What reading gives: events, marks, and damage as a row of its own with its place. Also what is worth a note and is no
// damage.
import type { AuditEvent, LineDamage } from "@daybook/core"

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
 * does not know is kept in `fields`. `replaced`: another file stands under the name of one that is followed. A file of a
 * `future day` was not read: that day has not begun anywhere, so a wrong clock has named it. `readDay` reads it. A
 * `packed copy` was not read: the file that was packed is there as well.
 */
export interface ReadNote {
  readonly note:
    | "byte order mark"
    | "carriage returns"
    | "newer version"
    | "replaced"
    | "future day"
    | "packed copy"
  readonly file: string
  /** Where it was seen first: the line's first byte. */
  readonly offset: number
}

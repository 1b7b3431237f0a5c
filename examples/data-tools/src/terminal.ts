// The terminal: its width, whether it shows colours, and text cut to fit. Output to a file is plain lines without control
// codes. report.ts and progress.ts write the texts.

import type { WriteStream } from "node:tty"
import picocolors from "picocolors"

export type Colors = ReturnType<typeof picocolors.createColors>
export type Paint = (text: string) => string

/** A stretch of a line in one colour. */
export interface Piece {
  readonly text: string
  readonly paint?: Paint
}

export interface Terminal {
  readonly isInteractive: boolean
  readonly columns: number
  readonly colors: Colors
  print(line?: string): void
  /** The pieces as one line, cut with "…" where the terminal ends. */
  printPieces(pieces: readonly Piece[]): void
}

/** A file has no width, but people read it in the end. */
const columnsOfFiles = 100

export const makeTerminal = (
  output: WriteStream,
  env: Readonly<Record<string, string | undefined>>
): Terminal => {
  const isInteractive = output.isTTY === true
  const columns = (isInteractive && output.columns) || columnsOfFiles
  const isColorful = isInteractive && !env.NO_COLOR && env.TERM !== "dumb"
  const print = (line = ""): void => void output.write(`${line}\n`)
  return {
    isInteractive,
    columns,
    colors: picocolors.createColors(isColorful),
    print,
    printPieces: (pieces) => print(fitPieces(pieces, columns))
  }
}

/** Makes foreign text safe to show: a control character could move the cursor or recolour the screen. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** The width of a text in columns: two for East Asian characters and emoji, none for combining marks. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const char of text) width += charWidth(char)
  return width
}

const charWidth = (char: string): number => {
  if (char <= "\u02ff") return 1
  if (/^[\p{Mark}\p{Cf}]$/u.test(char)) return 0
  return /^[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff01-\uff60]$/u.test(
    char
  )
    ? 2
    : 1
}

/** Cuts to at most `width` columns; a cut text ends with "…". */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let kept = ""
  let left = width - 1
  for (const char of text) {
    left -= charWidth(char)
    if (left < 0) break
    kept += char
  }
  return width > 0 ? `${kept}…` : ""
}

/** Exactly `width` columns, cut or filled with spaces. */
export const fill = (text: string, width: number): string => {
  const fitting = cut(text, width)
  return fitting + " ".repeat(width - widthOf(fitting))
}

const fitPieces = (pieces: readonly Piece[], columns: number): string => {
  let line = ""
  let left = columns
  for (const [index, { text, paint = String }] of pieces.entries()) {
    if (left <= 0) break
    const isRestEmpty = pieces.slice(index + 1).every((piece) => piece.text === "")
    // The last column stays free for "…" unless nothing follows.
    const fitting = widthOf(text) === left && !isRestEmpty ? cut(`${text} `, left) : cut(text, left)
    if (fitting !== "") line += paint(fitting)
    left -= widthOf(fitting)
  }
  return line
}

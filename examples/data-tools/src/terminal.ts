// The terminal: its width, and whether it shows colours. Output to a file is plain lines without control codes. report.ts and
// progress.ts write the texts.

import type { WriteStream } from "node:tty"
import { type LinePart, lineText } from "@daybook/core/event-line"
import picocolors from "picocolors"

export type Colors = ReturnType<typeof picocolors.createColors>
export type Paint = (text: string) => string

export interface Terminal {
  readonly isInteractive: boolean
  readonly columns: number
  readonly colors: Colors
  print(line?: string): void
  /** The parts as one line, cut with "…" where the terminal ends. */
  printParts(parts: readonly LinePart[]): void
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
    printParts: (parts) => print(lineText(parts, { isColorful, columnsMax: columns }))
  }
}

// One file as a source of rows, from its front or from its end. A file that the system does not give ends in a row that
// says so: it must not hide the others. In which order several sources come is decided by merge.ts.
import type { SplitLine } from "@daybook/core"
import { describeDiskError } from "../disk/errno.ts"
import { BackwardLines, ForwardLines } from "../disk/lines.ts"
import { readLimits } from "../limits.ts"
import type { DamagedLine, ReadNote } from "../query/row.ts"
import { type Beyond, type LineChunks, RowSource } from "./merge.ts"
import type { ReadFile } from "./open-files.ts"
import { RowDecoder } from "./row-decoder.ts"

/** What every reader is given beside what it reads. */
export interface Reading {
  readonly onNote: ((note: ReadNote) => void) | undefined
  /** Ends the reading at its next chunk. */
  readonly ends: AbortSignal
}

/** Notes files that are not read, because they are packed copies of files that are. */
export const noteTwins = (
  twins: readonly { readonly path: string }[],
  onNote: ((note: ReadNote) => void) | undefined
): void => {
  for (const { path } of twins) onNote?.({ note: "packed copy", file: path, offset: 0 })
}

/** How a file is read. */
export interface SourceOptions extends Reading {
  /** How many files are read at the same time: they share the memory for chunks. */
  readonly filesAtOnce: number
  readonly beyond?: Beyond | undefined
  /** The time of lines without one that come first. Default: they come before all others. */
  readonly timeBefore?: number | undefined
}

/** From the first line on, as far as the file goes when its end is reached. */
export const forwardSource = (file: ReadFile, options: SourceOptions): RowSource => {
  const { onNote, beyond, timeBefore = Number.NEGATIVE_INFINITY } = options
  const lines = new ForwardLines((into, position) => file.read(into, position), chunkSize(options))
  let isAtEnd = false
  const next: LineChunks["next"] = async () => {
    if (isAtEnd) return undefined
    const found = await lines.next()
    if (found !== undefined) return found
    isAtEnd = true
    const unfinished = lines.takeUnfinished()
    return unfinished === undefined ? undefined : [unfinished]
  }
  const whole = untilUnreadable(file, options.ends, next, () => lines.position)
  return new RowSource(whole, new RowDecoder(file.path, onNote), timeBefore, beyond)
}

/** From the last line on, of the file as long as it is when reading begins. */
export const backwardSource = (file: ReadFile, options: SourceOptions): RowSource => {
  const { onNote, beyond, timeBefore = Number.POSITIVE_INFINITY } = options
  let lines: BackwardLines | undefined
  const next: LineChunks["next"] = async () => {
    if (lines !== undefined) return lines.next()
    const { size, error } = await file.unpacked()
    lines = linesBefore(file, chunkSize(options), size)
    return error === undefined ? lines.next() : [unreadable(file.path, size, error)]
  }
  const whole = untilUnreadable(file, options.ends, next, () => lines?.position ?? 0)
  return new RowSource(whole, new RowDecoder(file.path, onNote), timeBefore, beyond)
}

/** The lines of a file from its end. One that is not there has none. */
export const backwardLines = async (file: ReadFile, bytes: number): Promise<BackwardLines> => {
  const { size } = await file.unpacked()
  return linesBefore(file, bytes, size)
}

const linesBefore = (file: ReadFile, bytes: number, size: number): BackwardLines =>
  new BackwardLines((into, position) => file.read(into, position), bytes, size)

/** The row that stands for what cannot be read. */
export const unreadable = (file: string, offset: number, error: unknown): DamagedLine => ({
  damage: "unreadable",
  file,
  offset,
  // Our own refusals have no code; their text is the reason.
  reason: error instanceof Error && !("code" in error) ? error.message : describeDiskError(error)
})

const { chunkBytes, chunkBytesMin, chunksBytesMax } = readLimits
const chunkSize = ({ filesAtOnce }: SourceOptions): number =>
  Math.min(chunkBytes, Math.max(chunkBytesMin, Math.floor(chunksBytesMax / Math.max(filesAtOnce, 1))))

const untilUnreadable = (
  file: ReadFile,
  ends: AbortSignal,
  next: LineChunks["next"],
  position: () => number
): LineChunks => {
  let isOver = false
  return {
    next: async (): Promise<readonly (SplitLine | DamagedLine)[] | undefined> => {
      if (isOver || ends.aborted) return undefined
      try {
        return await next()
      } catch (error) {
        isOver = true
        return [unreadable(file.path, position(), error)]
      }
    }
  }
}

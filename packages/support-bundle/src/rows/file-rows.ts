// The rows of one file: all of them from its front, or its newest ones, read from its end where that is possible. Memory has a
// chunk, and the rows that were asked for.
import { joinedBytes, LineSplitter, readLineBytesMax } from "@daybook/core/lines"
import { readLimits } from "../limits.ts"
import { RowMaker, type TrailRow } from "./row-maker.ts"
import type { BytesOptions, TrailFile } from "./trail-file.ts"
import type { TrailFilter } from "./trail-filter.ts"

/** How rows are read. */
export interface Reading {
  readonly filter: TrailFilter
  /** Ends the reading at the next chunk. */
  readonly signal?: AbortSignal | undefined
  /** Bytes of lines that were read since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined
}

export const bytesOptions = (filesAtOnce: number): BytesOptions => {
  const { chunkBytes, chunkBytesMin, chunksBytesMax } = readLimits
  const share = Math.floor(chunksBytesMax / filesAtOnce)
  return { filesAtOnce, chunkBytes: Math.min(chunkBytes, Math.max(chunkBytesMin, share)) }
}

/** The rows that pass, a few at a time. What cannot be read is a row. */
export async function* fileRows(
  file: TrailFile,
  { filter, signal, onBytes }: Reading,
  filesAtOnce: number
): AsyncGenerator<readonly TrailRow[], void> {
  const maker = new RowMaker(file.name, filter)
  const splitter = new LineSplitter()
  try {
    for await (const chunk of file.bytes(bytesOptions(filesAtOnce))) {
      if (signal?.aborted === true) return
      splitter.each(chunk, maker.visit)
      onBytes?.(chunk.length)
      const rows = maker.take()
      if (rows.length > 0) yield rows
    }
    const rest = splitter.takeRest()
    if (rest !== undefined) maker.rest(rest.bytes, rest.offset)
  } catch (error) {
    // To end a pipe that is waited for is to break it.
    if (signal?.aborted === true) return
    maker.unreadable(splitter.position, reasonOf(error))
  }
  const rows = maker.take()
  if (rows.length > 0) yield rows
}

/** The newest rows that pass, in their order, at most so many. */
export const newestOfFile = async (
  file: TrailFile,
  count: number,
  reading: Reading
): Promise<readonly TrailRow[]> => {
  const { readAt, size } = file
  if (readAt !== undefined && size !== undefined) return fromEnd({ file, readAt, size }, count, reading)
  let newest: TrailRow[] = []
  for await (const rows of fileRows(file, reading, 1)) {
    newest.push(...kept(rows.slice(-count)))
    if (newest.length > 2 * count) newest = newest.slice(-count)
  }
  return newest.slice(-count)
}

//   …─────────┬──────────────────────┬─────────────
//             │ front │ whole lines  │ read before
//   …─────────┴──────────────────────┴─────────────
//   front: the end of a line that begins further to the front. It is held until its beginning is read.
const fromEnd = async (
  { file, readAt, size }: { file: TrailFile; readAt: NonNullable<TrailFile["readAt"]>; size: number },
  count: number,
  { filter, signal, onBytes }: Reading
): Promise<readonly TrailRow[]> => {
  const maker = new RowMaker(file.name, filter)
  let newest: readonly TrailRow[] = []
  let front: Uint8Array = new Uint8Array(0)
  let isTooLong = false
  let end = size
  try {
    while (end > 0 && newest.length < count && signal?.aborted !== true) {
      const from = Math.max(0, end - readLimits.backwardBytes)
      const block = await readWhole(readAt, from, end - from)
      onBytes?.(block.length)
      const firstNewline = from === 0 ? -1 : block.indexOf(newline)
      const hasLineEnd = from === 0 || firstNewline !== -1
      const whole = hasLineEnd ? block.subarray(firstNewline + 1) : undefined
      if (whole !== undefined) {
        const splitter = new LineSplitter(from + firstNewline + 1)
        if (isTooLong) {
          // Its end is not kept: it is too long whatever it is.
          const last = whole.lastIndexOf(newline)
          splitter.each(whole.subarray(0, last + 1), maker.visit)
          maker.visit(undefined, 0, 0, from + firstNewline + 2 + last)
        } else {
          splitter.each(joinedBytes([whole, front]), maker.visit)
          const rest = splitter.takeRest()
          if (rest !== undefined) maker.rest(rest.bytes, rest.offset)
        }
        newest = [...kept(maker.take().slice(-count)), ...newest]
        front = block.slice(0, firstNewline + 1)
        isTooLong = false
      } else if (front.length + block.length <= readLineBytesMax) front = joinedBytes([block, front])
      else isTooLong = true
      end = from
    }
  } catch (error) {
    maker.unreadable(end, reasonOf(error))
    newest = [...kept(maker.take().slice(-count)), ...newest]
  }
  return newest.slice(-count)
}

/** Rows that outlive the chunk which they were read with, each with a copy of its own line. */
const kept = (rows: readonly TrailRow[]): readonly TrailRow[] =>
  rows.map((row) => ("damage" in row ? row : { ...row, bytes: row.bytes.slice() }))

const newline = 0x0a

/** Why the system does not give a file, in its own words: they have the path and the errno's name. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const readWhole = async (
  readAt: NonNullable<TrailFile["readAt"]>,
  from: number,
  length: number
): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length)
  for (let filled = 0; filled < length; ) {
    const more = await readAt(bytes.subarray(filled), from + filled)
    if (more === 0) throw new Error("it became shorter while it was read")
    filled += more
  }
  return bytes
}

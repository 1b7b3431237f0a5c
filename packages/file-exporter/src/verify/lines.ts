// A range of a file, line by line as verifying needs it: raw bytes with their newlines, blank lines included, because
// digests are over exactly these bytes.
import { LineSplitter, type VisitLine } from "@daybook/core"
import type { OpenFile } from "../disk/read-layer.ts"
import { verifyLimits } from "../limits.ts"

/** Looks at the lines. Bytes are valid during the call only; those of one chunk lie one after the other in memory. */
export interface LineVisitor {
  /** A line from `start` to `end`, behind its newline; `offset` is its place in the file. */
  line(bytes: Uint8Array, start: number, end: number, offset: number): void
  /** The last line of a file, without a newline. */
  unterminated(bytes: Uint8Array, offset: number): void
  /** A line beyond 1 MiB: none of ours, and not kept. */
  tooLong(offset: number): void
  /** The bytes so far are about to be written over. */
  chunkEnd(): void
}

/** Which part of a file to read, and how far it came. */
export interface ReadRange {
  readonly from: number
  /** The size that the file had when verifying began: what is appended meanwhile is not looked at. */
  readonly to: number
  readonly onBytes?: ((bytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Reads a range of a file, in memory for one chunk and one line. */
export const eachLine = async (file: OpenFile, range: ReadRange, visitor: LineVisitor): Promise<void> => {
  const { from, to, onBytes, signal } = range
  const lines = new LineSplitter(from)
  const chunk = new Uint8Array(Math.min(verifyLimits.chunkBytes, Math.max(1, to - from)))
  const visit: VisitLine = (bytes, start, end, offset) => {
    if (bytes === undefined) visitor.tooLong(offset)
    else visitor.line(bytes, start, end, offset)
  }
  while (lines.position < to) {
    signal?.throwIfAborted()
    const count = await file.read(chunk.subarray(0, to - lines.position), lines.position)
    if (count === 0) break
    onBytes?.(count)
    lines.each(chunk.subarray(0, count), visit)
    visitor.chunkEnd()
  }
  const rest = lines.takeRest()
  if (rest === undefined) return
  if (rest.bytes === undefined) visitor.tooLong(rest.offset)
  else visitor.unterminated(rest.bytes, rest.offset)
}

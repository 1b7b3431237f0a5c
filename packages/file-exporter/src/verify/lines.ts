// A range of a file, line by line as verifying needs it: raw bytes with their newlines, blank lines included, because
// digests are over exactly these bytes.
import type { SplitLine } from "@daybook/core"
import { ForwardLines } from "../disk/lines.ts"
import type { OpenFile } from "../disk/read-layer.ts"
import { verifyLimits } from "../limits.ts"

const newline = 0x0a
const carriageReturn = 0x0d

/** Looks at the lines. Bytes are valid during the call only; those of one chunk lie one after the other in memory. */
export interface LineVisitor {
  /** A line with its newline; `offset` is its place in the file. */
  line(bytes: Uint8Array, offset: number): void
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
  const read = async (into: Uint8Array, position: number): Promise<number> => {
    if (position >= to) return 0
    signal?.throwIfAborted()
    const count = await file.read(into.subarray(0, to - position), position)
    if (count > 0) onBytes?.(count)
    return count
  }
  const show = ({ bytes, offset, isTerminated }: SplitLine): void => {
    if (bytes === undefined) visitor.tooLong(offset)
    else if (isTerminated) visitor.line(bytes, offset)
    else visitor.unterminated(bytes, offset)
  }
  const lines = new ForwardLines(read, Math.min(verifyLimits.chunkBytes, Math.max(1, to - from)), from)
  for (let chunk = await lines.next(); chunk !== undefined; chunk = await lines.next()) {
    for (const line of chunk) show(line)
    visitor.chunkEnd()
  }
  const rest = lines.takeUnfinished()
  if (rest !== undefined) show(rest)
}

/** True when a file begins with a byte order mark, which takes three bytes. */
export const hasByteOrderMark = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf

/** The line as it was before an editor gave it CR LF: the same bytes for every other line. */
export const withoutCr = (line: Uint8Array): Uint8Array => {
  if (line[line.length - 2] !== carriageReturn) return line
  const plain = line.slice(0, -1)
  plain[plain.length - 1] = newline
  return plain
}

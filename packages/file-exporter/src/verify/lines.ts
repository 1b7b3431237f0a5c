// Cutting a file into lines for verifying: raw bytes with their newlines, a chunk at a time, blank lines included, because
// digests are over exactly these bytes. Reading for people is read-lines.ts's business.

import type { OpenFile } from "../disk/read-layer.ts"
import { lineBytesMax, verifyLimits } from "../limits.ts"

const newline = 0x0a
const carriageReturn = 0x0d

/** Who looks at the lines. Bytes are valid during the call only; lines of one chunk lie behind each other. */
export interface LineVisitor {
  /** A line from `start` to `end`, behind its newline; `offset` is its place in the file. */
  line(bytes: Uint8Array, start: number, end: number, offset: number): void
  /** The last line of a file, without a newline. */
  unterminated(bytes: Uint8Array, start: number, end: number, offset: number): void
  /** A line beyond 1 MiB: none of ours, and not kept. */
  tooLong(offset: number): void
  /** The bytes so far are about to be written over. */
  chunkEnd(): void
}

/** What part of a file to read, and who hears how far it came. */
export interface ReadRange {
  readonly from: number
  /** The size that the file had when verifying began: what is appended meanwhile is not looked at. */
  readonly to: number
  readonly onBytes?: ((bytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Reads a range of a file line by line, in memory for one chunk and one line. */
export const eachLine = async (file: OpenFile, range: ReadRange, visitor: LineVisitor): Promise<void> => {
  const { to, onBytes, signal } = range
  let buffer = new Uint8Array(Math.min(verifyLimits.chunkBytes, Math.max(1, to - range.from)))
  /** Offset in the file of the buffer's first byte. */
  let base = range.from
  let filled = 0
  let skippedFrom: number | undefined
  while (base + filled < to) {
    signal?.throwIfAborted()
    const room = buffer.subarray(filled, filled + Math.min(buffer.length - filled, to - base - filled))
    const count = await file.read(room, base + filled)
    if (count === 0) break
    onBytes?.(count)
    let start = 0
    let from = filled
    filled += count
    for (
      let at = buffer.indexOf(newline, from);
      at !== -1 && at < filled;
      at = buffer.indexOf(newline, from)
    ) {
      if (skippedFrom === undefined) visitor.line(buffer, start, at + 1, base + start)
      else visitor.tooLong(skippedFrom)
      skippedFrom = undefined
      start = from = at + 1
    }
    visitor.chunkEnd()
    if (skippedFrom === undefined && filled - start > lineBytesMax) skippedFrom = base + start
    if (skippedFrom !== undefined) start = filled
    buffer.copyWithin(0, start, filled)
    base += start
    filled -= start
    if (filled === buffer.length) buffer = grown(buffer)
  }
  if (skippedFrom !== undefined) visitor.tooLong(skippedFrom)
  else if (filled > 0) visitor.unterminated(buffer, 0, filled, base)
}

const grown = (buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const larger = new Uint8Array(2 * buffer.length)
  larger.set(buffer)
  return larger
}

/** True for a line that an editor ended with CR LF. */
export const endsInCrLf = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start > 1 && bytes[end - 2] === carriageReturn

/** True when a file begins with a byte order mark, which takes three bytes. */
export const hasByteOrderMark = (bytes: Uint8Array, start: number): boolean =>
  bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf

/** The line as it was before an editor gave it CR LF. */
export const withoutCr = (bytes: Uint8Array, start: number, end: number): Uint8Array => {
  const line = bytes.slice(start, end - 1)
  line[line.length - 1] = newline
  return line
}

// Lines of old files, however they come: bytes cut anywhere, or text by lines. A line is never held beyond its bound, so a
// file of any size, with a line of any size, is read in little memory.
import { asWritten } from "../encode/edited-bytes.ts"
import { joinedBytes } from "../encode/joined-bytes.ts"
import { LineSplitter } from "../encode/line-splitter.ts"

/** Bytes of a file, whole or in pieces cut anywhere; or its lines as text, one at a time. */
export type ReplaySource = Uint8Array | Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>

/** One line with its newline, without what an editor added; `undefined` for one that is longer than the bound. */
export type SourceLine = Uint8Array | undefined

const encoder = new TextEncoder()
const newline = Uint8Array.of(0x0a)

/** The lines in order, the blank ones too: a place in the source is a number of lines. */
export async function* linesOf(source: ReplaySource): AsyncGenerator<SourceLine> {
  const splitter = new LineSplitter()
  for await (const piece of source instanceof Uint8Array ? [source] : source) {
    const isText = typeof piece === "string"
    const bytes = isText ? encoder.encode(piece.endsWith("\n") ? piece : `${piece}\n`) : piece
    // Copies: a source may use its memory again before the lines are sent.
    for (const line of splitter.push(bytes)) yield line.bytes && asWritten(line.bytes.slice())
  }
  const rest = splitter.takeRest()
  if (rest !== undefined) yield rest.bytes && asWritten(joinedBytes([rest.bytes, newline]))
}

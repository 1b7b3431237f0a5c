// Lines of old files, however they come: bytes cut anywhere, or text by lines. A line is never held beyond its bound, so a
// file of any size, with a line of any size, is read in little memory.
import { asWritten } from "../encode/edited-bytes.ts"
import { joinedBytes } from "../encode/joined-bytes.ts"
import { LineSplitter, type SplitLine } from "../encode/line-splitter.ts"

/** Bytes of a file, whole or in pieces cut anywhere; or its lines as text, one at a time. */
export type ReplaySource = Uint8Array | Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>

/** One line of a source, and where it ends there. */
export interface SourceLine {
  /** With its newline, without what an editor added; `undefined` for one that is longer than the bound. */
  readonly bytes: Uint8Array | undefined
  /** Bytes of the source up to its end; a line of text has a newline. */
  readonly end: number
}

const encoder = new TextEncoder()
const newline = Uint8Array.of(0x0a)

/** The lines in order, the blank ones too. */
export async function* linesOf(source: ReplaySource): AsyncGenerator<SourceLine> {
  const splitter = new LineSplitter()
  const plain = ({ bytes }: SplitLine): Uint8Array | undefined => bytes && asWritten(bytes)
  for await (const piece of source instanceof Uint8Array ? [source] : source) {
    const isText = typeof piece === "string"
    // Copies: a source may use its memory again before the lines are sent.
    const bytes = isText ? encoder.encode(piece.endsWith("\n") ? piece : `${piece}\n`) : piece.slice()
    const lines = splitter.push(bytes)
    for (const [number, line] of lines.entries()) {
      yield { bytes: plain(line), end: lines[number + 1]?.offset ?? splitter.wholeTo }
    }
  }
  const rest = splitter.takeRest()
  const last = rest?.bytes && asWritten(joinedBytes([rest.bytes, newline]))
  if (rest !== undefined) yield { bytes: last, end: splitter.position }
}

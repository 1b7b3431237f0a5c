// Lines of old files, however they come: bytes cut anywhere, or text by lines. A line is never held beyond its bound, so a
// file of any size, with a line of any size, is read in little memory.
import { joinedBytes } from "../encode/joined-bytes.ts"

/** Bytes of a file, whole or in pieces cut anywhere; or its lines as text, one at a time. */
export type ReplaySource = Uint8Array | Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>

/** One line with its newline; `undefined` for one that is longer than the bound. */
export type SourceLine = Uint8Array | undefined

const newline = 0x0a
const encoder = new TextEncoder()

/** The lines in order, the blank ones too: a place in the source is a number of lines. */
export async function* linesOf(source: ReplaySource, bytesMax: number): AsyncGenerator<SourceLine> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  const take = (end: Uint8Array): SourceLine => {
    const line = heldBytes + end.length > bytesMax ? undefined : joinedBytes([...held, end])
    held = []
    heldBytes = 0
    return line
  }
  for await (const piece of source instanceof Uint8Array ? [source] : source) {
    const bytes =
      typeof piece === "string" ? encoder.encode(piece.endsWith("\n") ? piece : `${piece}\n`) : piece
    let start = 0
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, start)) {
      yield take(bytes.subarray(start, at + 1))
      start = at + 1
    }
    const rest = bytes.subarray(start)
    heldBytes += rest.length
    // What is too long already is only measured.
    if (heldBytes > bytesMax) held = []
    else if (rest.length > 0) held.push(rest.slice())
  }
  if (heldBytes > 0) yield take(encoder.encode("\n"))
}

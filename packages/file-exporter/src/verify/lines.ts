// Files as verifying reads them: a range at a time, line by line, raw bytes with their newlines, blank lines included, because
// digests are over exactly these bytes.
import { LineSplitter, type VisitLine } from "@daybook/core"
import { verifyLimits } from "../limits.ts"

/** The bytes of a file that was opened. */
export interface ByteSource {
  /** What is appended later is not looked at. `Infinity` where it is known at the end only, and nothing is appended. */
  readonly size: number
  /** For progress, where `size` is not known. */
  readonly likelySize?: number | undefined
  /** Up to `into.length` bytes from `position`; 0 at the end. */
  read(into: Uint8Array, position: number): number | Promise<number>
  close?(): void | Promise<void>
}

/** A file of a trail. */
export interface TrailFile {
  /** Its path below the log's directory, "/" between the parts. */
  readonly file: string
  /** Opened three times, and once more where a stretch is in doubt. `undefined`: it is gone. What it throws is a finding. */
  open(): ByteSource | undefined | Promise<ByteSource | undefined>
}

/** The same while it is verified. */
export interface VerifyFile extends TrailFile {
  /** The name in its seals: without what a rotation put behind it, and unpacked. */
  readonly sealedAs: string
  /** "YYYY-MM-DD" or "unknown". */
  readonly day: string
  size: number
  /** Bytes of lines, as far as they were checked. */
  checked: number
  lines: number
  /** Lines that are proved. */
  proved: number
}

export const toVerifyFile = (given: TrailFile): VerifyFile => {
  const { file } = given
  const plain = file.endsWith(".gz") ? file.slice(0, -3) : file
  const sealedAs = /^(.+\.jsonl)[.-]\d[\d.-]*$/.exec(plain)?.[1] ?? plain
  const day = /(\d{4}-\d\d-\d\d)(?:-[0-9a-f]{8})?\.jsonl$/.exec(sealedAs)?.[1] ?? "unknown"
  const open = (): ReturnType<TrailFile["open"]> => given.open()
  return { file, open, sealedAs, day, size: 0, checked: 0, lines: 0, proved: 0 }
}

/** A rotation has moved it aside. */
export const isMoved = ({ file, sealedAs }: VerifyFile): boolean =>
  file !== sealedAs && file !== `${sealedAs}.gz`

/** Looks at the lines. Bytes are valid during the call only; those of one chunk lie one after the other in memory. */
export interface LineVisitor {
  /** A line from `start` to `end`, behind its newline; `offset` is its place in the file. */
  line(bytes: Uint8Array, start: number, end: number, offset: number): void
  /** The last line of a file, without a newline. */
  unterminated(bytes: Uint8Array, offset: number): void
  /** A line beyond 1 MiB: none of ours, and not kept. */
  tooLong(offset: number): void
  /** The bytes so far are about to be written over. */
  chunkEnd(): void | Promise<void>
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
export const eachLine = async (
  file: Pick<ByteSource, "read">,
  range: ReadRange,
  visitor: LineVisitor
): Promise<void> => {
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
    await visitor.chunkEnd()
  }
  const rest = lines.takeRest()
  if (rest === undefined) return
  if (rest.bytes === undefined) visitor.tooLong(rest.offset)
  else visitor.unterminated(rest.bytes, rest.offset)
}

// Taking something out of sealed lines, so that their seals go on proving the lines around them: what stands in a line is masked,
// the line says what, and the salt of its 16 lines gives way to their leaf, in every seal that is over them. Pure: files are read,
// and what becomes of them is given to the caller.

//   files ─▶ what first seals remember ─▶ which lines are to be redacted, and the leaves of their blocks ─▶ files as they leave

import { asWritten, joinedBytes } from "@daybook/core"
import { sealLimits } from "../limits.ts"
import { isEntryOf, leafText, leavesOf } from "../seal/leaves.ts"
import { keyOf, readMark, type SealLine, seqOf, toSealLine, withSalts } from "../seal/line.ts"
import { redactedMember } from "../seal/redacted-line.ts"
import { BlockDigests, type Blocks } from "./blocks.ts"
import { type Digest, type HexDigest, hexDigest } from "./digest.ts"
import { KnownSeals, type KnownTail } from "./known.ts"
import { type ByteSource, eachLine, type LineVisitor, type TrailFile } from "./lines.ts"
import { remembering } from "./remember.ts"
import { baseOf } from "./seal.ts"

/** A line after its masking. */
export interface MaskedLine {
  /** JSON without a newline: values are masked, keys, `seq` and `id` as they were. */
  readonly text: string
  /** The paths of the values that were masked, as keys and indices with dots between them. */
  readonly paths: readonly string[]
}

export interface RedactFilesOptions {
  /** All files of a trail: a session's lines may be held by a seal in another file. */
  readonly files: readonly TrailFile[]
  readonly digest: Digest
  /** Gets each event. `undefined` leaves it as it is. Asked again for a line that it has masked: the answer must be the same. */
  mask(line: string, file: string): MaskedLine | undefined
  /** Gets the bytes of each file as they leave, in their order. */
  write(file: string, bytes: Uint8Array): void | Promise<void>
}

/**
 * Masks lines of sealed files. Marks are left as they are: they cannot be redacted.
 *
 * @throws Error for a masked line that does not keep its seq and id, and what reading or writing throws.
 */
export const redactFiles = async ({ files, digest, mask, write }: RedactFilesOptions): Promise<void> => {
  const state: Redaction = { known: new KnownSeals(), digest: hexDigest(digest), mask, bare: new Map() }
  const each = async (file: TrailFile, visitor: LineVisitor): Promise<void> => {
    const open = await file.open()
    if (open === undefined) return
    try {
      await eachLine(open, { from: 0, to: sizes.get(file) ?? sizeOf(file, open) }, visitor)
      await visitor.chunkEnd()
    } finally {
      await open.close?.()
    }
  }
  const sizes = new Map<TrailFile, number>()
  const sizeOf = (file: TrailFile, { size }: ByteSource): number => {
    sizes.set(file, size)
    return size
  }
  // Newest first: what a seal remembers must be measured after it.
  for (const file of files.toReversed()) await each(file, remembering(state.known, { keys: [] }))
  const masked = new Map<TrailFile, ReadonlySet<number>>()
  for (const file of files) {
    const scan = new Scan(state, file.file)
    await each(file, scan)
    masked.set(file, scan.masked)
  }
  for (const file of files) await each(file, new Copy(state, file.file, masked.get(file) ?? new Set(), write))
}

interface Redaction {
  readonly known: KnownSeals
  readonly digest: HexDigest
  mask(line: string, file: string): MaskedLine | undefined
  /** Leaves that take the place of entries. No two entries have one salt. */
  readonly bare: Map<string, string>
}

/** A session's lines behind its last seal in a file. */
interface Open {
  digests: BlockDigests
  lines: number
  masked: Set<number>
  tails: ReadonlyMap<number, readonly KnownTail[]> | undefined
}

/** Finds the lines that are to be masked, and the leaves of their blocks. */
class Scan implements LineVisitor {
  readonly masked = new Set<number>()
  private readonly state: Redaction
  private readonly file: string
  private readonly opens = new Map<string, Open>()
  private waiting: (() => Promise<void>)[] = []
  private lines = 0

  constructor(state: Redaction, file: string) {
    this.state = state
    this.file = file
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    this.lines += 1
    const line = asWritten(bytes, start, end)
    const key = keyOf(line)
    if (key === undefined) return
    const open = this.opens.get(key) ?? this.newOpen(key, 0)
    this.opens.set(key, open)
    const isEvent = seqOf(line) > 0
    const mark = isEvent ? undefined : readMark(line)
    const seal = mark === undefined ? undefined : toSealLine(mark)
    if (seal !== undefined) {
      this.close(open, seal.salts.slice(0, leavesOf(seal.lines)))
      this.opens.set(key, this.newOpen(key, seal.k))
      return
    }
    if (isEvent && this.state.mask(textOf(line), this.file) !== undefined) {
      this.masked.add(this.lines)
      open.masked.add(Math.floor(open.lines / sealLimits.leafLines))
    }
    open.lines += 1
    open.digests.add(line, 0, line.length)
    for (const { entries } of open.tails?.get(open.lines) ?? []) this.close(open, entries)
  }

  unterminated(): void {}

  tooLong(): void {
    this.lines += 1
  }

  async chunkEnd(): Promise<void> {
    for (const { digests } of this.opens.values()) digests.hold()
    const { waiting } = this
    this.waiting = []
    for (const work of waiting) await work()
  }

  private newOpen(key: string, k: number): Open {
    const { known, digest } = this.state
    const tails = known.tailsBehind(key.replace("-", "").slice(0, 8), k)
    return { digests: new BlockDigests(digest), lines: 0, masked: new Set(), tails }
  }

  private close({ digests, masked }: Open, entries: readonly string[]): void {
    if (masked.size === 0) return
    const { blocks } = digests
    const some = [...masked]
    this.waiting.push(() => this.bare(blocks, some, entries))
  }

  private async bare(
    { digests }: Blocks,
    masked: readonly number[],
    entries: readonly string[]
  ): Promise<void> {
    for (const block of masked) {
      const [entry, lines] = [entries[block], digests[block]]
      if (entry === undefined || lines === undefined) continue
      const leaf = await this.state.digest(new TextEncoder().encode(leafText(entry, await lines)))
      if (isEntryOf(entry, leaf)) this.state.bare.set(entry, leaf)
    }
  }
}

/** Writes a file as it leaves. */
class Copy implements LineVisitor {
  private readonly state: Redaction
  private readonly file: string
  private readonly masked: ReadonlySet<number>
  private readonly write: RedactFilesOptions["write"]
  private lines = 0
  private pieces: Uint8Array[] = []

  constructor(
    state: Redaction,
    file: string,
    masked: ReadonlySet<number>,
    write: RedactFilesOptions["write"]
  ) {
    this.state = state
    this.file = file
    this.masked = masked
    this.write = write
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    this.lines += 1
    const line = bytes.subarray(start, end)
    this.pieces.push(this.masked.has(this.lines) ? this.maskedLine(line) : this.sealLine(line))
  }

  unterminated(bytes: Uint8Array): void {
    this.pieces.push(bytes)
  }

  tooLong(): void {
    this.lines += 1
  }

  async chunkEnd(): Promise<void> {
    const { pieces } = this
    this.pieces = []
    if (pieces.length > 0) await this.write(this.file, joinedBytes(pieces))
  }

  private maskedLine(bytes: Uint8Array): Uint8Array {
    const line = textOf(asWritten(bytes, 0, bytes.length))
    const masked = this.state.mask(line, this.file)
    if (masked === undefined)
      throw new Error(
        `redactFiles: "mask" has masked line ${this.lines} of ${JSON.stringify(this.file)} and then left it as it is`
      )
    return new TextEncoder().encode(`${withRedacted(line, masked)}\n`)
  }

  private sealLine(line: Uint8Array): Uint8Array {
    const { bare } = this.state
    if (bare.size === 0 || seqOf(line) > 0) return line
    const mark = readMark(line)
    const seal: SealLine | undefined = mark === undefined ? undefined : toSealLine(mark)
    const base = seal?.salts.some((entry) => bare.has(entry)) === true ? baseOf(line, seal) : undefined
    if (seal === undefined || base === undefined) return line
    return withSalts(
      base,
      seal.salts.map((entry) => bare.get(entry) ?? entry)
    )
  }
}

/** The masked line with the member that says what was masked: before its `seq`, where one may stand from a redaction before. */
const withRedacted = (line: string, { text, paths }: MaskedLine): string => {
  const end = line.slice(line.lastIndexOf(',"seq":'))
  if (!text.endsWith(end))
    throw new Error(`redactFiles: a masked line must end as it did: ${JSON.stringify(end)}`)
  const head = text.slice(0, -end.length)
  const [member = "", before = "[]"] = /,"redacted":(\[[^\]]*\])$/.exec(head) ?? []
  const all = [...new Set([...(JSON.parse(before) as readonly string[]), ...paths])]
  return head.slice(0, head.length - member.length) + redactedMember(all) + end
}

const textOf = (line: Uint8Array): string => new TextDecoder().decode(line.subarray(0, -1))

// Reading a day file line by line, in bounded memory. Damage is a row like any other: counted with its place, never
// thrown, and never a reason to skip a neighbour.

import { Buffer } from "node:buffer"
import { type FileHandle, open } from "node:fs/promises"
import process from "node:process"
import { type AuditEvent, decodeLine, type LineDamage, toLocalDay } from "@daybook/core"
import { auditLogDir, dayFilePath, type Env } from "./audit-log-path.node.ts"
import { dayText, isDayText } from "./day.ts"
import { codeOf, describeDiskError } from "./disk-error.ts"

/** A line that is no event, and where it begins. `unterminated` is the last line of a file that is being written. */
export interface DamagedLine {
  readonly damage: LineDamage | "unterminated"
  readonly file: string
  /** Byte offset of the line's first byte. */
  readonly offset: number
}

/** One line of a file: an event, a mark, or damage. */
export type Row = AuditEvent | DamagedLine

export interface ReadDayOptions {
  readonly app: string
  /** "YYYY-MM-DD", a moment of that local day, or "unknown" for events without a clock. */
  readonly day: string | Date | number
  /** Default: where `fileExporter()` writes, by `env`. */
  readonly dir?: string | undefined
  /** Default: the process's. */
  readonly env?: Env | undefined
}

const chunkBytes = 64 * 1024
/** Our lines have at most 64 KiB; older systems' may be longer. Beyond this a line is damage, and is not kept. */
const lineBytesMax = 1024 * 1024
const newline = 0x0a

/**
 * The lines of one day in the order in which they were written. A day without a file is empty.
 *
 * Iterating rejects when the file is there and cannot be read.
 *
 * @throws TypeError when `day` is not a day: it becomes part of a path.
 */
export const readDay = (options: ReadDayOptions): AsyncIterable<Row> => {
  const { app, dir, env = process.env } = options
  const day = typeof options.day === "string" ? options.day : dayText(toLocalDay(Number(options.day)))
  if (!isDayText(day))
    throw new TypeError(`readDay: option "day" must be YYYY-MM-DD, got ${JSON.stringify(day)}`)
  return readLines(dayFilePath(auditLogDir({ app, dir, env }).dir, app, day))
}

async function* readLines(file: string): AsyncGenerator<Row> {
  const handle = await openIfThere(file)
  if (handle === undefined) return
  try {
    let offset = 0
    for await (const line of splitLines(handle)) {
      const { length, isTerminated } = line
      if (length > 0 || !isTerminated) yield toRow(file, offset, line)
      offset += length + (isTerminated ? 1 : 0)
    }
  } finally {
    await handle.close()
  }
}

const toRow = (file: string, offset: number, { bytes, isTerminated }: RawLine): Row => {
  if (bytes === undefined) return { damage: "too long", file, offset }
  if (!isTerminated) return { damage: "unterminated", file, offset }
  const decoded = decodeLine(bytes)
  return "damage" in decoded ? { damage: decoded.damage, file, offset } : decoded
}

const openIfThere = async (file: string): Promise<FileHandle | undefined> => {
  try {
    return await open(file, "r")
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined
    throw new Error(`Cannot read ${JSON.stringify(file)}: ${describeDiskError(error)}`, { cause: error })
  }
}

/** A line without its newline; `bytes` is absent when it is too long to be kept. */
interface RawLine {
  readonly bytes: Uint8Array | undefined
  readonly length: number
  readonly isTerminated: boolean
}

async function* splitLines(handle: FileHandle): AsyncGenerator<RawLine> {
  let kept: Buffer[] = []
  let length = 0
  const finish = (isTerminated: boolean): RawLine => {
    const bytes = length > lineBytesMax ? undefined : Buffer.concat(kept)
    const line = { bytes, length, isTerminated }
    kept = []
    length = 0
    return line
  }
  const keep = (piece: Buffer): void => {
    length += piece.length
    if (length > lineBytesMax) kept = []
    else if (piece.length > 0) kept.push(piece)
  }
  while (true) {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const { bytesRead } = await handle.read(chunk, 0, chunkBytes, null)
    if (bytesRead === 0) break
    let from = 0
    for (let at = chunk.indexOf(newline); at !== -1 && at < bytesRead; at = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, at))
      yield finish(true)
      from = at + 1
    }
    keep(chunk.subarray(from, bytesRead))
  }
  if (length > 0) yield finish(false)
}

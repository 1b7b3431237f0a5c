// What stands at the end of a file: a fragment that somebody left, or lines of a write whose end nobody told us.
// Read in pieces, because other processes may have appended megabytes meanwhile.
import { type DiskWork, step } from "../disk/work.ts"
import type { Arrived, Planned } from "./known-file.ts"

const newline = 0x0a
const pieceBytes = 64 * 1024
/** Beyond this, a fragment's length is not looked for: it is told as this long. */
const fragmentBytesMax = 1024 * 1024

/** Bytes behind the last newline of a file of this size; 0 where it ends in one. */
export function* fragmentBytes(fd: number, size: number): DiskWork<number> {
  if (size === 0) return 0
  const [last] = yield* step((disk) => disk.read(fd, size - 1, 1))
  if (last === newline) return 0
  const stop = Math.max(0, size - fragmentBytesMax)
  let end = size
  while (end > stop) {
    const start = Math.max(stop, end - pieceBytes)
    const from = start
    const count = end - start
    const piece = yield* step((disk) => disk.read(fd, from, count))
    const at = piece.lastIndexOf(newline)
    if (at !== -1) return size - (start + at + 1)
    end = start
  }
  return size - stop
}

/**
 * How many lines of a planned write are in the file, in their order, from where the write began. Lines of others may
 * stand between them.
 */
export function* linesArrived(fd: number, size: number, { append, position }: Planned): DiskWork<Arrived> {
  const { bytes, ends } = append
  let lines = 0
  const wanted = (): Uint8Array => bytes.subarray(lines === 0 ? 0 : ends[lines - 1], ends[lines])
  const rest = yield* eachLine(fd, position, size, (line) => {
    if (isSame(line, wanted())) lines += 1
    return lines < ends.length
  })
  const isStanding = lines < ends.length && rest.length > 0 && isSame(rest, wanted().subarray(0, -1))
  return { lines, standing: isStanding ? lines + 1 : lines }
}

/** The line that a planned write begins with, newline included. */
export const firstLine = ({ append: { bytes, ends } }: Planned): Uint8Array => bytes.slice(0, ends[0])

/** Whether a planned write, which is in the file, began behind somebody's fragment. */
export function* isFirstGlued(fd: number, size: number, planned: Planned): DiskWork<boolean> {
  const wanted = firstLine(planned)
  let isGlued = false
  yield* eachLine(fd, planned.position, size, (line) => {
    const isHere = line.length >= wanted.length && isSame(line.subarray(-wanted.length), wanted)
    isGlued = isHere && line.length > wanted.length
    return !isHere
  })
  return isGlued
}

// Shows the lines from an offset on, newlines included, as long as `look` wants more. Returns what is behind the last one.
function* eachLine(
  fd: number,
  offset: number,
  size: number,
  look: (line: Uint8Array) => boolean
): DiskWork<Uint8Array> {
  let rest = new Uint8Array()
  for (let at = offset; at < size; ) {
    const from = at
    const count = Math.min(pieceBytes, size - at)
    const piece = yield* step((disk) => disk.read(fd, from, count))
    if (piece.length === 0) break
    at += piece.length
    const text = new Uint8Array(rest.length + piece.length)
    text.set(rest)
    text.set(piece, rest.length)
    let start = 0
    for (let end = text.indexOf(newline); end !== -1; end = text.indexOf(newline, start)) {
      const line = text.subarray(start, end + 1)
      start = end + 1
      if (!look(line)) return new Uint8Array()
    }
    rest = text.slice(start)
  }
  return rest
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

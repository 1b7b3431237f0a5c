// What stands at the end of a file: a fragment that somebody left, or lines of a write whose end nobody told us.
// Read in pieces, because other processes may have appended megabytes meanwhile.
import { type DiskWork, step } from "./disk-work.ts"
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
  let rest = new Uint8Array()
  for (let at = position; at < size && lines < ends.length; ) {
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
      if (lines < ends.length && isSame(text.subarray(start, end + 1), wanted())) lines += 1
      start = end + 1
    }
    rest = text.slice(start)
  }
  const isStanding = lines < ends.length && rest.length > 0 && isSame(rest, wanted().subarray(0, -1))
  return { lines, standing: isStanding ? lines + 1 : lines }
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

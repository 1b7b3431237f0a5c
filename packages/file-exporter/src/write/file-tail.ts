// What stands at the end of a file: a fragment that another process left, or lines of a write of which the system did not say what
// became of it. Read in pieces, because other processes may have appended megabytes meanwhile.
import { LineSplitter } from "@daybook/core"
import { type DiskWork, step } from "../disk/work.ts"
import { tailLimits } from "../limits.ts"
import type { Arrived, Planned } from "./planned.ts"

const newline = 0x0a

/** Bytes behind the last newline of a file of this size; 0 where it ends in one. */
export function* fragmentBytes(fd: number, size: number): DiskWork<number> {
  if (size === 0) return 0
  const [last] = yield* step((disk) => disk.read(fd, size - 1, 1))
  if (last === newline) return 0
  const stop = Math.max(0, size - tailLimits.fragmentBytesMax)
  let end = size
  while (end > stop) {
    const start = Math.max(stop, end - tailLimits.pieceBytes)
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

/** Whether a planned write, which is in the file, began behind another process's fragment. */
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
  const splitter = new LineSplitter(offset, Number.POSITIVE_INFINITY)
  while (splitter.position < size) {
    const { position } = splitter
    const count = Math.min(tailLimits.pieceBytes, size - position)
    const piece = yield* step((disk) => disk.read(fd, position, count))
    if (piece.length === 0) break
    for (const { bytes = nothing } of splitter.push(piece)) if (!look(bytes)) return nothing
  }
  return splitter.takeRest()?.bytes ?? nothing
}

const nothing = new Uint8Array(0)

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

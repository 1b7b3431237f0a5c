// The last event in a file: where it ends, and its day. Seals and marks of deletions behind it are no events: they are written
// on later days, also to files whose day is over, and make them no younger.

import { toLocalDay } from "@daybook/core"
import { codeOf } from "../disk/errno.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { tailLimits } from "../limits.ts"
import { dayText } from "../place/day.ts"

export interface LastEvent {
  /** The offset behind it; the greatest there is where the file cannot be read. */
  readonly endsAt: number
  /** The local day of the newest event that has a time; "" where none has, absent where the file cannot be read. */
  readonly day: string | undefined
}

const none: LastEvent = { endsAt: 0, day: "" }

/** Never throws. A link, and what is no file, has no events. */
export function* lastEventIn(path: string): DiskWork<LastEvent> {
  try {
    const fd = yield* step((disk) => disk.openRead(path))
    try {
      const { isFile, size } = yield* step((disk) => disk.facts(fd))
      return isFile ? yield* lookBack(fd, size) : none
    } finally {
      yield* step((disk) => disk.close(fd))
    }
  } catch (error) {
    return codeOf(error) === "ELOOP" ? none : { endsAt: Number.MAX_SAFE_INTEGER, day: undefined }
  }
}

// The end is read again with more before it, until there is an event with a time.
function* lookBack(fd: number, size: number): DiskWork<LastEvent> {
  const bytesMax = Math.min(size, tailLimits.fragmentBytesMax)
  for (
    let bytes = Math.min(bytesMax, tailLimits.pieceBytes);
    bytes > 0;
    bytes = Math.min(bytesMax, 4 * bytes)
  ) {
    const from = size - bytes
    const count = bytes
    const found = lastEventOf(yield* step((disk) => disk.read(fd, from, count)), from)
    if (found.day !== "" || bytes === bytesMax) return found
  }
  return none
}

const ownLine = /^\{"ts":"[^"]*","level":"[a-z]+","category":"(?:seal|recovered|retention)",/
const timeOnLine = /^\{"(?:ts|timestamp)":"([^"]{10,40})"/

/** The last event of a file's end that begins at `from`. */
const lastEventOf = (bytes: Uint8Array, from: number): LastEvent => {
  // One character a byte: what is looked for is ASCII.
  const text = new TextDecoder("latin1").decode(bytes)
  let endsAt = 0
  for (let to = text.length; to > 0; ) {
    const start = text.lastIndexOf("\n", to - 2) + 1
    const line = text.slice(start, to)
    if (line !== "\n" && !ownLine.test(line)) {
      endsAt ||= from + to
      const ms = Date.parse(timeOnLine.exec(line)?.[1] ?? "")
      if (!Number.isNaN(ms)) return { endsAt, day: dayText(toLocalDay(ms)) }
    }
    to = start
  }
  return { endsAt, day: "" }
}

// Lines that a delivery has set aside, in `dead-YYYY-MM-DD.jsonl` beside its place: what the far end refused for good, and
// what is no event. A letter has its line and why it is here, and nothing more.

import { join } from "node:path"
import { type DiskWork, step } from "../disk/work.ts"
import { syncNames } from "./replace-file.node.ts"

/** One line that was set aside, and why. */
export interface DeadLetter {
  /** When, as ISO 8601. */
  readonly at: string
  /** The path of its file below the log's directory. */
  readonly file: string
  /** Byte offset of the line in it. */
  readonly offset: number
  /** In the far end's words, or what is wrong with the line. */
  readonly reason: string
  /** Absent for a line that was never sent. */
  readonly attempts?: number
  /** As it stands in the file, without its newline. Absent for what is no text, or too long. */
  readonly line?: string
}

const decoder = new TextDecoder()
const deadName = /^dead-(\d{4}-\d\d-\d\d|unknown)\.jsonl$/

/** Appends letters. They survive a power cut when this has ended. Throws where they cannot be written whole. */
export function* appendLetters(dir: string, day: string, letters: readonly DeadLetter[]): DiskWork<number> {
  const text = letters.map((letter) => `${JSON.stringify(letter)}\n`).join("")
  const fd = yield* step((disk) => disk.openAppend(join(dir, `dead-${day}.jsonl`)))
  let bytes: Uint8Array
  try {
    const { size } = yield* step((disk) => disk.facts(fd))
    const last = size === 0 ? "\n" : decoder.decode(yield* step((disk) => disk.read(fd, size - 1, 1)))
    // What a kill has torn is a line of its own, and its letters come again whole.
    bytes = new TextEncoder().encode(last === "\n" ? text : `\n${text}`)
    const written = yield* step((disk) => disk.append(fd, bytes))
    if (written < bytes.length) throw new Error("only a part of it could be written")
    yield* step((disk) => disk.sync(fd))
  } finally {
    yield* step((disk) => disk.close(fd))
  }
  yield* syncNames(dir)
  return bytes.length
}

/** Bytes of all letters of a delivery. */
export function* letterBytes(dir: string): DiskWork<number> {
  let bytes = 0
  for (const name of yield* step((disk) => disk.list(dir))) {
    if (!deadName.test(name)) continue
    const fd = yield* step((disk) => disk.openRead(join(dir, name)))
    try {
      bytes += (yield* step((disk) => disk.facts(fd))).size
    } finally {
      yield* step((disk) => disk.close(fd))
    }
  }
  return bytes
}

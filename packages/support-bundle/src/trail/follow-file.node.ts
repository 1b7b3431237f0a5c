// One file as it grows: a file that is given by itself, whatever its name says. Goes on with the new file when another one takes
// its name, and from the front when it became shorter. A whole log is followed by the reader of day files.

//   look ──▶ another file has the name ──▶ the old one to its end ──▶ the new one from its front
//    ▲  └──▶ shorter than what was read ──▶ from the front
//    │  └──▶ longer ──▶ its new lines
//    └─── wait ◀──┘

import type { FileHandle } from "node:fs/promises"
import { lstat } from "node:fs/promises"
import { setTimeout as wait } from "node:timers/promises"
import { LineSplitter } from "@daybook/core/lines"
import { readLimits } from "../limits.ts"
import { reasonOf } from "../rows/file-rows.ts"
import { RowMaker, type TrailRow } from "../rows/row-maker.ts"
import type { TrailFilter } from "../rows/trail-filter.ts"
import { openPlain } from "./node-files.node.ts"

/** The rows that are written behind the byte `from`. Ends when the signal aborts. */
export async function* followFile(
  path: string,
  name: string,
  from: number,
  filter: TrailFilter,
  signal: AbortSignal
): AsyncGenerator<TrailRow, void> {
  const maker = new RowMaker(name, filter)
  let open: { readonly handle: FileHandle; readonly id: string } | undefined
  let splitter = new LineSplitter(from)
  let isTroubled = false
  const readOn = async (handle: FileHandle): Promise<void> => {
    const { size } = await handle.stat()
    if (size < splitter.position) {
      maker.truncated(size)
      splitter = new LineSplitter()
    }
    for (;;) {
      // Rows keep their part of it.
      const chunk = new Uint8Array(readLimits.backwardBytes)
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, splitter.position)
      if (bytesRead === 0 || signal.aborted) return
      splitter.each(chunk.subarray(0, bytesRead), maker.visit)
    }
  }
  const look = async (): Promise<void> => {
    const { dev, ino } = await lstat(path)
    const id = `${dev}:${ino}`
    if (open !== undefined && open.id !== id) {
      await readOn(open.handle)
      await open.handle.close()
      open = undefined
      splitter = new LineSplitter()
    }
    open ??= { handle: await openPlain(path), id }
    await readOn(open.handle)
  }
  try {
    while (!signal.aborted) {
      try {
        await look()
        isTroubled = false
      } catch (error) {
        // Once, until it can be read again.
        if (!isTroubled) maker.unreadable(splitter.position, reasonOf(error))
        isTroubled = true
      }
      yield* maker.take()
      await wait(readLimits.pollMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await open?.handle.close()
  }
}

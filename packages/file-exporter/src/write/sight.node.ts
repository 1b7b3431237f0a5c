// The ends of files that were changed last, for what is told of the sessions in them: a first seal remembers others, and the mark
// of a deletion names what it takes away. Bounded: an event waits meanwhile.

import { type DiskWork, step } from "../disk/work.ts"
import { sealLimits } from "../limits.ts"
import type { Layout } from "../place/layout.node.ts"
import { type FileEnd, type Sight, seenSeals } from "../seal/seen.node.ts"
import { recentStreams } from "./streams.node.ts"

/** What others have sealed in a folder. What cannot be read is not seen, and is no reason not to write. Never throws. */
export function* lookAround(
  place: { readonly app: string; readonly dir: string; readonly layout: Layout },
  streamKey: string
): DiskWork<Sight> {
  const { app, dir, layout } = place
  const { sawFilesMax, sawBytesMax } = sealLimits
  const found: {
    readonly path: string
    readonly file: string
    readonly size: number
    readonly changedMs: number
  }[] = []
  for (const { files } of yield* recentStreams(app, dir, layout, sawFilesMax))
    for (const { path, file, isPacked } of files) {
      if (isPacked) continue
      const facts = yield* factsOf(path)
      if (facts?.isFile === true) found.push({ path, file, ...facts })
    }
  const newest = found.sort((one, other) => other.changedMs - one.changedMs).slice(0, sawFilesMax)
  // Small files leave their share to large ones.
  const bytesOf = new Map<string, number>()
  let left = sawBytesMax
  for (const [index, { path, size }] of newest.toSorted((one, other) => one.size - other.size).entries()) {
    const bytes = Math.min(size, Math.floor(left / (newest.length - index)))
    bytesOf.set(path, bytes)
    left -= bytes
  }
  const ends: FileEnd[] = []
  for (const { path, file, size } of newest.toReversed()) {
    const end = yield* endOf({ path, file }, bytesOf.get(path) ?? 0, size)
    if (end !== undefined) ends.push(end)
  }
  return seenSeals(ends, streamKey)
}

/**
 * So many bytes of a file's end; `undefined` where it cannot be read, or is none. What others append meanwhile is not looked at: it
 * must not push out what stands at the file's beginning.
 */
export function* endOf(
  { path, file }: { readonly path: string; readonly file: string },
  bytesMax: number,
  sizeMax = Number.POSITIVE_INFINITY
): DiskWork<(FileEnd & { readonly size: number }) | undefined> {
  try {
    const fd = yield* step((disk) => disk.openRead(path))
    try {
      const facts = yield* step((disk) => disk.facts(fd))
      if (!facts.isFile) return undefined
      const size = Math.min(facts.size, sizeMax)
      const from = Math.max(0, size - bytesMax)
      const bytes = yield* step((disk) => disk.read(fd, from, size - from))
      return { file, bytes, isWhole: from === 0, size }
    } finally {
      yield* step((disk) => disk.close(fd))
    }
  } catch {
    return undefined
  }
}

function* factsOf(
  path: string
): DiskWork<{ readonly isFile: boolean; readonly size: number; readonly changedMs: number } | undefined> {
  try {
    return yield* step((disk) => disk.nameFacts(path))
  } catch {
    return undefined
  }
}

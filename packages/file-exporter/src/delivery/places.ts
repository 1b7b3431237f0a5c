// How far each file of a trail is settled, and the counts of what became of its lines. A file keeps its place when a rotation
// gives it another name: the object stands for the file, and the name is one of its facts.

import type { DeliveryCounts, FilePlace } from "../state/delivery-place.node.ts"
import { placeBehind } from "./file-lines.node.ts"
import type { ReadLine, TrackedFile } from "./read-line.ts"

type Writable<Counts> = { -readonly [Key in keyof Counts]: Counts[Key] }

export class Places {
  readonly counts: Writable<DeliveryCounts>
  readonly files = new Set<TrackedFile>()
  /** Something is settled, or lost, that was not saved. */
  isChanged = false

  constructor(counts: DeliveryCounts) {
    this.counts = { ...counts }
  }

  /** A file that is tracked from now on. */
  add(file: Pick<TrackedFile, "name" | "path" | "place" | "size">, changedMs = 0): TrackedFile {
    const { place } = file
    const tracked: TrackedFile = {
      ...file,
      first: place.first,
      changedMs,
      syncedTo: place.at,
      packed: place.packed === undefined ? undefined : { bytes: place.packed, at: place.at },
      missing: 0,
      isLeft: false
    }
    this.files.add(tracked)
    return tracked
  }

  /** Lines in their order: what became of each is known, and kept where it must be. `refused` of them are with the dead letters. */
  settle(lines: readonly ReadLine[], refused = 0): void {
    const last = new Map<TrackedFile, ReadLine>()
    const { counts } = this
    let latest: ReadLine | undefined
    counts.dead += refused
    counts.delivered -= refused
    for (const line of lines) {
      if (line.fate === "sent") counts.delivered += 1
      else if (line.fate === "skipped") counts.skipped += 1
      else if (line.fate === "damaged") counts.damaged += 1
      if (latest !== undefined && latest.file !== line.file) last.set(latest.file, latest)
      latest = line
    }
    if (latest !== undefined) last.set(latest.file, latest)
    for (const [file, { placed, id }] of last)
      if (!file.isLeft) file.place = placeBehind(file.first, placed, id)
    this.isChanged = true
  }

  /** Bytes that are not settled, of the files as they were found last. */
  get pendingBytes(): number {
    let bytes = 0
    for (const { size, place } of this.files) bytes += Math.max(0, size - place.at)
    return bytes
  }

  /** Whether anything of the file that has the name is settled. */
  isBegun(name: string): boolean {
    for (const file of this.files) if (file.name === name) return file.place.at > 0
    return false
  }

  /** A file that has gone, with what was not settled of it, unless it stands elsewhere. Returns how many bytes are lost. */
  lose(file: TrackedFile, isElsewhere: boolean): number {
    const lost = isElsewhere ? 0 : Math.max(0, file.size - file.place.at)
    this.files.delete(file)
    file.isLeft = true
    this.counts.lostBytes += lost
    this.isChanged = true
    return lost
  }

  /** By name, as a place has them. */
  get byName(): ReadonlyMap<string, FilePlace> {
    const named = [...this.files].map(({ name, place, packed }) => {
      const isWhole = packed !== undefined && packed.at === place.at
      return [name, isWhole ? { ...place, packed: packed.bytes } : place] as const
    })
    return new Map(named.filter(([, { at, packed }]) => at > 0 || packed !== undefined))
  }
}

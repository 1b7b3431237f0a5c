// How far each file of a trail was read, which may be further than it is settled; and which file is which, whatever its name is
// now. The bytes decide, held against the last line that was read.

//   a file under a name ──fits its place──▶ the same one
//                       └─does not fit──▶ another one's place fits: a rotation or a packer gave it this name ──▶ that one
//                                         none does ──▶ a new one, which is noticed where the name had a place

import type { LineIds } from "@daybook/core/replay"
import { deliveryLimits } from "../limits.ts"
import { isPackedName } from "../place/layout.node.ts"
import type { FilePlace } from "../state/delivery-place.node.ts"
import { type FileLines, frontPlace, placeBehind } from "./file-lines.node.ts"
import type { Places } from "./places.ts"
import type { TrackedFile } from "./read-line.ts"
import type { TrailFile } from "./trail.node.ts"

/** How far a file was read. */
export interface Reach {
  readonly file: TrackedFile
  at: number
  /** Made when the file is left, for when it is read again. */
  place: FilePlace
  /** The file that was read: a name may be another's since. */
  fileId: string
  /** For lines without an id, when all that stands before `at` is counted. */
  ids: LineIds | undefined
  isUnreadable: boolean
  /** A packed file that cannot be read is unpacked again to find that out: not before this, in monotonic ms. */
  retryAt: number
}

export class Reaches {
  private readonly places: Places
  private readonly onRewind: (file: TrackedFile) => void
  private readonly byName = new Map<string, Reach>()
  /** By the file's first line: copies of one file share it. */
  private readonly byFirst = new Map<string, Set<Reach>>()
  /** Those that have counted lines, the one that was asked last at the end. */
  private readonly counted = new Set<Reach>()
  private left = 0

  constructor(places: Places, onRewind: (file: TrackedFile) => void) {
    this.places = places
    this.onRewind = onRewind
    for (const file of places.files) {
      const reach = newReach(file)
      this.byName.set(file.name, reach)
      this.recognise(reach, file.first)
    }
  }

  get(name: string): Reach | undefined {
    return this.byName.get(name)
  }

  /** The file that has the name, a new one where none has. */
  named(found: TrailFile): Reach {
    return this.byName.get(found.file) ?? this.added(found)
  }

  /** Which file this is, by its bytes. Its `place` fits it. */
  async of(found: TrailFile, lines: FileLines): Promise<Reach> {
    const known = this.named(found)
    const isBegun = known.place.at > 0
    if (isBegun && (await isOf(known, lines))) {
      if (known.file.first === "") this.recognise(known, await lines.first())
      return known
    }
    const moved = await this.movedTo(found, lines)
    if (moved !== undefined) {
      if (isBegun) this.leaveName(known)
      else this.places.files.delete(known.file)
      return moved
    }
    known.fileId = lines.facts.id
    if (!isBegun) return known
    known.file.isLeft = true
    this.places.files.delete(known.file)
    this.places.counts.rewinds += 1
    this.places.isChanged = true
    this.onRewind(known.file)
    return this.added(found, lines.facts.id)
  }

  recognise(reach: Reach, first: string): void {
    reach.file.first = first
    const same = this.byFirst.get(first)
    if (same === undefined) this.byFirst.set(first, new Set([reach]))
    else same.add(reach)
  }

  /** A file that has gone. */
  forget(file: TrackedFile): void {
    const reach = this.byName.get(file.name)
    if (reach?.file !== file) return
    this.byName.delete(file.name)
    this.counted.delete(reach)
    const same = this.byFirst.get(file.first)
    same?.delete(reach)
    if (same?.size === 0) this.byFirst.delete(file.first)
  }

  /** A file's lines are read no further for now: it is held against the last one when it is read again. */
  leave(reach: Reach, { lastLine }: FileLines): void {
    if (lastLine !== undefined) reach.place = placeBehind(reach.file.first, lastLine)
  }

  /** Keeps what was counted of a file's lines without an id: of the files that were read last. */
  keepCounted(reach: Reach, ids: LineIds): void {
    reach.ids = ids
    this.counted.delete(reach)
    this.counted.add(reach)
    for (const oldest of this.counted) {
      if (this.counted.size <= deliveryLimits.countedFilesMax) break
      this.counted.delete(oldest)
      oldest.ids = undefined
    }
  }

  // A rotation gives a file another name, and its own to a new one; a packer gives it one of its own.
  private async movedTo(found: TrailFile, lines: FileLines): Promise<Reach | undefined> {
    const first = await lines.first()
    if (first === "") return undefined
    for (const reach of this.byFirst.get(first) ?? []) {
      const { name } = reach.file
      // One that was left, or is gone, has its name no more.
      if (name === found.file || this.byName.get(name) !== reach || !(await isOf(reach, lines))) continue
      this.byName.delete(name)
      this.byName.set(found.file, reach)
      reach.file.name = found.file
      reach.file.path = found.path
      if (!lines.isPacked) reach.file.packed = undefined
      this.places.isChanged = true
      return reach
    }
    return undefined
  }

  // The file that had the name until now may stand under another one that comes later in the round; or it is gone.
  private leaveName(reach: Reach): void {
    this.left += 1
    reach.file.name = `${reach.file.name}#${this.left}`
    this.byName.set(reach.file.name, reach)
  }

  private added({ file: name, path, facts }: TrailFile, fileId = ""): Reach {
    const { size = 0, changedMs } = facts ?? {}
    const reach = newReach(this.places.add({ name, path, place: frontPlace, size }, changedMs))
    reach.fileId = fileId
    this.byName.set(name, reach)
    return reach
  }
}

const newReach = (file: TrackedFile): Reach => ({
  file,
  at: file.place.at,
  place: file.place,
  fileId: "",
  ids: undefined,
  isUnreadable: false,
  retryAt: Number.NEGATIVE_INFINITY
})

// The bytes decide, and of a file that was not read since the start its first line too.
const isOf = async (reach: Reach, lines: FileLines): Promise<boolean> => {
  const { place, fileId, file } = reach
  // One that was read to its end is not unpacked again to see that.
  if (!isReadWhole(file, lines) && !(await lines.fits(place))) return false
  // A file that was one torn line, or is it, has no first one.
  const first = fileId === lines.facts.id || file.first === "" ? "" : await lines.first()
  if (first !== "" && first !== file.first) return false
  reach.fileId = lines.facts.id
  return true
}

/** A packed file that was read to its end, and has as many bytes as it had then. */
export const isReadWhole = (
  { name, packed }: TrackedFile,
  { facts: { size } }: { readonly facts: { readonly size: number } }
): boolean => isPackedName(name) && packed?.bytes === size

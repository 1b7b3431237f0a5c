// The names of a log's files for a reader that asks often: the directory is listed when it has changed, and now and then,
// because a thousand names twice a second cost more than all that is read. What the names mean is place/list.node.ts.
import type { ReadFacts, ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { type DayFile, dayFilesDir, listDayFiles } from "../place/list.node.ts"
import type { Place } from "../place/place.node.ts"

interface Listed {
  readonly files: readonly DayFile[]
  readonly dir: ReadFacts
  readonly at: number
}

export class Listing {
  private readonly layer: ReadLayer
  private readonly place: Place
  private listed: Listed | undefined

  constructor(layer: ReadLayer, place: Place) {
    this.layer = layer
    this.place = place
  }

  /** Rejects when the directory is there and cannot be listed. */
  async files(now: number): Promise<readonly DayFile[]> {
    const { layer, place } = this
    const dir = await this.facts()
    if (this.listed !== undefined && isUnchanged(this.listed, dir, now)) return this.listed.files
    this.listed = undefined
    const files = await listDayFiles(layer, place)
    // Of what a link leads to, the link's own time says nothing.
    if (dir?.kind === "directory") this.listed = { files, dir, at: now }
    return files
  }

  /** What was listed is known to be wrong. */
  forget(): void {
    this.listed = undefined
  }

  // What is wrong with the directory is said where it is listed.
  private async facts(): Promise<ReadFacts | undefined> {
    try {
      return await this.layer.facts(dayFilesDir(this.place))
    } catch {
      return undefined
    }
  }
}

// A directory that had changed just before it was listed may change again without showing it.
const isUnchanged = ({ dir, at }: Listed, found: ReadFacts | undefined, now: number): boolean =>
  found?.id === dir.id &&
  found.changedMs === dir.changedMs &&
  dir.changedMs < at - readLimits.timeGrainMs &&
  now >= at &&
  now < at + readLimits.listMs

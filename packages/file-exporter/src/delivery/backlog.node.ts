// What the files have that is not settled: which files there are, how far each was read, and how far it is settled. Made of the
// place that was found, and left with it.

import type { LogIdentity, QueuePolicy } from "@daybook/core"
import type { DecodedLine } from "@daybook/core/replay"
import type { ReadLayer } from "../disk/read-layer.ts"
import { deliveryLimits } from "../limits.ts"
import { packedName } from "../place/layout.node.ts"
import { type DeliveryPlace, noCounts } from "../state/delivery-place.node.ts"
import { reasonOf } from "./keeper.node.ts"
import { Places } from "./places.ts"
import type { ReadBatch } from "./read-line.ts"
import { TrailReader } from "./reader.node.ts"
import { pathIn, Trail } from "./trail.node.ts"

export interface BacklogOptions {
  readonly app: string
  readonly dir: string
  readonly log: LogIdentity
  readonly pollMs: number
  readonly batch: Pick<QueuePolicy, "batchEventsMax" | "batchBytesMax">
  isWanted(line: DecodedLine): boolean
  tell(text: string): void
}

export class Backlog {
  readonly places: Places
  private readonly options: BacklogOptions
  private readonly trail: Trail
  private readonly reader: TrailReader
  /** A name was missing when the names were listed last. */
  private isMissing = false
  private measuredAt = Number.NEGATIVE_INFINITY

  constructor(layer: ReadLayer, place: DeliveryPlace | undefined, options: BacklogOptions) {
    const { app, dir, log, batch, tell } = options
    this.options = options
    this.places = new Places(place?.counts ?? noCounts)
    for (const [name, entry] of place?.files ?? [])
      this.places.add({ name, path: pathIn(dir, name), place: entry, size: entry.at })
    const now = (): number => log.monotonicMs()
    this.trail = new Trail(layer, {
      app,
      dir,
      now,
      wallNow: () => log.now(),
      onUnreadable: (error) => tell(`${reasonOf(error)}; trying again`)
    })
    this.reader = new TrailReader(layer, this.places, {
      linesMax: batch.batchEventsMax,
      bytesMax: batch.batchBytesMax,
      now,
      isWanted: options.isWanted,
      onRewind: ({ name }) =>
        tell(`${JSON.stringify(name)} is not the file that it was: delivered from its front`),
      onUnreadable: ({ name }, error) =>
        tell(`Cannot read ${JSON.stringify(name)}: ${reasonOf(error)}; trying again`)
    })
  }

  /** Settles all that is there. */
  async skipAll(): Promise<void> {
    await this.trail.look("", { isFull: true, named: new Set(), pollMs: 0 })
    await this.reader.skipAll(this.trail.all)
  }

  /** Looks at the files that are due, or at all of them, and begins a round through those that have grown. */
  async look(today: string, isFull: boolean, named: ReadonlySet<string>): Promise<void> {
    const { trail, reader, options } = this
    const { pollMs } = options
    const { isListed, changed } = await trail.look(today, { isFull: isFull || this.isMissing, named, pollMs })
    if (isListed) this.missGone()
    reader.note(changed)
    reader.begin(today)
  }

  /** The next batch of the round; `undefined` when it is over. */
  next(): Promise<ReadBatch | undefined> {
    return this.reader.next()
  }

  /** While a batch waits nothing is read, but health says how far behind the delivery is. */
  async measure(today: string, named: ReadonlySet<string>): Promise<void> {
    const now = this.options.log.monotonicMs()
    const { pollMs } = deliveryLimits
    if (now - this.measuredAt < pollMs) return
    this.measuredAt = now
    try {
      const { changed } = await this.trail.look(today, { isFull: false, named, pollMs })
      this.reader.note(changed)
    } catch {
      // A directory that cannot be listed is said with the next look.
    }
  }

  /** Keeps no file open. */
  async close(): Promise<void> {
    await this.reader.close().catch(() => undefined)
  }

  // A name that is missing twice in a row is gone: a rotation may just have been under way the first time.
  private missGone(): void {
    const { places, reader, trail } = this
    const names = new Set(trail.all.map(({ file }) => file))
    this.isMissing = false
    for (const file of [...places.files]) {
      file.missing = names.has(file.name) ? 0 : file.missing + 1
      this.isMissing ||= file.missing === 1
      if (file.missing < 2) continue
      // What was packed is settled there; a file that was begun goes on there as soon as that can be read.
      const isPacked = names.has(packedName(file.name))
      if (isPacked && file.place.at > 0 && !places.isBegun(packedName(file.name))) continue
      reader.forget(file)
      const lost = places.lose(file, isPacked && file.place.at === 0)
      if (lost > 0)
        this.options.tell(`${JSON.stringify(file.name)} is gone with ${lost} bytes that were not delivered`)
    }
  }
}

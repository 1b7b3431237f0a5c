// How much is undelivered, for an exporter that refuses events beyond a bound. Counts what it appends itself, and looks at the
// files and the places of deliveries again seldom: more often near the bound, and always before it begins to refuse.

import { ExportError } from "@daybook/core"
import { type DiskWork, step } from "../disk/work.ts"
import { retentionLimits } from "../limits.ts"
import type { Layout } from "../place/layout.node.ts"
import { counted } from "../words.ts"
import { type Holder, roughlyUnsettled } from "./holds.node.ts"
import { listStreams, withoutCopies } from "./streams.node.ts"

export interface BoundOptions {
  readonly app: string
  readonly dir: string
  readonly layout: Layout
  readonly bytesMax: number
  /** Monotonic ms. */
  now(): number
  holding(): DiskWork<readonly Holder[]>
}

/** What a look has found. */
interface Look {
  readonly at: number
  readonly tookMs: number
  /** Of deliveries that hold; none is no bound. */
  readonly names: readonly string[]
  readonly bytes: number
}

const nearShare = 0.9

export class UndeliveredBound {
  private readonly options: BoundOptions
  private last: Look | undefined
  /** Appended since the last look. */
  private own = 0

  constructor(options: BoundOptions) {
    this.options = options
  }

  /** Lets so many more bytes in, or throws an `ExportError` that refuses them for good. */
  *letIn(bytes: number): DiskWork<void> {
    let look = this.last
    if (look === undefined || this.isDue(look, bytes)) look = yield* this.look()
    if (this.isBeyond(look, bytes)) throw this.refusal(look, bytes)
    this.own += bytes
  }

  private isBeyond({ names, bytes }: Look, more: number): boolean {
    return names.length > 0 && bytes + this.own + more > this.options.bytesMax
  }

  // Its own count only grows: nothing is refused by it before the files were looked at again.
  private isDue(look: Look, more: number): boolean {
    const { lookEveryMs, lookNearMs, lookFullMs, looksShare } = retentionLimits
    const { bytesMax, now } = this.options
    const isFull = this.own === 0 && this.isBeyond(look, more)
    const isNear = look.names.length > 0 && look.bytes + this.own + more > nearShare * bytesMax
    const everyMs = this.isBeyond(look, more) ? (isFull ? lookFullMs : 0) : isNear ? lookNearMs : lookEveryMs
    // A clock that fails gives no reason to rely on what was found before.
    return !(now() - look.at < Math.max(everyMs, look.tookMs * looksShare))
  }

  private *look(): DiskWork<Look> {
    const { app, dir, layout, now } = this.options
    const from = now()
    const holders = yield* this.options.holding()
    let bytes = 0
    for (const { files } of holders.length === 0 ? [] : yield* listStreams(app, dir, layout))
      for (const { path, file } of withoutCopies(files))
        bytes += roughlyUnsettled({ file, size: yield* sizeOf(path) }, holders)
    this.own = 0
    this.last = { at: now(), tookMs: now() - from, names: holders.map(({ name }) => name), bytes }
    return this.last
  }

  private refusal({ bytes, names }: Look, more: number): ExportError {
    const { dir, bytesMax } = this.options
    const to = names.map((name) => JSON.stringify(name)).join(", ")
    return new ExportError({
      reason: `Cannot append to ${JSON.stringify(dir)}: ${counted(bytes + this.own, "byte")} there wait to be delivered to ${to}, and ${more} more are beyond the ${bytesMax} of the option "undelivered"; see what the delivery's health says, allow more, or end it with forgetDelivery`,
      retryable: false,
      outcome: "failed"
    })
  }
}

function* sizeOf(path: string): DiskWork<number> {
  try {
    const { isFile, size } = yield* step((disk) => disk.nameFacts(path))
    return isFile ? size : 0
  } catch {
    return 0
  }
}

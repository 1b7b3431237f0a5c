// The lines that wait for the server, and what had to give way. Bounded; the oldest give way first, and a gap claim stands in their
// place. Every event is counted once: accepted = written + dropped + pending.
import type { DropReason, GapFields } from "@daybook/core/client"
import { pageLimits } from "./limits.ts"

/** What is kept of an event, or of a gap claim, while the page is away. */
export interface StoredLine {
  /** Of an event its `seq` twice. */
  readonly first: number
  readonly last: number
  readonly owner: string
  readonly category: string
  readonly text: string
}

/** How a commit is answered. */
export interface CommitAnswer {
  written(): void
  lost(why: DropReason): void
}

/** One event that waits. */
export interface WaitingLine {
  readonly seq: number
  text: string
  readonly bytes: number
  readonly category: string
  readonly owner: string
  readonly at: number
  readonly commit: CommitAnswer | undefined
  /** Requests with it whose answer is awaited. */
  requests: number
  /** It has its answer. */
  isSettled: boolean
}

/** Events that gave way, all of one owner, and next to each other. */
export interface Hole {
  readonly owner: string
  fields: GapFields
  /** Its line, once it was sent: from then on it does not grow. */
  text: string | undefined
  requests: number
  isSettled: boolean
}

export type Waiting = WaitingLine | Hole

const isLine = (item: Waiting): item is WaitingLine => "seq" in item

export class WaitingLines {
  accepted = 0
  written = 0
  readonly droppedBy: Record<DropReason, number> = {
    overflow: 0,
    closed: 0,
    too_large: 0,
    refused: 0,
    gave_up: 0,
    defect: 0
  }
  /** Called with all that need not be kept any longer, from one `seq` to another. */
  onGone: (first: number, last: number) => void = () => undefined
  /** Called when something was settled or dropped. */
  onChange: () => void = () => undefined
  private items: Waiting[] = []
  private events = 0
  private bytes = 0
  private readonly gapLine: (fields: GapFields) => string

  constructor(gapLine: (fields: GapFields) => string) {
    this.gapLine = gapLine
  }

  get dropped(): number {
    return Object.values(this.droppedBy).reduce((sum, count) => sum + count, 0)
  }

  get pending(): number {
    return this.events
  }

  get oldest(): WaitingLine | undefined {
    return this.items.find(isLine)
  }

  /** True while something, be it a gap claim, has no answer from the server. */
  get isEmpty(): boolean {
    return this.items.length === 0
  }

  /** True while less than half of either bound is used. */
  get hasRoom(): boolean {
    return this.events < pageLimits.eventsMax / 2 && this.bytes < pageLimits.bytesMax / 2
  }

  add(line: WaitingLine): void {
    this.accepted += 1
    this.items.push(line)
    this.events += 1
    this.bytes += line.bytes
    while (this.events > pageLimits.eventsMax || this.bytes > pageLimits.bytesMax) {
      // What is under way, and what a commit waits for, stays.
      const at = this.items.findIndex(
        (item) => isLine(item) && item.requests === 0 && item.commit === undefined
      )
      if (at === -1) return
      this.dropAt(at, "overflow")
    }
  }

  /** Everything that waits, for a store. A gap claim that is stored does not grow. */
  get stored(): readonly StoredLine[] {
    const texts = this.textsOf(this.items)
    return this.items.map((item, index) => {
      const [first, last] = stretchOf(item)
      return {
        first,
        last,
        owner: item.owner,
        category: isLine(item) ? item.category : "gap",
        text: texts[index] ?? ""
      }
    })
  }

  /** Lines of a session that is over. */
  restore(stored: readonly StoredLine[]): void {
    for (const { first, last, owner, category, text } of stored) {
      if (category !== "gap") {
        const bytes = text.length
        const line = { seq: first, text, bytes, category, owner, at: Date.now(), commit: undefined }
        this.add({ ...line, requests: 0, isSettled: false })
        continue
      }
      const hole = holeOf(first, category, owner, "overflow")
      this.items.push({ ...hole, fields: { ...hole.fields, last_seq: last }, text })
    }
  }

  /** An event that never became a line. */
  addLost(seq: number, category: string, owner: string, reason: DropReason): void {
    this.accepted += 1
    this.droppedBy[reason] += 1
    this.items.push(holeOf(seq, category, owner, reason))
    this.join(this.items.length - 1)
  }

  /** Changes what waits, before any of it was sent. */
  rewrite(change: (text: string) => string): void {
    for (const item of this.items) if (isLine(item)) item.text = change(item.text)
  }

  /**
   * The next lines of one owner, and no more than fit: those of others wait for their owner. `isWanted` leaves some out.
   */
  next(
    owner: string,
    bytesMax: number,
    linesMax: number,
    isWanted: (item: Waiting) => boolean = (item) => item.requests === 0
  ): readonly Waiting[] {
    const batch: Waiting[] = []
    let bytes = 0
    let whose: string | undefined
    for (const item of this.items) {
      if (!isWanted(item) || (item.owner !== "" && item.owner !== owner)) continue
      whose ??= item.owner
      if (item.owner !== whose) break
      bytes += isLine(item) ? item.bytes : gapBytes
      if (batch.length > 0 && (bytes > bytesMax || batch.length >= linesMax)) break
      batch.push(item)
    }
    return batch
  }

  /** The lines of a batch, as they are sent. */
  textsOf(batch: readonly Waiting[]): readonly string[] {
    return batch.map((item) => {
      if (!isLine(item)) item.text ??= this.gapLine(item.fields)
      return item.text as string
    })
  }

  /** The server has settled a batch: each line is written, or refused for a reason. */
  settle(batch: readonly Waiting[], refused: ReadonlyMap<number, DropReason>): void {
    for (const [index, item] of batch.entries()) {
      if (item.isSettled) continue
      item.isSettled = true
      this.onGone(...stretchOf(item))
      if (!isLine(item)) continue
      this.events -= 1
      this.bytes -= item.bytes
      const why = refused.get(index)
      if (why === undefined) {
        this.written += 1
        item.commit?.written()
      } else {
        this.droppedBy[why] += 1
        item.commit?.lost(why)
      }
    }
    this.items = this.items.filter(({ isSettled }) => !isSettled)
    this.onChange()
  }

  /** A line that the server will never settle: a gap claim takes its place. A gap claim goes without one. */
  giveUp(item: Waiting, reason: DropReason): void {
    const at = this.items.indexOf(item)
    if (at === -1) return
    if (isLine(item)) this.dropAt(at, reason)
    else {
      this.items.splice(at, 1)
      this.onGone(...stretchOf(item))
    }
    this.onChange()
  }

  private dropAt(at: number, reason: DropReason): void {
    const line = this.items[at] as WaitingLine
    line.isSettled = true
    this.events -= 1
    this.bytes -= line.bytes
    this.droppedBy[reason] += 1
    this.onGone(line.seq, line.seq)
    this.items[at] = holeOf(line.seq, line.category, line.owner, reason)
    this.join(at)
    line.commit?.lost(reason)
  }

  // Neighbours become one claim, unless one of them was sent.
  private join(at: number): void {
    for (const first of [at, at - 1]) {
      const [left, right] = [this.items[first], this.items[first + 1]]
      if (left === undefined || right === undefined || isLine(left) || isLine(right)) continue
      if (left.text !== undefined || right.text !== undefined || left.owner !== right.owner) continue
      left.fields = sumOf(left.fields, right.fields)
      this.items.splice(first + 1, 1)
    }
  }
}

const stretchOf = (item: Waiting): [first: number, last: number] =>
  isLine(item) ? [item.seq, item.seq] : [item.fields.first_seq, item.fields.last_seq]

/** What a gap claim may have. */
const gapBytes = 2_048

const holeOf = (seq: number, category: string, owner: string, reason: DropReason): Hole => ({
  owner,
  fields: {
    count: 1,
    first_seq: seq,
    last_seq: seq,
    by_category: { [category]: 1 },
    reasons: { [reason]: 1 },
    exporter: "server"
  },
  text: undefined,
  requests: 0,
  isSettled: false
})

const sumOf = (left: GapFields, right: GapFields): GapFields => ({
  ...left,
  count: left.count + right.count,
  last_seq: right.last_seq,
  by_category: added(left.by_category, right.by_category),
  reasons: added(left.reasons, right.reasons)
})

const added = (
  left: Readonly<Record<string, number>>,
  right: Readonly<Record<string, number>>
): Readonly<Record<string, number>> => {
  const sum: Record<string, number> = { ...left }
  for (const [name, count] of Object.entries(right)) {
    const isKnown = Object.hasOwn(sum, name) || Object.keys(sum).length < pageLimits.gapCategoriesMax
    const key = isKnown ? name : "(other)"
    sum[key] = (sum[key] ?? 0) + count
  }
  return sum
}

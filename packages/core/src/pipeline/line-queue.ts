// One exporter's queue: references to lines that wait for it, two exact bounds, and a count for every event that came.
// The bytes are in page-store.ts; a batch is a copy, so a slow exporter pins no page by exporting. One idea: every change of
// these counts is here. An exception may fall into any call on a caller's stack (a full stack, a vm's time limit), so a
// change there is prepared by calls that leave nothing behind, and made in statements that call nothing.

//   holes      ┌ gap, 3 events          ┌ gap, 1 event
//   lines   … 17 18 19 ─┘ 23 24 25 26 27 ─┘ 29 30
//             head                            tail     absolute indices; a batch never spans a hole
import { type DropReason, dropReasons } from "../event/mark.ts"
import { writerLimits } from "../limits.ts"
import { BatchBuilder, type LooseLine } from "./batch.ts"
import type { QueuePolicy } from "./exporter.ts"
import { type Gap, Hole } from "./gap.ts"
import { type LineRef, lineOf, type Page, type PageStore } from "./page-store.ts"
import type { Counts, TakenBatch, WriterQueue } from "./writer-queue.ts"

/** An event on offer, and where it wants to go. */
export interface Offer {
  readonly seq: number
  readonly category: string
  /** One for each queue; empty where none has routes. */
  readonly routes: readonly string[]
}

const initialCapacity = 256

export class LineQueue implements WriterQueue {
  /** Index of the oldest waiting line, and of the next one to come. */
  head = 0
  tail = 0
  /** Waiting bytes. */
  bytes = 0
  /** Lines that were in the queue and had to leave it unwritten. */
  lost = 0
  written = 0
  handedOver = 0
  /** `seq` of the newest event that came to an end here: taken in, dropped and counted, or not wanted. */
  seenSeq = 0
  readonly dropped: Record<DropReason, number> = {
    overflow: 0,
    closed: 0,
    too_large: 0,
    refused: 0,
    gave_up: 0,
    defect: 0
  }

  private refs = new Uint32Array(initialCapacity)
  private routes: string[] | undefined
  private readonly holes: Hole[] = []
  private builder = new BatchBuilder()
  /** Where this queue's lines move to from pages that hold little else of it. */
  private ownPage: Page | undefined
  /** Bytes that came in since the current page was opened, waiting or not. */
  private bytesInPage = 0
  /** Events out with batches that are not settled. */
  private inFlight = 0
  private isRefusing = false
  private protectedTo = 0

  private readonly store: PageStore
  readonly policy: QueuePolicy
  private readonly session: string
  private readonly lineBytesMax: number
  private readonly wakeEvents: number
  private readonly wakeBytes: number

  constructor(store: PageStore, policy: QueuePolicy, session: string, isRouted: boolean) {
    this.store = store
    this.policy = policy
    this.session = session
    this.lineBytesMax = Math.min(policy.bytesMax, policy.batchBytesMax)
    const { wakeShare, wakeBytes } = writerLimits
    this.wakeEvents = Math.max(1, Math.floor(policy.eventsMax * wakeShare))
    this.wakeBytes = Math.min(wakeBytes, Math.max(1, Math.floor(policy.bytesMax * wakeShare)))
    if (isRouted) this.routes = []
  }

  /** Waiting lines. */
  get length(): number {
    return this.tail - this.head
  }

  /** True when a batch, be it a lone gap mark, can be taken. */
  get hasWork(): boolean {
    return this.tail > this.head || this.holes.length > 0
  }

  /** True when enough waits to write without lingering for more. */
  get isWorthBatch(): boolean {
    return this.length >= this.wakeEvents || this.bytes >= this.wakeBytes
  }

  /** True when a hole before `index` has no mark yet. */
  hasHoleBefore(index: number): boolean {
    const first = this.holes[0]
    return first !== undefined && first.at <= index
  }

  get counts(): Counts {
    let dropped = 0
    for (const reason of dropReasons) dropped += this.dropped[reason]
    const { written, handedOver } = this
    const pending = this.length + this.inFlight
    return { accepted: written + handedOver + dropped + pending, written, handedOver, dropped, pending }
  }

  get waiting(): string {
    return `${this.counts.pending} events waiting`
  }

  /** When the oldest waiting line was made, in ms since 1970. */
  get oldestTime(): number | undefined {
    if (this.length === 0) return undefined
    const ref = this.refAt(this.head)
    return this.store.page(ref).time[lineOf(ref)]
  }

  /**
   * Takes an event in, or drops and counts it. Returns the reason of the drop. `number` is the queue's among the log's. A
   * committed line is never evicted: while one waits, the newest gives way instead.
   */
  offer(ref: LineRef, offer: Offer, number: number, committed: boolean): DropReason | undefined {
    const page = this.store.page(ref)
    const size = this.sizeOf(ref)
    if (size > this.lineBytesMax) return this.refuse(offer, number, "too_large")
    if (!this.makeRoom(size)) return this.refuse(offer, number, "overflow")
    if (this.length === this.refs.length) this.grow()
    // From here on nothing is called.
    const { refs, routes } = this
    const at = this.tail & (refs.length - 1)
    refs[at] = ref
    if (routes !== undefined) routes[at] = offer.routes[number] ?? ""
    page.live += 1
    this.tail += 1
    this.bytes += size
    this.bytesInPage += size
    if (committed) this.protectedTo = this.tail
    this.seenSeq = offer.seq
    return undefined
  }

  /**
   * Moves out of a page that has become full if less than half of it is ours: a filtering exporter that is slow would
   * otherwise keep everybody's lines in memory for the sake of its few (measured: 864 MB for 1.6 MB).
   */
  leaveSparse(page: Page): void {
    const isSparse = this.bytesInPage < page.startOf(page.lines) / 2
    this.bytesInPage = 0
    if (!isSparse) return
    let first = this.tail
    while (first > this.head && this.store.page(this.refAt(first - 1)) === page) first -= 1
    for (let index = first; index < this.tail; index++) this.moveToOwnPage(index)
  }

  private moveToOwnPage(index: number): void {
    const { store } = this
    const ref = this.refAt(index)
    this.ownPage ??= store.openPage()
    let moved = store.copy(ref, this.ownPage)
    if (moved === undefined) {
      store.closePage(this.ownPage)
      this.ownPage = store.openPage()
      moved = store.copy(ref, this.ownPage)
    }
    // An empty page takes any line.
    if (moved === undefined) return
    const [from, to] = [store.page(ref), store.page(moved)]
    // From here on nothing is called.
    this.refs[index & (this.refs.length - 1)] = moved
    to.live += 1
    from.live -= 1
    store.freeIfDone(from)
  }

  /** Counts an event that comes when nothing more is written here: so its hole gets no mark. */
  dropUnseen(reason: DropReason, seq: number): void {
    this.dropped[reason] += 1
    this.seenSeq = seq
  }

  /** The same for an event that has a `seq`: its hole gets a mark. */
  dropUnqueued(seq: number, category: string, reason: DropReason, route = ""): void {
    this.holeAtTail().add(seq, category, reason, route)
    this.dropped[reason] += 1
    this.seenSeq = seq
  }

  /**
   * Copies the next batch out, up to the policy's limits and the next hole. The marks of the hole in front are
   * made by `mark`, stand first and are not counted. `undefined` when there is nothing. The batch before must be
   * settled: it was in the same memory.
   */
  take(mark: (gap: Gap) => LooseLine): TakenBatch | undefined {
    while (this.holes[0]?.gaps.length === 0) this.holes.shift()
    if (!this.hasWork) return undefined
    const hole = this.hasHoleBefore(this.head) ? this.holes.shift() : undefined
    const marks = (hole?.gaps ?? []).map(([route, gap]) => ({ route, line: mark(gap) }))
    const start = this.head
    const { end, bytes } = this.measure(marks.reduce((sum, { line }) => sum + line.bytes.length, 0))
    const { builder } = this
    builder.begin(end - start + marks.length, bytes)
    for (const { line, route } of marks) builder.addLoose(line, route)
    this.copyInto(builder, start, end)
    this.inFlight += end - start
    return { batch: builder.build(), start, end, hole }
  }

  /** Leaves the last batch its memory, because an export that has not come back may still be reading it. */
  leaveBatch(): void {
    this.builder = new BatchBuilder()
  }

  /** The exporter has the batch. */
  confirm(taken: TakenBatch, handedOver: boolean): void {
    const events = taken.end - taken.start
    this.inFlight -= events
    if (handedOver) this.handedOver += events
    else this.written += events
  }

  /** The exporter has the batch but for some events, and it does not say which. */
  confirmBut(taken: TakenBatch, refused: number, handedOver: boolean): void {
    const { batch } = taken
    this.confirm(taken, handedOver)
    if (handedOver) this.handedOver -= refused
    else this.written -= refused
    this.dropped.refused += refused
    this.lost += refused
    this.holeAtHead().addSome(refused, batch.firstSeq, batch.lastSeq, "refused")
  }

  /** The exporter will never have the batch: its events, and the hole that its marks describe, become a hole. */
  giveUp(taken: TakenBatch, reason: DropReason): void {
    const events = taken.end - taken.start
    this.inFlight -= events
    this.dropped[reason] += events
    this.lost += events
    const hole = this.holeAtHead()
    if (taken.hole !== undefined) hole.merge(taken.hole)
    const { columns, count } = taken.batch
    for (let line = count - events; line < count; line++) {
      hole.add(
        columns.seq[line] as number,
        columns.names.category[columns.category[line] as number] ?? "",
        reason,
        columns.names.route[columns.route[line] as number] ?? ""
      )
    }
  }

  private makeRoom(size: number): boolean {
    const { policy } = this
    if (policy.overflow === "drop-oldest") {
      while (!this.fits(size)) {
        if (this.length === 0 || this.head < this.protectedTo) return false
        this.evictOldest()
      }
      return true
    }
    if (this.isRefusing && !this.isPartlyFree(writerLimits.reopenShare)) return false
    this.isRefusing = !this.fits(size)
    return !this.isRefusing
  }

  private fits(size: number): boolean {
    return this.length < this.policy.eventsMax && this.bytes + size <= this.policy.bytesMax
  }

  /** True when at least this share of both bounds is free. */
  isPartlyFree(share: number): boolean {
    const { policy, bytes, length } = this
    return length <= policy.eventsMax * (1 - share) && bytes <= policy.bytesMax * (1 - share)
  }

  private refuse({ seq, category, routes }: Offer, number: number, reason: DropReason): DropReason {
    this.dropUnqueued(seq, category, reason, routes[number] ?? "")
    return reason
  }

  private evictOldest(): void {
    const ref = this.refAt(this.head)
    const page = this.store.page(ref)
    const line = lineOf(ref)
    const hole = this.holeAtHead()
    const size = this.sizeOf(ref)
    hole.add(page.seq[line] as number, page.categoryOf(line), "overflow", this.routeAt(this.head))
    // From here on nothing is called until the line has left.
    this.dropped.overflow += 1
    this.lost += 1
    this.bytes -= size
    this.head += 1
    hole.at = this.head
    page.live -= 1
    this.store.freeIfDone(page)
    this.closeOwnPageIfEmpty()
    const next = this.holes[1]
    if (next !== undefined && next.at === hole.at) {
      hole.merge(next)
      this.holes.splice(1, 1)
    }
  }

  // The oldest lines leave: `from` up to `to` of one page.
  private leave(page: Page, from: number, to: number): void {
    this.bytes -= page.startOf(to) - page.startOf(from)
    this.store.release(page, to - from)
    this.head += to - from
    this.closeOwnPageIfEmpty()
  }

  private closeOwnPageIfEmpty(): void {
    if (this.length > 0 || this.ownPage === undefined) return
    this.store.closePage(this.ownPage)
    this.ownPage = undefined
  }

  private holeAtHead(): Hole {
    const first = this.holes[0]
    if (first !== undefined && first.at === this.head) return first
    const hole = new Hole(this.head)
    this.holes.unshift(hole)
    return hole
  }

  private holeAtTail(): Hole {
    const last = this.holes.at(-1)
    if (last !== undefined && last.at === this.tail) return last
    const hole = new Hole(this.tail)
    this.holes.push(hole)
    return hole
  }

  // How far the next batch reaches: at least one line, then up to the limits or the next hole.
  private measure(markBytes: number): { readonly end: number; readonly bytes: number } {
    const { batchEventsMax, batchBytesMax } = this.policy
    const stop = Math.min(this.tail, this.holes[0]?.at ?? this.tail, this.head + batchEventsMax)
    let bytes = markBytes
    let end = this.head
    // All that waits may fit, and often does: then nothing has to be measured.
    if (stop === this.tail && bytes + this.bytes <= batchBytesMax)
      return { end: stop, bytes: bytes + this.bytes }
    while (end < stop) {
      const size = this.sizeOf(this.refAt(end))
      if (bytes + size > batchBytesMax && end > this.head) break
      bytes += size
      end += 1
    }
    return { end, bytes }
  }

  // Lines that are neighbours in a page are copied together.
  private copyInto(builder: BatchBuilder, start: number, end: number): void {
    let index = start
    while (index < end) {
      const ref = this.refAt(index)
      const page = this.store.page(ref)
      const from = lineOf(ref)
      let to = from + 1
      while (index + to - from < end && to < page.lines && this.refAt(index + to - from) === ref + to - from)
        to += 1
      const routes = this.routes === undefined ? undefined : this.routesBetween(index, index + to - from)
      builder.addRun(page, from, to, this.session, routes)
      this.leave(page, from, to)
      index += to - from
    }
  }

  private refAt(index: number): LineRef {
    return this.refs[index & (this.refs.length - 1)] as number
  }

  private routeAt(index: number): string {
    return this.routes?.[index & (this.refs.length - 1)] ?? ""
  }

  private routesBetween(from: number, to: number): readonly string[] {
    return Array.from({ length: to - from }, (_, offset) => this.routeAt(from + offset))
  }

  private sizeOf(ref: LineRef): number {
    const page = this.store.page(ref)
    const line = lineOf(ref)
    return (page.end[line] as number) - page.startOf(line)
  }

  private grow(): void {
    const { refs, routes } = this
    const larger = new Uint32Array(refs.length * 2)
    const largerRoutes: string[] = []
    for (let index = this.head; index < this.tail; index++) {
      const at = index & (larger.length - 1)
      larger[at] = this.refAt(index)
      if (routes !== undefined) largerRoutes[at] = this.routeAt(index)
    }
    this.refs = larger
    if (routes !== undefined) this.routes = largerRoutes
  }
}

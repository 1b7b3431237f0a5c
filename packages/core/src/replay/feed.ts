// Lines that were written before, as a writer's queue: one batch at a time, and each of its lines settled in order. Who gives
// the batch learns what became of it; nothing is kept here.
import type { DropReason } from "../event/mark.ts"
import type { Batch } from "../pipeline/batch.ts"
import { type Counts, linesIn, type TakenBatch, type WriterQueue } from "../pipeline/writer-queue.ts"

/**
 * What became of the next `lines` of a batch. Of refused lines stands why; `refused` may be fewer, where the far end has the
 * others and does not say which.
 */
export interface Settled {
  readonly lines: number
  readonly refused: number
  readonly reason?: string
}

export interface FeedOptions {
  /**
   * Asked before lines are refused for good, with how many were so in a row: a pause in ms suspects an outage, and tries
   * again behind it. None, when absent.
   */
  pauseFor?(refusedInRow: number): number | undefined
  /** What waits, for notices. */
  waiting?(): string
  /** Where refused lines go, for notices: ` (kept in "…")`. */
  readonly refusedTo?: string | undefined
}

export class Feed implements WriterQueue {
  head = 0
  tail = 0
  /** What is refused comes back to who gave it. */
  readonly lost = 0
  readonly dropped: Record<DropReason, number> = {
    overflow: 0,
    closed: 0,
    too_large: 0,
    refused: 0,
    gave_up: 0,
    defect: 0
  }
  readonly isWorthBatch = true
  readonly refusedTo: string
  private written = 0
  private handedOver = 0
  private refused = 0
  private refusedInRow = 0
  private offered: Batch | undefined
  private settle: (settled: Settled) => void = () => undefined
  private readonly options: FeedOptions

  constructor(options: FeedOptions = {}) {
    this.options = options
    this.refusedTo = options.refusedTo ?? ""
  }

  /** Gives the next batch; the one before must be settled. `settle` is called for its lines in order, until all are. */
  offer(batch: Batch, settle: (settled: Settled) => void): void {
    this.head = this.tail
    this.tail += batch.count
    this.offered = batch
    this.settle = settle
  }

  get hasWork(): boolean {
    return this.offered !== undefined
  }

  get counts(): Counts {
    const { written, handedOver, refused: dropped } = this
    const pending = this.tail - written - handedOver - dropped
    return { accepted: this.tail, written, handedOver, dropped, pending }
  }

  get oldestTime(): number | undefined {
    return this.offered?.columns.time[0]
  }

  get waiting(): string {
    return this.options.waiting?.() ?? `${this.counts.pending} lines waiting`
  }

  hasHoleBefore(): boolean {
    return false
  }

  isPartlyFree(): boolean {
    return this.offered === undefined
  }

  take(): TakenBatch | undefined {
    const { offered: batch, head: start, tail: end } = this
    if (batch === undefined) return undefined
    this.offered = undefined
    this.head = end
    return { batch, start, end, hole: undefined }
  }

  leaveBatch(): void {
    // Each batch has memory of its own.
  }

  confirm(taken: TakenBatch, isHandedOver: boolean): void {
    this.refusedInRow = 0
    this.settled(taken, 0, isHandedOver)
  }

  confirmBut(taken: TakenBatch, refused: number, isHandedOver: boolean, reason: string): void {
    this.refusedInRow = refused < linesIn(taken) ? 0 : this.refusedInRow + refused
    this.dropped.refused += refused
    this.settled(taken, refused, isHandedOver, reason)
  }

  giveUp(taken: TakenBatch, why: DropReason, reason: string): void {
    const lines = linesIn(taken)
    this.refusedInRow += lines
    this.dropped[why] += lines
    this.settled(taken, lines, false, reason)
  }

  pauseInsteadOf(taken: TakenBatch): number | undefined {
    return this.options.pauseFor?.(this.refusedInRow + linesIn(taken))
  }

  private settled(taken: TakenBatch, refused: number, isHandedOver: boolean, reason?: string): void {
    const lines = linesIn(taken)
    if (isHandedOver) this.handedOver += lines - refused
    else this.written += lines - refused
    this.refused += refused
    this.settle({ lines, refused, ...(reason === undefined ? {} : { reason }) })
  }
}

// What a writer empties: the queue of a log, or lines that were written before and are sent once more. Both settle lines in
// their order; what else becomes of them is theirs to know.
import type { DropReason } from "../event/mark.ts"
import type { Batch, LooseLine } from "./batch.ts"
import type { Gap, Hole } from "./gap.ts"

/** What became of the events that an exporter was offered. `accepted` is the sum of the others at every moment. */
export interface Counts {
  readonly accepted: number
  readonly written: number
  readonly handedOver: number
  readonly dropped: number
  readonly pending: number
}

/** A batch that left the queue and is not settled yet. `start` and `end` are the queue indices that it covers. */
export interface TakenBatch {
  readonly batch: Batch
  readonly start: number
  readonly end: number
  /** The hole that its first lines describe. */
  readonly hole: Hole | undefined
}

/** Lines in order, under absolute indices from `head` up to `tail`. */
export interface WriterQueue {
  readonly head: number
  readonly tail: number
  /** Lines that were in the queue and had to leave it unwritten. */
  readonly lost: number
  readonly counts: Counts
  readonly dropped: Readonly<Record<DropReason, number>>
  /** When the oldest waiting line was made, in ms since 1970. */
  readonly oldestTime: number | undefined
  /** True when a batch can be taken. */
  readonly hasWork: boolean
  /** True when enough waits to write without lingering for more. */
  readonly isWorthBatch: boolean
  /** True when a hole before `index` has no mark yet. */
  hasHoleBefore(index: number): boolean
  /** True when at least this share of the queue's bounds is free. */
  isPartlyFree(share: number): boolean
  /** The next batch; `undefined` when there is nothing. The batch before is settled. */
  take(mark: (gap: Gap) => LooseLine): TakenBatch | undefined
  /** Leaves the last batch its memory, because an export that has not come back may still be reading it. */
  leaveBatch(): void
  /** The exporter has the batch. */
  confirm(taken: TakenBatch, isHandedOver: boolean): void
  /** The exporter has the batch but for some events, and it does not say which. */
  confirmBut(taken: TakenBatch, refused: number, isHandedOver: boolean, reason: string): void
  /** The exporter will never have the batch. */
  giveUp(taken: TakenBatch, why: DropReason, reason: string): void
  /**
   * Of a queue that loses nothing without need: a pause in ms instead of giving the batch up, after which it is tried again,
   * or none. A batch that the exporter dies of is halved there.
   */
  pauseInsteadOf?(taken: TakenBatch): number | undefined
  /** What waits, and where the refused goes, for notices: `12 events waiting`, ` (kept in "…")`. */
  readonly waiting: string
  readonly refusedTo?: string
}

/** How many lines of a log, or of files, a taken batch settles. Marks that its queue has made for it are not counted. */
export const linesIn = ({ start, end }: TakenBatch): number => end - start

// Who waits for a writer, and when each has an answer: flushes wait for a place in the queue, commits for one line.
// The writer reports what happened; nothing here looks at a clock.
import type { DropReason } from "../event/mark.ts"
import type { TakenBatch, WriterQueue } from "./writer-queue.ts"

/** How a committed line ended. */
export type Settlement = "confirmed" | DropReason

interface FlushWait {
  /** The queue's tail when the flush came: what it covers lies before. */
  readonly target: number
  readonly lostBefore: number
  /** An attempt was begun after the flush came, so its failure is the answer. */
  wasAttempted: boolean
  readonly done: (complete: boolean) => void
}

interface CommitWait {
  readonly index: number
  readonly settle: (settlement: Settlement) => void
}

/** The flushes and commits that wait for one writer. */
export class Waits {
  private readonly queue: WriterQueue
  private readonly flushes: FlushWait[] = []
  /** In the order of their lines. */
  private readonly commits: CommitWait[] = []

  constructor(queue: WriterQueue) {
    this.queue = queue
  }

  /** True while a flush or commit waits: a reason not to linger. */
  get any(): boolean {
    return this.flushes.length > 0 || this.commits.length > 0
  }

  /** Says later whether all that is queued now has left the queue, its gap marks included, and none of it was lost. */
  fromNow(inFlight: () => TakenBatch | undefined): () => boolean {
    const { tail: target, lost } = this.queue
    return () => this.isSettled(target, inFlight()) && this.queue.lost === lost
  }

  /** Waits for all that is queued now, and for the gap marks before it. Returns how to stop. */
  addFlush(done: (complete: boolean) => void): () => void {
    const { queue } = this
    const wait: FlushWait = { target: queue.tail, lostBefore: queue.lost, wasAttempted: false, done }
    this.flushes.push(wait)
    return () => remove(this.flushes, wait)
  }

  /** Waits for the line that was queued last. Returns how to stop. */
  addCommit(settle: (settlement: Settlement) => void): () => void {
    const wait: CommitWait = { index: this.queue.tail - 1, settle }
    this.commits.push(wait)
    return () => remove(this.commits, wait)
  }

  /** An operation begins. */
  attemptBegins(): void {
    for (const flush of this.flushes) flush.wasAttempted = true
  }

  /** An operation has failed: the flushes that came before it began have their answer. */
  attemptFailed(): void {
    for (const wait of [...this.flushes])
      if (wait.wasAttempted && remove(this.flushes, wait)) wait.done(false)
  }

  /** A batch was confirmed or given up; `next` is another part of it that is still to be delivered. */
  batchSettled(taken: TakenBatch, settlement: Settlement, next: TakenBatch | undefined): void {
    const { commits } = this
    const first = commits.findIndex(({ index }) => index >= taken.end)
    for (const { settle } of commits.splice(0, first === -1 ? commits.length : first)) settle(settlement)
    this.look(next)
  }

  /** Answers the flushes whose lines have all left the queue, and are not with the batch in flight. */
  look(inFlight: TakenBatch | undefined): void {
    if (this.flushes.length === 0) return
    for (const wait of [...this.flushes]) {
      if (!this.isSettled(wait.target, inFlight)) continue
      remove(this.flushes, wait)
      wait.done(this.queue.lost === wait.lostBefore)
    }
  }

  private isSettled(target: number, inFlight: TakenBatch | undefined): boolean {
    const { queue } = this
    const isTold = inFlight?.hole === undefined && !queue.hasHoleBefore(target)
    return isTold && (inFlight?.start ?? queue.head) >= target
  }
}

const remove = <Item>(items: Item[], item: Item): boolean => {
  const at = items.indexOf(item)
  if (at === -1) return false
  items.splice(at, 1)
  return true
}

// A batch that was refused, and of which a part might not be: it is halved until the lines that the far side does not want
// stand alone. Only those are lost, and the number of attempts grows with their number, not with the batch's.

//   12345678 ✗ ─▶ 1234 ✓
//                 5678 ✗ ─▶ 56 ✗ ─▶ 5 ✓
//                                   6 ✗  refused
//                           78 ✓            the order is kept: each half is delivered before the one behind it
import { writerLimits } from "../limits.ts"
import { batchPart } from "./batch.ts"
import { linesIn, type TakenBatch } from "./writer-queue.ts"

/** What is left of one batch. */
export class Parts {
  private parts: readonly TakenBatch[] = []
  private refusals = 0
  private readonly refusalsMax: number

  /** `refusalsMax`: lines refused one by one; when there are more, the rest is refused at once. */
  constructor(refusalsMax: number = writerLimits.refusalsMax) {
    this.refusalsMax = refusalsMax
  }

  /** The part that comes next. */
  get first(): TakenBatch | undefined {
    return this.parts[0]
  }

  /** Some of the batch was refused. */
  get isRefused(): boolean {
    return this.refusals > 0
  }

  /** Takes out the part that comes next. Without one, the batch is over. */
  take(): TakenBatch | undefined {
    const [part, ...rest] = this.parts
    this.parts = rest
    if (part === undefined) this.refusals = 0
    return part
  }

  /** Puts two halves in front. False for what cannot be halved, and where too much was refused to go on like this. */
  divide(taken: TakenBatch): boolean {
    const divided = this.refusals < this.refusalsMax ? halves(taken) : []
    this.parts = [...divided, ...this.parts]
    return divided.length > 0
  }

  /** A part was refused for good. */
  refuse(): void {
    this.refusals += 1
  }
}

// The marks in front of a batch are one part: they belong to one hole.
const halves = (taken: TakenBatch): readonly TakenBatch[] => {
  const { batch, start, end, hole } = taken
  const events = linesIn(taken)
  const marks = batch.count - events
  if (events === 0 || (events === 1 && marks === 0)) return []
  const cut = marks > 0 ? marks : events >> 1
  const middle = marks > 0 ? start : start + cut
  return [
    { batch: batchPart(batch, 0, cut), start, end: middle, hole },
    { batch: batchPart(batch, cut, batch.count), start: middle, end, hole: undefined }
  ]
}

/**
 * How many of a batch are refused, of what an exporter says, who may say anything. Some of a batch of nothing but gap marks
 * are all of it: which ones is unknown, so they stand in a mark again.
 */
export const refusedOf = (said: number | undefined, taken: TakenBatch): number | "all" => {
  if (said === undefined) return "all"
  if (!(said >= 1)) return 0
  const events = linesIn(taken)
  return events === 0 ? "all" : Math.min(events, Math.floor(said))
}

// A batch that is with the far end: what is known of its lines is settled in their order, and lines that were not sent go with
// those before them. Also what is set aside of settled lines, as letters.
import type { Settled } from "@daybook/core/replay"
import { bytesOf, isTooLong, type PlacedLine } from "../disk/lines.ts"
import { isoOf } from "../place/day.ts"
import type { DeadLetter } from "../state/dead-letters.node.ts"
import type { ReadBatch, ReadLine } from "./read-line.ts"

/** Lines that go together, and what became of those that were sent. */
export interface Stretch {
  readonly lines: readonly ReadLine[]
  readonly outcome: Settled
}

const nothingSent: Settled = { lines: 0, refused: 0 }

export class SentBatch {
  readonly batch: ReadBatch
  private readonly outcomes: Settled[] = []
  private next = 0

  constructor(batch: ReadBatch) {
    this.batch = batch
  }

  /** The far end's word on the next sent lines. */
  readonly settle = (outcome: Settled): void => void this.outcomes.push(outcome)

  /** The next lines of which the outcome is known; `isOver` when all of the sent ones are settled. */
  first(isOver: boolean): Stretch | undefined {
    const [outcome] = this.outcomes
    const { lines } = this.batch
    if (outcome !== undefined) return { lines: lines.slice(this.next, this.endOf(outcome)), outcome }
    return isOver && this.next < lines.length
      ? { lines: lines.slice(this.next), outcome: nothingSent }
      : undefined
  }

  /** They are settled, and what had to be kept of them is kept. */
  shift({ lines }: Stretch): void {
    this.outcomes.shift()
    this.next += lines.length
  }

  private endOf({ lines: sent }: Settled): number {
    const { lines } = this.batch
    let end = this.next
    for (let left = sent; left > 0; end++) if (lines[end]?.fate === "sent") left -= 1
    return end
  }
}

/** What is set aside of them: damaged lines, and refused ones. Of a batch of which some were refused that is all that were sent. */
export const lettersOf = ({ lines, outcome }: Stretch, atMs: number): readonly DeadLetter[] => {
  const { lines: sent, refused, reason = "" } = outcome
  const unsure = `${refused} of these ${sent} lines were refused, and it is not said which: ${reason}`
  const whyRefused = refused < sent ? unsure : reason
  const at = isoOf(atMs)
  return lines.flatMap(({ fate, file, placed, reason: damage }): readonly DeadLetter[] => {
    if (!(fate === "damaged" || (fate === "sent" && refused > 0))) return []
    const line = textOf(placed)
    const why = fate === "damaged" ? damage : whyRefused
    return [{ at, file: file.name, offset: placed.at, reason: why, ...(line === undefined ? {} : { line }) }]
  })
}

const decoder = new TextDecoder("utf-8", { fatal: true })

const textOf = (placed: PlacedLine): string | undefined => {
  if (isTooLong(placed)) return undefined
  try {
    return decoder.decode(bytesOf(placed)).replace(/\n$/, "")
  } catch {
    return undefined
  }
}

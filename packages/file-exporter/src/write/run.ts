// The lines of a batch by file, and how far each file's have come. Usually all of a batch is one run; two around midnight,
// one a user in files of users. Nothing here does I/O.
import { type Batch, joinedBytes } from "@daybook/core"
import type { Lines } from "../seal/woven.ts"

/** The lines of a batch that go to one file, in their order, and how far they have come. */
export interface Run {
  readonly path: string
  readonly batch: Batch
  /** Their indices in the batch, rising. */
  readonly lines: Uint32Array
  /** How many of them are down. */
  next: number
  /** How many survive a power cut. */
  synced: number
}

/** A part of a batch's lines, by index. */
type Stretch = [from: number, to: number]

/** Splits a batch by file. */
export const runsOf = (batch: Batch, pathOf: (day: number, route: string) => string): readonly Run[] => {
  const { day, route, names } = batch.columns
  const byPath = new Map<string, Stretch[]>()
  for (let from = 0; from < batch.count; ) {
    let to = from + 1
    while (to < batch.count && day[to] === day[from] && route[to] === route[from]) to += 1
    const path = pathOf(day[from] ?? 0, names.route[route[from] ?? 0] ?? "")
    const stretches = byPath.get(path)
    if (stretches === undefined) byPath.set(path, [[from, to]])
    else stretches.push([from, to])
    from = to
  }
  return [...byPath].map(([path, stretches]) => ({
    path,
    batch,
    lines: linesIn(stretches),
    next: 0,
    synced: 0
  }))
}

export const isUnfinished = ({ next, lines }: Run): boolean => next < lines.length

/** What is left of a run, behind marks of our own. */
export const gather = (run: Run | undefined, marks: readonly Uint8Array[]): Lines => {
  const rest = run === undefined ? noLines : run.lines.subarray(run.next)
  const ends = new Uint32Array(marks.length + rest.length)
  const seqs = new Float64Array(ends.length)
  const parts = [...marks]
  let end = 0
  for (const [index, mark] of marks.entries()) ends[index] = end += mark.length
  if (run === undefined) return { bytes: joinedBytes(parts), ends, seqs }
  const { end: endOf, seq } = run.batch.columns
  let at = marks.length
  for (const [from, to] of stretchesOf(rest)) {
    parts.push(run.batch.bytes(from, to))
    const shift = end - (from === 0 ? 0 : (endOf[from - 1] as number))
    for (let line = from; line < to; line++, at++) {
      ends[at] = (endOf[line] as number) + shift
      seqs[at] = seq[line] as number
    }
    end = shift + (endOf[to - 1] as number)
  }
  const [only] = parts
  return { bytes: only !== undefined && parts.length === 1 ? only : joinedBytes(parts), ends, seqs }
}

const noLines = new Uint32Array()

const linesIn = (stretches: readonly Stretch[]): Uint32Array => {
  const lines = new Uint32Array(stretches.reduce((sum, [from, to]) => sum + to - from, 0))
  let at = 0
  for (const [from, to] of stretches) for (let line = from; line < to; line++) lines[at++] = line
  return lines
}

// Neighbours are taken in one piece: usually that is the whole batch, and nothing is copied.
const stretchesOf = (lines: Uint32Array): readonly Stretch[] => {
  const stretches: Stretch[] = []
  for (let index = 0; index < lines.length; ) {
    const first = index
    const from = lines[first] as number
    while (index < lines.length && lines[index] === from + index - first) index += 1
    stretches.push([from, from + index - first])
  }
  return stretches
}

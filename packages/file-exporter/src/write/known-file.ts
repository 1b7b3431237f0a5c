// What one log knows of a file it appends to, and of a write whose end it does not know yet. Nothing here does I/O.
// When to write what is file-appender.node.ts's business; what stands at the end of a file is told by file-tail.ts.
import type { Batch } from "@daybook/core"
import type { PlannedAppend } from "../seal/sealer.node.ts"

/** A file between two writes. */
export interface KnownFile {
  readonly path: string
  /** Its path below the log directory. */
  readonly name: string
  /** The day in its name, or "unknown". */
  readonly day: string
  /** Which file it is, whatever its path: see `FileFacts`. */
  readonly identity: string
  /** Its size behind our last write; it may have grown since by others, and never shrinks by honest hands. */
  end: number
  /** Our last write arrived whole, so that up to `end` no fragment stands there. */
  isWhole: boolean
  /** A write of ours of which it is not known how much arrived. */
  planned: Planned | undefined
  /** Holds lines that a power cut could still take. */
  isDirty: boolean
  /** Our last line lacks only its newline, which the next write brings. */
  isUnended: boolean
  /** A sync of it failed, and nothing was written since. */
  isDoubtful: boolean
  /** Somebody else appends to it too. */
  isShared: boolean
  /** A line of ours that was appended to somebody's fragment: it is to be written again. */
  gluedLine: Uint8Array | undefined
  /** Its name in the directory survives one. */
  isNamed: boolean
  isModeTold: boolean
}

export const makeKnownFile = (path: string, name: string, identity: string): KnownFile => ({
  path,
  name,
  day: dayOf(path),
  identity,
  end: 0,
  isWhole: false,
  planned: undefined,
  isDirty: false,
  isUnended: false,
  isDoubtful: false,
  isShared: false,
  gluedLine: undefined,
  isNamed: false,
  isModeTold: false
})

/** The day in a file's name; "unknown" is one too. It stands at the end: an application may be called like a day. */
export const dayOf = (path: string): string =>
  /(\d{4}-\d\d-\d\d|unknown)(-[0-9a-f]{8})?\.jsonl$/.exec(path)?.[1] ?? ""

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

/** Splits a batch by file. Usually all of it is one run; two around midnight, one a user in files of users. */
export const runsOf = (batch: Batch, pathOf: (day: number, route: string) => string): readonly Run[] => {
  const { day, route, names } = batch.columns
  const byPath = new Map<string, [from: number, to: number][]>()
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

const linesIn = (stretches: readonly (readonly [from: number, to: number])[]): Uint32Array => {
  const lines = new Uint32Array(stretches.reduce((sum, [from, to]) => sum + to - from, 0))
  let at = 0
  for (const [from, to] of stretches) for (let line = from; line < to; line++) lines[at++] = line
  return lines
}

export const isUnfinished = ({ next, lines }: Run): boolean => next < lines.length

/** One write, before and after it is issued. */
export interface Planned {
  readonly append: PlannedAppend
  /** 1 when a newline goes first, because a fragment stands at the end, or may stand there when the write arrives. */
  readonly lead: 0 | 1
  /** The file's size before. */
  readonly position: number
  /** Absent for lines of our own. */
  readonly run: Run | undefined
  /** The run's line that comes first, behind `marks` marks. */
  readonly from: number
  readonly marks: number
}

/** Some lines end to end, and one value a line. */
export interface Lines {
  readonly bytes: Uint8Array
  /** Where each line ends within `bytes`, newline included. */
  readonly ends: Uint32Array
  /** 0 for marks. */
  readonly seqs: Float64Array
}

/** How much of a planned write is in the file. */
export interface Arrived {
  /** Whole lines. */
  readonly lines: number
  /** The same, and one more if all of it but the newline is there: the newline that comes next makes it whole. */
  readonly standing: number
}

/** What is left of a run, behind marks of our own. */
export const gather = (run: Run | undefined, marks: readonly Uint8Array[]): Lines => {
  const rest = run === undefined ? noLines : run.lines.subarray(run.next)
  const ends = new Uint32Array(marks.length + rest.length)
  const seqs = new Float64Array(ends.length)
  const parts = [...marks]
  let end = 0
  for (const [index, mark] of marks.entries()) ends[index] = end += mark.length
  if (run === undefined) return { bytes: joined(parts), ends, seqs }
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
  return { bytes: only !== undefined && parts.length === 1 ? only : joined(parts), ends, seqs }
}

const noLines = new Uint32Array()

// Neighbours are taken in one piece: usually that is the whole batch, and nothing is copied.
const stretchesOf = (lines: Uint32Array): readonly (readonly [from: number, to: number])[] => {
  const stretches: [from: number, to: number][] = []
  for (let index = 0; index < lines.length; ) {
    const first = index
    const from = lines[first] as number
    while (index < lines.length && lines[index] === from + index - first) index += 1
    stretches.push([from, from + index - first])
  }
  return stretches
}

/** The lines as they are, where nothing is sealed. */
export const unsealed = ({ bytes, ends }: Lines): PlannedAppend => ({
  bytes,
  ends,
  source: Int32Array.from(ends, (_end, line) => line),
  settle: () => [],
  release: () => undefined
})

export const withLead = (bytes: Uint8Array, lead: 0 | 1): Uint8Array =>
  lead === 0 ? bytes : joined([newline, bytes])

/** What arrived of a planned write when the system says how many bytes it took. */
export const arrivedWithin = ({ append, lead }: Planned, written: number): Arrived => {
  const { ends } = append
  let lines = 0
  while (lines < ends.length && (ends[lines] as number) + lead <= written) lines += 1
  const isStanding = lines < ends.length && (ends[lines] as number) + lead - 1 === written
  return { lines, standing: isStanding ? lines + 1 : lines }
}

const newline = Uint8Array.of(0x0a)

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

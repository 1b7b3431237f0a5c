// The rows of several files as one sequence: the days in their order, and the files of one day merged by time, each in its own
// order. Reads one chunk of each file of a day.
import { lineTime } from "@daybook/core/lines"
import { fileRows, newestOfFile, type Reading } from "./file-rows.ts"
import type { TrailRow } from "./row-maker.ts"
import type { TrailFile } from "./trail-file.ts"
import type { TrailFilter } from "./trail-filter.ts"

/** The rows that pass, a few at a time. */
export async function* trailRows(
  files: readonly TrailFile[],
  reading: Reading
): AsyncGenerator<readonly TrailRow[], void> {
  for (const day of daysOf(filesFor(files, reading.filter))) {
    if (reading.signal?.aborted === true) return
    const sources = day.map((file) => fileRows(file, reading, day.length))
    const [only] = sources
    if (sources.length === 1 && only !== undefined) yield* only
    else yield* merged(sources)
  }
}

/** The newest rows that pass, oldest first. Reads no more of the files than it needs. */
export const newestRows = async (
  files: readonly TrailFile[],
  count: number,
  reading: Reading
): Promise<readonly TrailRow[]> => {
  let newest: readonly TrailRow[] = []
  for (const day of daysOf(filesFor(files, reading.filter)).toReversed()) {
    const left = count - newest.length
    if (left <= 0 || reading.signal?.aborted === true) break
    const found: AsyncGenerator<readonly TrailRow[], void>[] = []
    for (const file of day) found.push(once(await newestOfFile(file, left, reading)))
    const ofDay: TrailRow[] = []
    for await (const rows of merged(found)) ofDay.push(...rows)
    newest = [...ofDay.slice(-left), ...newest]
  }
  return newest
}

async function* once(rows: readonly TrailRow[]): AsyncGenerator<readonly TrailRow[], void> {
  yield rows
}

/** An event of a local day may be of the day before or after it in UTC, whatever the zone. */
const zoneMs = 15 * 60 * 60 * 1_000
const dayMs = 24 * 60 * 60 * 1_000

/** The files that may have rows which pass. */
export const filesFor = (files: readonly TrailFile[], filter: TrailFilter): readonly TrailFile[] =>
  files.filter(({ day, session, user }) => {
    if (!filter.passesFile(session, user)) return false
    const begin = Date.parse(day)
    return Number.isNaN(begin) || (begin - zoneMs < filter.toMs && begin + dayMs + zoneMs > filter.fromMs)
  })

/** Oldest first; files without a day come last, together. */
const daysOf = (files: readonly TrailFile[]): readonly (readonly TrailFile[])[] => {
  const days = Map.groupBy(files, ({ day }) => day)
  return [...days.keys()]
    .sort((one, other) => (one === other ? 0 : one === "" ? 1 : other === "" || one < other ? -1 : 1))
    .map((day) => days.get(day) ?? [])
}

/** A sequence of rows, with the time of the next one. A row without a time comes with the one before it. */
class Source {
  private readonly batches: AsyncGenerator<readonly TrailRow[], void>
  private batch: readonly TrailRow[] = []
  private index = 0
  time: number = Number.NEGATIVE_INFINITY

  constructor(batches: AsyncGenerator<readonly TrailRow[], void>) {
    this.batches = batches
  }

  /** Looks at the next row. `undefined` at the end. */
  async peek(): Promise<TrailRow | undefined> {
    while (this.index === this.batch.length) {
      const { value, done } = await this.batches.next()
      if (done === true || value === undefined) return undefined
      this.batch = value
      this.index = 0
    }
    return this.look()
  }

  /** Moves on, and looks at the next row of the batch in hand. */
  step(): TrailRow | undefined {
    this.index += 1
    return this.look()
  }

  private look(): TrailRow | undefined {
    const row = this.batch[this.index]
    if (row === undefined || "damage" in row) return row
    const time = lineTime(row.event.head.ts)
    if (!Number.isNaN(time)) this.time = time
    return row
  }
}

/** Rows that are handed on together. */
const rowsAtOnce = 256

async function* merged(
  sequences: readonly AsyncGenerator<readonly TrailRow[], void>[]
): AsyncGenerator<readonly TrailRow[], void> {
  // The earliest one last. Of equal ones, the one that was in hand goes on, so that a session's rows stay together.
  const waiting: Source[] = []
  const enqueue = (source: Source): void => {
    let from = 0
    let to = waiting.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (source.time > (waiting[middle]?.time ?? 0)) to = middle
      else from = middle + 1
    }
    waiting.splice(from, 0, source)
  }
  try {
    for (const sequence of sequences.toReversed()) {
      const source = new Source(sequence)
      if ((await source.peek()) !== undefined) enqueue(source)
    }
    let rows: TrailRow[] = []
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
      const before = waiting.at(-1)?.time ?? Number.POSITIVE_INFINITY
      let row = await source.peek()
      while (row !== undefined && source.time <= before) {
        rows.push(row)
        row = source.step()
        if (rows.length >= rowsAtOnce) {
          yield rows
          rows = []
        }
      }
      if (row !== undefined || (await source.peek()) !== undefined) enqueue(source)
    }
    if (rows.length > 0) yield rows
  } finally {
    for (const sequence of sequences) await sequence.return()
  }
}

// What the writer hands to an exporter: whole lines in order, and beside them columns, so that splitting by day,
// user or session never parses a line. A batch is a copy: taking it frees the queue's pages at once.
import { joinedBytes } from "../encode/joined-bytes.ts"
import { LineSplitter } from "../encode/line-splitter.ts"
import { toLocalDay } from "../encode/timestamp.ts"
import { type AuditEvent, decodeLine, type LineDamage } from "../event/decode-line.ts"
import { levelNumber } from "../event/level.ts"
import { lineTime } from "../event/line-time.ts"
import { lineKindNumber } from "../event/mark.ts"
import type { Page } from "./page-store.ts"

/** One value a line. Index 0 is the batch's first line. */
export interface BatchColumns {
  /** 0 is an event; else a mark, see `lineKinds`. */
  readonly kind: Uint8Array
  /** Where the line ends within `bytes()`, newline included. */
  readonly end: Uint32Array
  /** Milliseconds since 1970; NaN without a clock. */
  readonly time: Float64Array
  /** Local date yyyymmdd; 0 unknown. */
  readonly day: Int32Array
  /** 0 debug … 4 fatal. */
  readonly level: Uint8Array
  /** 0 for marks. */
  readonly seq: Float64Array
  /** Indices into `names`. */
  readonly category: Uint16Array
  readonly session: Uint16Array
  readonly route: Uint16Array
  readonly names: {
    readonly category: readonly string[]
    readonly session: readonly string[]
    readonly route: readonly string[]
  }
}

/** Whole lines of one log, in order. Valid until the `export` it was given to ends. */
export interface Batch {
  /** Lines, marks included. */
  readonly count: number
  readonly eventCount: number
  /** Of the first and last event; 0 without one. */
  readonly firstSeq: number
  readonly lastSeq: number
  readonly columns: BatchColumns
  /** The lines `from` up to (not including) `to` as they are: JSON, each ended by a newline. */
  bytes(from?: number, to?: number): Uint8Array
  /** The lines decoded, one for each, for exporters that need values. Costs a JSON.parse a line, the first time. */
  events(): readonly AuditEvent[]
}

/** One line that does not come from a page: a mark, or a line read from elsewhere. */
export interface LooseLine {
  readonly bytes: Uint8Array
  readonly kind: number
  readonly time: number
  readonly day: number
  readonly level: number
  readonly seq: number
  readonly category: string
  readonly session: string
}

/**
 * Collects the lines of one batch after another, in the same memory: a batch is settled before the next one begins, and
 * fresh arrays for each cost a garbage collector more than the copying.
 */
export class BatchBuilder {
  private columns: LineColumns = makeColumns(0)
  private buffer = new Uint8Array(0)
  private categories = new Names()
  private sessions = new Names()
  private routes = new Names()
  private count = 0

  /** Forgets the batch before, and makes room for at least this much. */
  begin(lines: number, bytes: number): void {
    if (this.columns.end.length < lines)
      this.columns = makeColumns(Math.max(lines, 2 * this.columns.end.length))
    if (this.buffer.length < bytes) this.buffer = new Uint8Array(Math.max(bytes, 2 * this.buffer.length))
    this.categories = new Names()
    this.sessions = new Names()
    this.routes = new Names()
    this.count = 0
  }

  addLoose(line: LooseLine, route = ""): void {
    const { columns, count } = this
    this.append(line.bytes)
    columns.kind[count] = line.kind
    columns.time[count] = line.time
    columns.day[count] = line.day
    columns.level[count] = line.level
    columns.seq[count] = line.seq
    columns.category[count] = this.categories.indexOf(line.category)
    columns.session[count] = this.sessions.indexOf(line.session)
    columns.route[count] = this.routes.indexOf(route)
  }

  /** Copies lines that were written before. Neighbours in memory are copied together. */
  addDecoded(lines: readonly DecodedLine[]): void {
    const { columns } = this
    let to = this.end
    let second = Number.NaN
    let day = 0
    for (let first = 0; first < lines.length; ) {
      const { bytes, start } = lines[first] as DecodedLine
      let { end } = lines[first] as DecodedLine
      let next = first + 1
      for (; lines[next]?.bytes === bytes && lines[next]?.start === end; next++)
        end = (lines[next] as DecodedLine).end
      this.buffer.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start), to)
      for (; first < next; first++) {
        const line = lines[first] as DecodedLine
        const { head, kind } = line.event
        const at = this.count++
        const time = Math.floor(lineTime(head.ts))
        // Lines of one second are of one day, which a calendar is asked for.
        if (Math.floor(time / 1_000) !== second) {
          second = Math.floor(time / 1_000)
          day = toLocalDay(time)
        }
        to += line.end - line.start
        columns.end[at] = to
        columns.kind[at] = lineKindNumber[kind]
        columns.time[at] = time
        columns.day[at] = day
        columns.level[at] = levelNumber[head.level]
        columns.seq[at] = head.seq ?? 0
        columns.category[at] = this.categories.indexOf(head.category)
        columns.session[at] = this.sessions.indexOf(head.session)
        columns.route[at] = this.routes.indexOf("")
      }
    }
  }

  /** Copies the lines `from` up to `to` of a page, all of one session. */
  addRun(page: Page, from: number, to: number, session: string, routes: readonly string[] | undefined): void {
    const { columns, count } = this
    const begin = page.startOf(from)
    const shift = this.end - begin
    this.buffer.set(page.bytes.subarray(begin, page.startOf(to)), this.end)
    columns.kind.set(page.kind.subarray(from, to), count)
    columns.time.set(page.time.subarray(from, to), count)
    columns.day.set(page.day.subarray(from, to), count)
    columns.level.set(page.level.subarray(from, to), count)
    columns.seq.set(page.seq.subarray(from, to), count)
    this.count += to - from
    columns.session.fill(this.sessions.indexOf(session), count, this.count)
    if (routes === undefined) columns.route.fill(this.routes.indexOf(""), count, this.count)
    else for (const [at, route] of routes.entries()) columns.route[count + at] = this.routes.indexOf(route)
    let known = -1
    let category = 0
    for (let line = from; line < to; line++) {
      const at = count + line - from
      columns.end[at] = (page.end[line] as number) + shift
      // Lines of one category follow each other.
      const named = page.category[line] as number
      if (named !== known) category = this.categories.indexOf(page.categoryNames.list[named] ?? "")
      known = named
      columns.category[at] = category
    }
  }

  /** `events`: what the lines say, where it is known. */
  build(events?: readonly AuditEvent[]): Batch {
    const { columns, count } = this
    const built: BatchColumns = {
      kind: columns.kind.subarray(0, count),
      end: columns.end.subarray(0, count),
      time: columns.time.subarray(0, count),
      day: columns.day.subarray(0, count),
      level: columns.level.subarray(0, count),
      seq: columns.seq.subarray(0, count),
      category: columns.category.subarray(0, count),
      session: columns.session.subarray(0, count),
      route: columns.route.subarray(0, count),
      names: { category: this.categories.list, session: this.sessions.list, route: this.routes.list }
    }
    return new LineBatch(count, this.buffer, built, events)
  }

  private get end(): number {
    return this.count === 0 ? 0 : (this.columns.end[this.count - 1] as number)
  }

  private append(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.end)
    this.columns.end[this.count] = this.end + bytes.length
    this.count += 1
  }
}

/** A line that was written before, with its newline: `bytes` from `start` up to `end`, and what it says. */
export interface DecodedLine {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly event: AuditEvent
}

/**
 * Makes a batch of lines that were written before: for replaying files and uploading spools. A last line without a
 * newline gets one. What is no event is left out; `onDamage` says which line it is, counted from 0, and why.
 */
export const batchFromLines = (
  bytes: Uint8Array,
  onDamage?: (line: number, damage: LineDamage) => void
): Batch => {
  const lines: DecodedLine[] = []
  for (const [number, line] of splitLines(bytes).entries()) {
    const event = decodeLine(line)
    if ("damage" in event) onDamage?.(number, event.damage)
    else lines.push({ bytes: line, start: 0, end: line.length, event })
  }
  return batchOf(lines)
}

/** A batch of lines that are decoded already. */
export const batchOf = (lines: readonly DecodedLine[]): Batch => {
  const builder = new BatchBuilder()
  let size = 0
  for (const { start, end } of lines) size += end - start
  builder.begin(lines.length, size)
  builder.addDecoded(lines)
  return builder.build(lines.map(({ event }) => event))
}

/** The lines `from` up to (not including) `to` of a batch, as a batch. Its bytes and most columns are the same memory. */
export const batchPart = (batch: Batch, from: number, to: number): Batch => {
  const { columns } = batch
  const begin = from === 0 ? 0 : (columns.end[from - 1] as number)
  const part: BatchColumns = {
    kind: columns.kind.subarray(from, to),
    end: columns.end.slice(from, to).map((end) => end - begin),
    time: columns.time.subarray(from, to),
    day: columns.day.subarray(from, to),
    level: columns.level.subarray(from, to),
    seq: columns.seq.subarray(from, to),
    category: columns.category.subarray(from, to),
    session: columns.session.subarray(from, to),
    route: columns.route.subarray(from, to),
    names: columns.names
  }
  const events = batch instanceof LineBatch ? batch.decoded?.slice(from, to) : undefined
  return new LineBatch(to - from, batch.bytes(from, to), part, events)
}

type LineColumns = Omit<BatchColumns, "names">

const makeColumns = (lines: number): LineColumns => ({
  kind: new Uint8Array(lines),
  end: new Uint32Array(lines),
  time: new Float64Array(lines),
  day: new Int32Array(lines),
  level: new Uint8Array(lines),
  seq: new Float64Array(lines),
  category: new Uint16Array(lines),
  session: new Uint16Array(lines),
  route: new Uint16Array(lines)
})

/** Distinct names in the order they came. Lines of one name follow each other, so the last one is asked first. */
class Names {
  readonly list: string[] = []
  private readonly indices = new Map<string, number>()
  private lastName = ""
  private lastIndex = -1

  indexOf(name: string): number {
    if (name === this.lastName && this.lastIndex >= 0) return this.lastIndex
    let index = this.indices.get(name)
    if (index === undefined) {
      index = this.list.push(name) - 1
      this.indices.set(name, index)
    }
    this.lastName = name
    this.lastIndex = index
    return index
  }
}

class LineBatch implements Batch {
  readonly eventCount: number
  readonly firstSeq: number
  readonly lastSeq: number

  readonly count: number
  private readonly buffer: Uint8Array
  readonly columns: BatchColumns
  decoded: readonly AuditEvent[] | undefined

  constructor(
    count: number,
    buffer: Uint8Array,
    columns: BatchColumns,
    decoded: readonly AuditEvent[] | undefined
  ) {
    this.count = count
    this.buffer = buffer
    this.columns = columns
    this.decoded = decoded
    let events = 0
    let first = 0
    let last = 0
    for (let line = 0; line < count; line++) {
      if (columns.kind[line] !== lineKindNumber.event) continue
      events += 1
      last = columns.seq[line] as number
      if (first === 0) first = last
    }
    this.eventCount = events
    this.firstSeq = first
    this.lastSeq = last
  }

  bytes(from = 0, to = this.count): Uint8Array {
    return this.buffer.subarray(this.startOf(from), this.startOf(to))
  }

  events(): readonly AuditEvent[] {
    if (this.decoded !== undefined) return this.decoded
    const events: AuditEvent[] = []
    for (let line = 0; line < this.count; line++) {
      const decoded = decodeLine(this.bytes(line, line + 1))
      if (!("damage" in decoded)) events.push(decoded)
    }
    this.decoded = events
    return events
  }

  private startOf(line: number): number {
    return line === 0 ? 0 : (this.columns.end[line - 1] as number)
  }
}

const newline = Uint8Array.of(0x0a)

const splitLines = (bytes: Uint8Array): readonly Uint8Array[] => {
  const splitter = new LineSplitter(0, Number.POSITIVE_INFINITY)
  const lines = splitter.push(bytes).flatMap((line) => line.bytes ?? [])
  const rest = splitter.takeRest()?.bytes
  return rest === undefined ? lines : [...lines, joinedBytes([rest, newline])]
}

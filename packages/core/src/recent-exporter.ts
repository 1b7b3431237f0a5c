// An exporter that keeps the newest lines in memory, within bounds: for a page, which has no file, and for whoever wants to
// show or download what just happened. What it forgot is told by a gap mark where it was; it survives nothing.
import * as Effect from "effect/Effect"
import { joinedBytes } from "./encode/joined-bytes.ts"
import { decodeLine } from "./event/decode-line.ts"
import { type GapFields, lineKindNumber } from "./event/mark.ts"
import { recentLimits } from "./limits.ts"
import type { Batch } from "./pipeline/batch.ts"
import { defaultQueuePolicy, type Exporter, type LogIdentity, type QueuePolicy } from "./pipeline/exporter.ts"
import { Gap } from "./pipeline/gap.ts"

export interface RecentExporterOptions {
  /** Names it in health and gap marks. Default "recent". */
  readonly name?: string | undefined
  /** UTF-8 bytes that are kept. Default 4 MiB. A batch is kept or forgotten line by line. */
  readonly bytesMax?: number | undefined
  /** Lines that are kept. Default 20,000. */
  readonly linesMax?: number | undefined
  /** Merged over core's default. */
  readonly queue?: Partial<QueuePolicy> | undefined
  /** Says which events it wants; all, when absent. */
  readonly accepts?: Exporter["accepts"]
}

/** What is in memory now. `forgotten` are events that had to make room since the page was loaded. */
export interface RecentLines {
  readonly lines: number
  readonly bytes: number
  readonly forgotten: number
}

export interface RecentExporter extends Exporter {
  readonly kept: RecentLines
  /**
   * The lines as JSONL, oldest first: what a log file would hold. Where older ones were forgotten it begins with a gap mark
   * for each session. A copy; flush the log before, and it holds everything that was accepted.
   */
  bytes(): Uint8Array<ArrayBuffer>
  /** The same as text. */
  text(): string
}

/**
 * Keeps the newest lines in memory.
 *
 * @throws TypeError for a bound below 1.
 */
export const recentExporter = (options: RecentExporterOptions = {}): RecentExporter => {
  const { name = "recent", queue, accepts } = options
  const recent = new Recent(
    boundOf("bytesMax", options.bytesMax, recentLimits.bytesMax),
    boundOf("linesMax", options.linesMax, recentLimits.linesMax)
  )
  return {
    name,
    queue: { ...defaultQueuePolicy, ...queue },
    ...(accepts === undefined ? {} : { accepts }),
    open: (log) =>
      Effect.sync(() => {
        recent.know(log)
        return { export: (batch) => Effect.sync(() => recent.keep(batch)) }
      }),
    get kept() {
      return { lines: recent.lines, bytes: recent.size, forgotten: recent.forgotten }
    },
    bytes: () => recent.bytes(name),
    text: () => new TextDecoder().decode(recent.bytes(name))
  }
}

const boundOf = (name: string, given: number | undefined, usual: number): number => {
  const bound = given ?? usual
  if (bound >= 1) return bound
  throw new TypeError(`recentExporter: option "${name}" must be a number from 1 on`)
}

interface KeptLine {
  readonly bytes: Uint8Array
  readonly kind: number
  readonly seq: number
  readonly category: string
  readonly session: string
}

/** The newest lines, in a queue whose oldest end gives way. */
class Recent {
  size = 0
  forgotten = 0
  private readonly queue: KeptLine[] = []
  /** Lines before this index have given way. */
  private first = 0
  private readonly logs = new Map<string, LogIdentity>()
  /** By session. */
  private readonly gaps = new Map<string, Gap>()

  private readonly bytesMax: number
  private readonly linesMax: number

  constructor(bytesMax: number, linesMax: number) {
    this.bytesMax = bytesMax
    this.linesMax = linesMax
  }

  get lines(): number {
    return this.queue.length - this.first
  }

  know(log: LogIdentity): void {
    this.logs.set(log.session, log)
  }

  // A batch's memory is its log's again afterwards, so each line is copied.
  keep(batch: Batch): void {
    const { kind, seq, category, session, names } = batch.columns
    for (let line = 0; line < batch.count; line++) {
      const bytes = batch.bytes(line, line + 1).slice()
      this.queue.push({
        bytes,
        kind: kind[line] as number,
        seq: seq[line] as number,
        category: names.category[category[line] as number] ?? "",
        session: names.session[session[line] as number] ?? ""
      })
      this.size += bytes.length
    }
    while (this.lines > this.linesMax || this.size > this.bytesMax) this.forgetOldest()
    if (this.first <= this.lines) return
    this.queue.splice(0, this.first)
    this.first = 0
  }

  bytes(exporter: string): Uint8Array<ArrayBuffer> {
    const marks = [...this.gaps].flatMap(([session, gap]) => {
      const mark = this.logs.get(session)?.mark("gap", gap.message(), gap.fields(exporter))
      return mark === undefined ? [] : [mark]
    })
    return joinedBytes([...marks, ...this.queue.slice(this.first).map(({ bytes }) => bytes)])
  }

  private forgetOldest(): void {
    const oldest = this.queue[this.first]
    if (oldest === undefined) return
    this.first += 1
    this.size -= oldest.bytes.length
    const { kind, seq, category, session } = oldest
    if (kind === lineKindNumber.event) {
      this.forgotten += 1
      this.gapOf(session).add(seq, category, "overflow")
    } else if (kind === lineKindNumber.gap) {
      const mark = decodeLine(oldest.bytes)
      // The log made the line, so its fields are a gap's.
      if (!("damage" in mark)) this.gapOf(session).addTold(mark.fields as unknown as GapFields)
    }
  }

  private gapOf(session: string): Gap {
    const known = this.gaps.get(session)
    if (known !== undefined) return known
    const gap = new Gap()
    this.gaps.set(session, gap)
    return gap
  }
}

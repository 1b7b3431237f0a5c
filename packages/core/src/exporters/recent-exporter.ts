// An exporter that keeps the newest lines in memory, within bounds: for a page, which has no file, and for showing or
// downloading what just happened. A gap mark in front, one a session, says what it forgot; it survives nothing.
import * as Effect from "effect/Effect"
import { joinedBytes } from "../encode/joined-bytes.ts"
import { decodeLine } from "../event/decode-line.ts"
import { type GapFields, lineKindNumber } from "../event/mark.ts"
import { recentLimits } from "../limits.ts"
import { checkOptions, type OptionRules, optionRule, queueRules } from "../option-rules.ts"
import type { Batch } from "../pipeline/batch.ts"
import {
  defaultQueuePolicy,
  type Exporter,
  type LogIdentity,
  type QueuePolicy
} from "../pipeline/exporter.ts"
import { Gap, gapMessage } from "../pipeline/gap.ts"

export interface RecentExporterOptions {
  /** Names it in health and gap marks. Default "recent". */
  readonly name?: string | undefined
  /** UTF-8 bytes that are kept. Default 4 MiB. A batch is kept or forgotten line by line. */
  readonly bytesMax?: number | undefined
  /** Lines that are kept. Default 20,000. */
  readonly linesMax?: number | undefined
  /** Merged over core's default, but that the oldest gives way here too. */
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
 * @throws TypeError for an option that is unknown or unusable.
 */
export const recentExporter = (options: RecentExporterOptions = {}): RecentExporter => {
  checkOptions("recentExporter", options, rules)
  const { name = "recent", queue, accepts } = options
  if (queue !== undefined) checkOptions("recentExporter", queue, queueRules, "queue")
  const { bytesMax = recentLimits.bytesMax, linesMax = recentLimits.linesMax } = options
  const recent = new Recent(bytesMax, linesMax)
  return {
    name,
    queue: { ...defaultQueuePolicy, overflow: "drop-oldest", ...queue },
    ...(accepts === undefined ? {} : { accepts }),
    open: (log) => Effect.succeed({ export: (batch) => Effect.sync(() => recent.keep(batch, log)) }),
    get kept() {
      return { lines: recent.lines, bytes: recent.size, forgotten: recent.forgotten }
    },
    bytes: () => recent.bytes(name),
    text: () => new TextDecoder().decode(recent.bytes(name))
  }
}

const gapMark = (log: LogIdentity, fields: GapFields): Uint8Array =>
  log.mark("gap", gapMessage(fields), fields)

const rules: OptionRules = {
  name: optionRule.text("recent"),
  bytesMax: optionRule.numberFrom(1, "bytes", true),
  linesMax: optionRule.numberFrom(1, "lines", true),
  queue: optionRule.object("an object of bounds"),
  accepts: optionRule.callable
}

/** One session of the lines that are kept. */
interface KeptSession {
  /** Makes the mark that says what gave way. */
  readonly log: LogIdentity
  lines: number
  gap: Gap | undefined
  /** Describes the gap as it is now. */
  mark: Uint8Array | undefined
}

interface KeptLine {
  readonly bytes: Uint8Array
  readonly kind: number
  readonly seq: number
  readonly category: string
  readonly session: KeptSession
}

/** The newest lines, in a queue whose oldest end gives way. */
class Recent {
  size = 0
  forgotten = 0
  private readonly queue: (KeptLine | undefined)[] = []
  /** Lines before this index have given way. */
  private first = 0
  /** In the order in which they were met. */
  private readonly sessions = new Map<string, KeptSession>()

  private readonly bytesMax: number
  private readonly linesMax: number

  constructor(bytesMax: number, linesMax: number) {
    this.bytesMax = bytesMax
    this.linesMax = linesMax
  }

  get lines(): number {
    return this.queue.length - this.first
  }

  // A batch's memory is its log's again afterwards, so each line is copied.
  keep(batch: Batch, log: LogIdentity): void {
    const { kind, seq, category, session, names } = batch.columns
    for (let line = 0; line < batch.count; line++) {
      const bytes = batch.bytes(line, line + 1).slice()
      const kept = this.sessionOf(names.session[session[line] as number] ?? "", log)
      this.queue.push({
        bytes,
        kind: kind[line] as number,
        seq: seq[line] as number,
        category: names.category[category[line] as number] ?? "",
        session: kept
      })
      kept.lines += 1
      this.size += bytes.length
    }
    while (this.lines > this.linesMax || this.size > this.bytesMax) this.forgetOldest()
    if (this.first <= this.lines) return
    this.queue.splice(0, this.first)
    this.first = 0
  }

  bytes(exporter: string): Uint8Array<ArrayBuffer> {
    const marks = [...this.sessions.values()].flatMap((session) => {
      const { log, gap } = session
      // The same mark as long as its content is the same: a reader of two downloads counts one hole.
      if (gap !== undefined) session.mark ??= gapMark(log, gap.fields(exporter))
      return session.mark ?? []
    })
    return joinedBytes([...marks, ...this.queue.slice(this.first).flatMap((line) => line?.bytes ?? [])])
  }

  private forgetOldest(): void {
    const oldest = this.queue[this.first]
    this.queue[this.first] = undefined
    this.first += 1
    if (oldest === undefined) return
    const { bytes, kind, seq, category, session } = oldest
    this.size -= bytes.length
    session.lines -= 1
    session.mark = undefined
    if (kind === lineKindNumber.event) {
      this.forgotten += 1
      session.gap ??= new Gap()
      session.gap.add(seq, category, "overflow")
    } else if (kind === lineKindNumber.gap) {
      const mark = decodeLine(bytes)
      session.gap ??= new Gap()
      // The log made the line, so its fields are a gap's.
      if (!("damage" in mark)) session.gap.addMark(mark.fields as unknown as GapFields)
    }
  }

  private sessionOf(name: string, log: LogIdentity): KeptSession {
    const known = this.sessions.get(name)
    if (known !== undefined) return known
    const met: KeptSession = { log, lines: 0, gap: undefined, mark: undefined }
    this.sessions.set(name, met)
    for (const [other, { lines }] of this.sessions) {
      if (this.sessions.size <= recentLimits.sessionsMax) break
      if (lines === 0 && other !== name) this.sessions.delete(other)
    }
    return met
  }
}

// A memory exporter under watch: what it was given, attempt by attempt, and how each ended. It breaks in all the ways of
// the memory exporter, and in some that only a far side knows: it keeps the batch and dies, or hangs, or says no.
// What it sees against the exporter contract it notes as a complaint; a model compares the rest.
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { decodeLine } from "../../src/event/decode-line.ts"
import { levelNumber } from "../../src/event/level.ts"
import { lineKindNumber } from "../../src/event/mark.ts"
import type { Batch } from "../../src/pipeline/batch.ts"
import {
  ExportError,
  type Exporter,
  type LogIdentity,
  type OpenExporter
} from "../../src/pipeline/exporter.ts"
import {
  type Breakage,
  type MemoryExporter,
  type MemoryExporterOptions,
  memoryExporter
} from "../../src/testing/index.ts"

/**
 * `kept-…`: the batch arrives, and then it dies, refuses or does not answer until healed. `stuck`: no answer until
 * healed, and cannot be interrupted. `open-hang`: opening does not answer until healed.
 */
export const troubles = [
  "fail",
  "unknown",
  "refuse",
  "die",
  "hang",
  "open",
  "kept-die",
  "kept-refuse",
  "kept-hang",
  "stuck",
  "open-hang"
] as const
export type Trouble = (typeof troubles)[number]

/** `failed` and `unknown` may be tried again; a batch that is refused, or kills, has a fate of its own. */
export type Ending = "confirmed" | "failed" | "unknown" | "refused" | "died"

export interface EventLine {
  readonly kind: "event"
  readonly seq: number
  readonly id: string
  readonly route: string
}

export interface GapLine {
  readonly kind: "gap"
  readonly id: string
  readonly route: string
  readonly count: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly byCategory: Readonly<Record<string, number>>
  readonly reasons: Readonly<Record<string, number>>
}

export type StreamLine = EventLine | GapLine

/** One call of `export`. */
export interface Attempt {
  readonly session: string
  readonly text: string
  readonly byteLength: number
  readonly lines: readonly StreamLine[]
  /** Absent while it runs. */
  ending?: Ending
  /** The far side has the lines, whatever it answered. */
  isKept: boolean
}

/** Who watches. */
export interface Watcher {
  began(attempt: Attempt, exporter: WatchedExporter): void
  ended(attempt: Attempt, exporter: WatchedExporter): void
  complain(what: string): void
}

export interface WatchedExporterOptions extends MemoryExporterOptions {
  readonly handsOver?: boolean
  readonly durability?: Exporter["durability"]
}

export class WatchedExporter {
  readonly memory: MemoryExporter
  /** What a log is given. */
  readonly exporter: Exporter
  readonly attempts: Attempt[] = []
  trouble: Trouble | undefined
  /** True while a caller of the log is on the stack, where no exporter has any business. */
  isCallerOnStack = false
  /** What ended last, by session: an attempt, or an opening that failed. */
  readonly lastEndings = new Map<string, Ending | "not opened">()
  private readonly running = new Map<string, Attempt>()
  private waiters: (() => void)[] = []
  private readonly watcher: Watcher

  constructor(options: WatchedExporterOptions, watcher: Watcher) {
    this.watcher = watcher
    this.memory = memoryExporter(options)
    const { handsOver, durability } = options
    this.exporter = {
      ...this.memory,
      ...(handsOver === undefined ? {} : { handsOver }),
      ...(durability === undefined ? {} : { durability }),
      open: (log) => this.open(log)
    }
  }

  /** True when healing is the only way on for what it was asked. */
  get isHanging(): boolean {
    return ["hang", "kept-hang", "stuck", "open-hang"].includes(this.trouble ?? "")
  }

  /** One trouble instead of another. One that hangs must be healed first. */
  break(how: Trouble): void {
    this.memory.heal()
    this.trouble = how
    if (isBreakage(how)) this.memory.break(how)
  }

  /** All that the far side has, by session. The routes, which stand in no line, are those of the attempts. */
  get streams(): ReadonlyMap<string, readonly StreamLine[]> {
    const routes = new Map(this.attempts.flatMap(({ lines }) => lines.map(({ id, route }) => [id, route])))
    const streams = new Map<string, StreamLine[]>()
    for (const { kind, head, fields } of this.memory.events) {
      const stream = streams.get(head.session) ?? []
      streams.set(head.session, stream)
      const { id, seq = 0 } = head
      const route = routes.get(id) ?? "?"
      stream.push(kind === "event" ? { kind, seq, id, route } : gapLine(id, route, fields))
    }
    return streams
  }

  heal(): void {
    this.trouble = undefined
    this.memory.heal()
    for (const waiter of this.waiters.splice(0)) waiter()
  }

  private open(log: LogIdentity): Effect.Effect<OpenExporter, ExportError> {
    return Effect.suspend(() => {
      this.expectNoCaller("opened")
      const opening = this.trouble === "open-hang" ? this.healed : Effect.void
      const opened = Effect.scoped(Effect.andThen(opening, this.memory.open(log)))
      const noted = Effect.onExit(opened, (exit) =>
        Effect.sync(() => {
          if (Exit.isFailure(exit)) this.lastEndings.set(log.session, "not opened")
        })
      )
      return Effect.map(noted, (open) => ({ export: (batch) => this.export(log.session, open, batch) }))
    })
  }

  private export(session: string, open: OpenExporter, batch: Batch): Effect.Effect<void, ExportError> {
    return Effect.suspend(() => {
      const attempt = this.begin(session, batch)
      const kept = Effect.tap(open.export(batch), () =>
        Effect.sync(() => {
          attempt.isKept = true
        })
      )
      return Effect.onExit(this.troubled(kept), (exit) => Effect.sync(() => this.end(attempt, batch, exit)))
    })
  }

  private troubled(kept: Effect.Effect<void, ExportError>): Effect.Effect<void, ExportError> {
    switch (this.trouble) {
      case "kept-die":
        return Effect.andThen(kept, Effect.die(new Error("told to die, too late")))
      case "kept-refuse":
        return Effect.andThen(
          kept,
          Effect.fail(
            new ExportError({ reason: "told to refuse, too late", retryable: false, outcome: "unknown" })
          )
        )
      case "kept-hang":
        return Effect.andThen(kept, this.healed)
      case "stuck":
        return Effect.uninterruptible(Effect.andThen(this.healed, kept))
      default:
        return kept
    }
  }

  private begin(session: string, batch: Batch): Attempt {
    this.expectNoCaller("asked to export")
    if (this.running.has(session)) this.watcher.complain("a second operation while one is in flight")
    const text = textOf(batch)
    const last = this.attempts.findLast((other) => other.session === session)
    const isRepeat = last !== undefined && last.ending !== "confirmed" && last.text === text
    const lines = isRepeat ? last.lines : this.linesOf(batch)
    const attempt: Attempt = { session, text, byteLength: batch.bytes().length, lines, isKept: false }
    this.attempts.push(attempt)
    this.running.set(session, attempt)
    this.watcher.began(attempt, this)
    return attempt
  }

  private end(attempt: Attempt, batch: Batch, exit: Exit.Exit<void, ExportError>): void {
    this.running.delete(attempt.session)
    attempt.ending = endingOf(exit)
    if (Exit.isFailure(exit)) {
      const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      if (error?.outcome === "unknown") attempt.isKept = true
    }
    this.lastEndings.set(attempt.session, attempt.ending)
    if (textOf(batch) !== attempt.text) this.watcher.complain("a batch changed while it was in flight")
    this.watcher.ended(attempt, this)
  }

  // The columns must say what the bytes say.
  private linesOf(batch: Batch): readonly StreamLine[] {
    const { columns, count } = batch
    const lines: StreamLine[] = []
    for (let index = 0; index < count; index++) {
      const decoded = decodeLine(batch.bytes(index, index + 1))
      if ("damage" in decoded) {
        this.watcher.complain(`line ${index} of a batch is ${decoded.damage}`)
        continue
      }
      const { head, kind, fields } = decoded
      const { names } = columns
      const route = names.route[columns.route[index] ?? -1] ?? "?"
      const isTrue =
        columns.kind[index] === lineKindNumber[kind] &&
        columns.seq[index] === (head.seq ?? 0) &&
        columns.level[index] === levelNumber[head.level] &&
        columns.time[index] === Date.parse(head.ts) &&
        names.category[columns.category[index] ?? -1] === head.category &&
        names.session[columns.session[index] ?? -1] === head.session
      if (!isTrue) this.watcher.complain(`the columns of line ${index} are not its own`)
      if (kind === "event") lines.push({ kind, seq: head.seq ?? 0, id: head.id, route })
      else if (kind === "gap") lines.push(gapLine(head.id, route, fields))
      else this.watcher.complain(`a ${kind} mark that nobody asked for`)
    }
    return lines
  }

  private expectNoCaller(what: string): void {
    if (this.isCallerOnStack) this.watcher.complain(`${what} on a caller's stack`)
  }

  private readonly healed = Effect.callback<void>((resume) => {
    const waiter = (): void => resume(Effect.void)
    this.waiters.push(waiter)
    return Effect.sync(() => {
      this.waiters = this.waiters.filter((other) => other !== waiter)
    })
  })
}

const isBreakage = (how: Trouble): how is Extract<Trouble, Breakage> =>
  ["fail", "unknown", "refuse", "die", "hang", "open"].includes(how)

const decoder = new TextDecoder("utf-8", { fatal: true })
const textOf = (batch: Batch): string => decoder.decode(batch.bytes())

const gapLine = (id: string, route: string, fields: Readonly<Record<string, unknown>>): GapLine => ({
  kind: "gap",
  id,
  route,
  count: Number(fields.count),
  firstSeq: Number(fields.first_seq),
  lastSeq: Number(fields.last_seq),
  byCategory: fields.by_category as Readonly<Record<string, number>>,
  reasons: fields.reasons as Readonly<Record<string, number>>
})

const endingOf = (exit: Exit.Exit<void, ExportError>): Ending => {
  if (Exit.isSuccess(exit)) return "confirmed"
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (error !== undefined) return error.retryable ? "failed" : "refused"
  return Cause.hasInterruptsOnly(exit.cause) ? "unknown" : "died"
}

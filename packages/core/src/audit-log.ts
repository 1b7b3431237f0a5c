// One log: the plain door, its start at the first event, its end with the process. What is recorded for each method is
// decided here; how it becomes a line is event-recorder.ts's business, and where it goes is pipeline/'s.

import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { host } from "#host"
import {
  type AuditOf,
  type CommitError,
  type CommittingAudit,
  type LogOptions,
  QueueFull,
  type Receipt,
  Refused,
  Unknown,
  type WaitOptions
} from "./audit.ts"
import type { Fields } from "./encode/line-encoder.ts"
import { describeThrown, threwMarker } from "./encode/thrown.ts"
import { isAppName, toAppName } from "./event/app-name.ts"
import { toCategory } from "./event/category.ts"
import type { TypedEvent } from "./event/define-event.ts"
import { LastPages } from "./event/last-pages.ts"
import { isLevel, type Level } from "./event/level.ts"
import { makeStreamKey } from "./event/stream-id.ts"
import { type EventInput, EventRecorder } from "./event-recorder.ts"
import { writerLimits } from "./limits.ts"
import type { Durability, Exporter, LogIdentity } from "./pipeline/exporter.ts"
import type { FlushResult, Health } from "./pipeline/health.ts"
import { Pipeline } from "./pipeline/pipeline.ts"
import { makeUnrefClock } from "./pipeline/unref-clock.ts"

/** What a log is made of. */
export interface AuditLogOptions<Exporters extends readonly Exporter[]> {
  /** `[A-Za-z0-9._-]{1,64}`; any other name is replaced by a hash, with one notice. */
  readonly app: string
  readonly exporters: Exporters
  /** Instead of the host's environment: what exporters read their settings from. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Writes what is left when the process ends. Default true. */
  readonly exitHook?: boolean
  /** Time and timers, for tests. Default: the host's, with timers that never keep the process alive. */
  readonly clock?: Clock.Clock
}

/**
 * Makes a log. Nothing happens before the first event: no file, no timer, no fiber, no session.
 *
 * @throws TypeError when an option is unusable; after that, nothing throws.
 */
export const createAuditLog = <const Exporters extends readonly Exporter[]>(
  options: AuditLogOptions<Exporters>
): AuditOf<Exporters> => {
  if (typeof options?.app !== "string" || options.app === "") {
    throw new TypeError('createAuditLog: option "app" must be a name such as "datatools"')
  }
  if (!Array.isArray(options.exporters)) {
    throw new TypeError('createAuditLog: option "exporters" must be a list such as [fileExporter()]')
  }
  // The type says whether `commit` may be called; the value always has it.
  return new Log(options) as CommittingAudit as AuditOf<Exporters>
}

/** What exists from the first event on. */
interface Running {
  readonly identity: LogIdentity
  readonly pipeline: Pipeline
  readonly recorder: EventRecorder
}

const noticePrefix = "[daybook]"

class Log implements CommittingAudit {
  private readonly app: string
  private readonly clock: Clock.Clock
  private readonly lastPages = new LastPages()
  private readonly healthListeners = new Set<(health: Health) => void>()
  private current: Running | undefined
  private isClosed = false
  private isSessionStarted = false
  private removeExitHook: (() => void) | undefined

  private readonly options: AuditLogOptions<readonly Exporter[]>

  constructor(options: AuditLogOptions<readonly Exporter[]>) {
    this.options = options
    this.app = toAppName(options.app)
    this.clock = options.clock ?? makeUnrefClock(host.unref)
    if (!isAppName(options.app)) {
      this.notice(`the app's name is not [A-Za-z0-9._-]{1,64}; it is written as ${this.app}`)
    }
  }

  log(eventOrCategory: TypedEvent | string, second?: unknown, third?: unknown, fourth?: unknown): void {
    this.record(toInput(eventOrCategory, second, third, fourth))
  }

  sessionStart(extras?: Fields): void {
    if (this.isSessionStarted) return
    this.isSessionStarted = true
    const { identity } = this.running
    const facts: Record<string, unknown> = {
      ...host.facts(),
      tz_offset: timezoneOffset(this.running.recorder.now())
    }
    for (const exporter of this.options.exporters) {
      const told = factsOf(exporter, identity)
      for (const name of Object.keys(told)) if (!Object.hasOwn(facts, name)) facts[name] = told[name]
    }
    this.record({
      category: "session",
      level: "info",
      message: "Session started",
      fields: facts,
      extras,
      isForAll: true
    })
  }

  pageOpen(slug: string, options?: { readonly key?: string }): void {
    const page = toText(slug)
    if (!this.lastPages.isNews(toText(options?.key ?? ""), page)) return
    this.record({ category: "nav", level: "info", message: `Opened ${page}`, fields: { page } })
  }

  exception(where: string, error: unknown, extras?: Fields): void {
    const { type, message, stack, cause } = describeThrown(error)
    const fields = { exc_type: type, exc_message: message, exc_stack: stack, exc_cause: cause }
    this.record({
      category: "error",
      level: "error",
      message: `${toText(where)}: ${type}: ${message}`,
      fields,
      extras
    })
  }

  async commit(event: TypedEvent, extras?: Fields, options?: LogOptions & WaitOptions): Promise<Receipt> {
    const timeoutMs = Math.max(0, options?.timeoutMs ?? writerLimits.commitTimeoutMs)
    const input = toInput(event, extras, options, undefined)
    return this.run(
      Effect.timeoutOrElse(this.committed(input), {
        duration: timeoutMs,
        orElse: () => Effect.fail(new Unknown({ timeoutMs }))
      })
    )
  }

  hasRoom(exporter?: string): boolean {
    return this.current?.pipeline.hasRoom(exporter) ?? true
  }

  room(exporter?: string): Promise<void> {
    const { current } = this
    if (current === undefined || current.pipeline.hasRoom(exporter)) return Promise.resolve()
    return this.run(current.pipeline.room(exporter))
  }

  flush(options?: WaitOptions): Promise<FlushResult> {
    return this.run(this.running.pipeline.flush(options?.timeoutMs ?? writerLimits.flushTimeoutMs))
  }

  close(options?: WaitOptions): Promise<FlushResult> {
    this.isClosed = true
    return this.run(this.running.pipeline.close(options?.timeoutMs ?? writerLimits.flushTimeoutMs))
  }

  health(): Health {
    const { identity, pipeline } = this.running
    return { app: this.app, session: identity.session, exporters: pipeline.health }
  }

  onHealth(listener: (health: Health) => void): () => void {
    this.healthListeners.add(listener)
    return () => {
      this.healthListeners.delete(listener)
    }
  }

  private record(input: EventInput): void {
    const { recorder, pipeline } = this.running
    if (this.isClosed) pipeline.drop(0, input.category, "closed")
    else recorder.record(input)
  }

  private committed(input: EventInput): Effect.Effect<Receipt, CommitError> {
    const { recorder, pipeline } = this.running
    const required = this.options.exporters.filter((exporter) => exporter.required === true)
    const refusedBy = (why: string): CommitError =>
      new Refused({ exporter: required.map(({ name }) => name).join(", "), why })
    return Effect.callback<Receipt, CommitError>((resume) => {
      if (this.isClosed) {
        pipeline.drop(0, input.category, "closed")
        return resume(Effect.fail(refusedBy("the log is closed")))
      }
      if (required.length === 0) return resume(Effect.fail(refusedBy("no exporter of this log is required")))
      let open = required.length
      let stop = (): void => undefined
      const isRecorded = recorder.record(input, (arrival, facts, end) => {
        stop = pipeline.commit(arrival, facts, end, ({ name }, settlement) => {
          open -= 1
          if (settlement === "overflow") resume(Effect.fail(new QueueFull({ exporter: name })))
          else if (settlement !== "confirmed")
            resume(Effect.fail(new Refused({ exporter: name, why: settlement })))
          else if (open === 0)
            resume(Effect.succeed({ durability: leastDurable(required), seq: arrival.head.seq }))
        })
      })
      if (!isRecorded) resume(Effect.fail(refusedBy("the event could not be encoded")))
      return Effect.sync(() => stop())
    })
  }

  private get running(): Running {
    this.current ??= this.begin()
    return this.current
  }

  private begin(): Running {
    const streamKey = makeStreamKey()
    const identity: LogIdentity = {
      app: this.app,
      session: streamKey.slice(0, 8),
      streamKey,
      env: this.options.env ?? host.env,
      notice: (text) => this.notice(text)
    }
    const pipeline: Pipeline = new Pipeline(
      this.options.exporters,
      {
        identity,
        mark: (hole, exporter) => recorder.gapMark(hole, exporter),
        // `runForkWith` would run the first steps on this stack, which may be an application's call.
        fork: (effect) => void Effect.runForkWith(this.context)(Effect.andThen(Effect.yieldNow, effect)),
        random: Math.random,
        now: () => recorder.now()
      },
      () => this.healthChanged()
    )
    const recorder = new EventRecorder(pipeline, streamKey, this.clock)
    if (this.options.exitHook !== false) this.removeExitHook = host.onExit(this.exitHook(pipeline))
    return { identity, pipeline, recorder }
  }

  private exitHook(pipeline: Pipeline): { lastWrite(): void; uncaught(error: unknown): void } {
    return {
      lastWrite: () => {
        const left = pipeline.lastWrite(writerLimits.flushTimeoutMs)
        if (left > 0) this.notice(`${left} events could not be written before the process ended`)
      },
      uncaught: (error) => this.exception("uncaught", error)
    }
  }

  private healthChanged(): void {
    for (const listener of this.healthListeners) {
      try {
        listener(this.health())
      } catch (error) {
        this.notice(`a health listener threw: ${threwMarker(error)}`)
      }
    }
    const { current } = this
    if (this.isClosed && current?.pipeline.health.every(({ state }) => state === "closed"))
      this.removeExitHook?.()
  }

  private get context(): Context.Context<never> {
    return Context.make(Clock.Clock, this.clock)
  }

  // Somebody awaits us, so the process stays until we have answered; our own timers would let it go.
  private async run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    const release = host.hold()
    try {
      return await Effect.runPromiseWith(this.context)(effect)
    } finally {
      release()
    }
  }

  private notice(text: string): void {
    host.notice(`${noticePrefix} ${this.app}: ${printable(text)}`)
  }
}

const durabilities: readonly Durability[] = ["os", "synced", "remote"]

const leastDurable = (exporters: readonly Exporter[]): Durability => {
  const least = Math.min(...exporters.map(({ durability }) => durabilities.indexOf(durability ?? "os")))
  return durabilities[least] ?? "os"
}

// The two forms of `log`, and whatever a caller without types makes of them.
const toInput = (first: unknown, second: unknown, third: unknown, fourth: unknown): EventInput => {
  if (isTypedEvent(first)) {
    const { definition, fields } = first
    const { category } = definition
    const level = levelFrom(third) ?? definition.level
    return { category, level, message: messageOf(first), definition, fields, extras: second }
  }
  const category = toCategory(toText(first))
  return { category, level: levelFrom(fourth) ?? "info", message: toText(second), extras: third }
}

const isTypedEvent = (value: unknown): value is TypedEvent =>
  typeof value === "object" && value !== null && "definition" in value && "fields" in value

const messageOf = ({ definition, fields }: TypedEvent): string => {
  try {
    return toText(definition.message(fields))
  } catch (error) {
    return threwMarker(error)
  }
}

const levelFrom = (options: unknown): Level | undefined => {
  const level = (options as LogOptions | undefined | null)?.level
  return isLevel(level) ? level : undefined
}

const toText = (value: unknown): string => (typeof value === "string" ? value : describeThrown(value).message)

const factsOf = (exporter: Exporter, identity: LogIdentity): Fields => {
  try {
    return exporter.facts?.(identity) ?? {}
  } catch {
    return {}
  }
}

/** "+02:00" for a time zone two hours east of Greenwich. */
const timezoneOffset = (timeMs: number): string => {
  const minutes = -new Date(timeMs).getTimezoneOffset()
  if (Number.isNaN(minutes)) return "?"
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0")
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}

// A path or an error text may hold a line break or a terminal's escape sequence.
const printable = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`
  )

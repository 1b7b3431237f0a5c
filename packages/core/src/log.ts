// One log: what each call records, its start at the first event, its end with the process. How an event becomes a line
// is event-recorder.ts's business, and where it goes is pipeline/'s. Both doors, audit-log.ts for plain code and
// audit-log-service.ts for Effect programs, open onto this.

import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { host } from "#host"
import { type CommitError, type Receipt, Unknown } from "./audit.ts"
import { toText, waitLimit } from "./call.ts"
import { commitEvent, refusedBy } from "./commit.ts"
import { currentContext } from "./context.ts"
import type { Fields } from "./encode/fields.ts"
import { describeThrown, threwMarker } from "./encode/thrown.ts"
import { isAppName, toAppName } from "./event/app-name.ts"
import { operationDefinition } from "./event/built-in.ts"
import { LastPages } from "./event/last-pages.ts"
import type { Level } from "./event/level.ts"
import { makeStreamKey } from "./event/stream-id.ts"
import { readTrace, type TraceSource } from "./event/trace-context.ts"
import { type EventInput, EventRecorder, type Surroundings } from "./event-recorder.ts"
import type { ExitHook } from "./host/host.ts"
import { writerLimits } from "./limits.ts"
import { type Operation, timeOperation } from "./operation.ts"
import type { Exporter, LogIdentity } from "./pipeline/exporter.ts"
import type { FlushResult, Health } from "./pipeline/health.ts"
import { Pipeline } from "./pipeline/pipeline.ts"
import { makeUnrefClock, timeOf } from "./pipeline/unref-clock.ts"
import { type Allowed, Recording, type RecordingChange } from "./recording.ts"
import { sessionFacts } from "./session-facts.ts"

/** What a log is made of. */
export interface AuditLogOptions<Exporters extends readonly Exporter[]> {
  /** `[A-Za-z0-9._-]{1,64}`; any other name is replaced by a hash, with one notice. */
  readonly app: string
  readonly exporters: Exporters
  /** False makes every call do nothing. `<APP>_AUDIT_ENABLED=1` or `=0` overrules it. */
  readonly enabled?: boolean | undefined
  /** The categories to record: "all" (the default), or a list; an empty one records session lines only. */
  readonly allow?: Allowed | undefined
  /** The least level to record. Default "debug". */
  readonly level?: Level | undefined
  /** Instead of the host's environment: what exporters read their settings from. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The key of pseudonyms: 32 random characters or more, the same for all who must tell people apart alike. */
  readonly pseudonymKey?: string | undefined
  /** Gets what the people who run the application should know, one line at a time. Default: stderr. */
  readonly notice?: ((line: string) => void) | undefined
  /** Writes what is left when the process ends. Default true. */
  readonly exitHook?: boolean | undefined
  /** The span that is active at a call, for plain code: see `TraceContext`. Effect programs need none. */
  readonly traceSource?: TraceSource | undefined
  /** Time and timers, for tests. Default: the host's, with timers that never keep the process alive. */
  readonly clock?: Clock.Clock | undefined
}

/** What exists from the first call on. */
interface Running {
  readonly identity: LogIdentity
  readonly pipeline: Pipeline
  readonly recorder: EventRecorder
}

export class Log {
  private readonly options: AuditLogOptions<readonly Exporter[]>
  private readonly app: string
  private readonly clock: Clock.Clock
  private readonly lastPages = new LastPages()
  private readonly healthListeners = new Set<(health: Health) => void>()
  private readonly recording: Recording
  private current: Running | undefined
  private isClosed = false
  private isSessionStarted = false
  private removeExitHook: (() => void) | undefined

  /** @throws TypeError when an option is unusable; after that, nothing throws. */
  constructor(options: AuditLogOptions<readonly Exporter[]>) {
    if (typeof options?.app !== "string" || options.app === "") {
      throw new TypeError('createAuditLog: option "app" must be a name such as "datatools"')
    }
    if (!Array.isArray(options.exporters)) {
      throw new TypeError('createAuditLog: option "exporters" must be a list such as [fileExporter()]')
    }
    this.options = options
    this.app = toAppName(options.app)
    this.clock = options.clock ?? makeUnrefClock(host.unref)
    this.recording = new Recording(this.app, options.env ?? host.env, options)
    if (!isAppName(options.app)) {
      this.notice(`the app's name is not [A-Za-z0-9._-]{1,64}; it is written as ${this.app}`)
    }
  }

  /** An application's event. */
  record(input: EventInput, around?: Surroundings): void {
    if (this.recording.lets("event")) this.write(input, around)
  }

  private write(input: EventInput, around: Surroundings = this.surroundings()): void {
    if (!this.isWanted(input)) return
    const { recorder, pipeline } = this.running
    this.trace?.("record", { category: input.category, level: input.level, closed: this.isClosed })
    if (this.isClosed) pipeline.drop(0, input.category, "closed")
    else recorder.record(input, around)
  }

  /** True when events of this category and level, or operations of this name, are recorded. */
  isEnabled(category: string, level: Level): boolean {
    return this.recording.records(category, level, category)
  }

  /** Changes what is recorded from now on, and records that. */
  setRecording(rules: RecordingChange, around?: Surroundings): void {
    const before = this.recording.rules
    this.recording.change(rules)
    const { allow, level } = this.recording.rules
    const fields = { allow, level_min: level, allow_before: before.allow, level_min_before: before.level }
    const message = "Recording rules changed"
    this.write({ category: "session", level: "info", message, fields, isForAll: true }, around)
  }

  /** What surrounds a call of plain code. */
  surroundings(): Surroundings {
    return { context: currentContext(), trace: readTrace(this.options.traceSource) }
  }

  sessionStart(extras?: Fields, around?: Surroundings): void {
    if (this.isSessionStarted || !this.recording.lets("session-start")) return
    this.isSessionStarted = true
    const { identity, recorder } = this.running
    const fields = sessionFacts(this.options.exporters, identity, recorder.now())
    const message = "Session started"
    this.write({ category: "session", level: "info", message, fields, extras, isForAll: true }, around)
  }

  /**
   * The slug and the key may be anything; both are told apart by their text. Without a key, the context's user or UI
   * session is it, else all openings of this log are one person's.
   */
  pageOpen(slug: unknown, key?: unknown, around: Surroundings = this.surroundings()): void {
    if (!this.recording.lets("page-open")) return
    const page = toText(slug)
    const whose = key ?? around.context?.user ?? around.context?.ui_session ?? ""
    if (!this.lastPages.isNews(toText(whose), page)) return
    this.write({ category: "nav", level: "info", message: `Opened ${page}`, fields: { page } }, around)
  }

  exception(where: string, error: unknown, extras?: Fields, around?: Surroundings): void {
    const { type, message, stack, cause } = describeThrown(error)
    const fields = { exc_type: type, exc_message: message, exc_stack: stack, exc_cause: cause }
    const text = `${toText(where)}: ${type}: ${message}`
    this.record({ category: "error", level: "error", message: text, fields, extras }, around)
  }

  timed<A>(action: string, extras: Fields, run: (operation: Operation) => A | PromiseLike<A>): Promise<A> {
    const around = this.surroundings()
    const clock = {
      now: () => timeOf(this.clock),
      monotonicMs: () => Number(this.clock.monotonicTimeNanosUnsafe()) / nanosPerMs
    }
    return timeOperation(toText(action), run, clock, (fields) => {
      const level = fields.outcome === "success" ? "info" : "error"
      const { category } = operationDefinition
      const message = operationDefinition.message(fields)
      this.record(
        { category, level, message, definition: operationDefinition, fields, extras, name: action },
        around
      )
    })
  }

  commit(
    input: EventInput,
    options: unknown,
    around: Surroundings = this.surroundings()
  ): Effect.Effect<Receipt, CommitError> {
    const timeoutMs = waitLimit(options, writerLimits.commitTimeoutMs)
    const timedOut = (): Effect.Effect<never, Unknown> => Effect.fail(new Unknown({ timeoutMs }))
    const committed = Effect.suspend(() => {
      const { recorder, pipeline } = this.running
      const { required } = pipeline
      if (required.length === 0)
        return Effect.fail(refusedBy(required, "no exporter of this log is required"))
      if (!this.isWanted(input))
        return Effect.fail(refusedBy(required, "this log does not record such events"))
      if (!this.isClosed) return commitEvent(recorder, pipeline, input, around)
      pipeline.drop(0, input.category, "closed")
      return Effect.fail(refusedBy(required, "the log is closed"))
    })
    return this.onClock(Effect.timeoutOrElse(committed, { duration: timeoutMs, orElse: timedOut }))
  }

  hasRoom(exporter?: string): boolean {
    return this.current?.pipeline.hasRoom(exporter) ?? true
  }

  room(exporter?: string): Effect.Effect<void> {
    return Effect.suspend(() => this.current?.pipeline.room(exporter) ?? Effect.void)
  }

  flush(options?: unknown): Effect.Effect<FlushResult> {
    return this.onClock(
      Effect.suspend(() => {
        const timeoutMs = waitLimit(options, writerLimits.flushTimeoutMs)
        this.trace?.("flush", { timeout_ms: timeoutMs })
        return this.current?.pipeline.flush(timeoutMs) ?? Effect.succeed(this.nothing)
      })
    )
  }

  close(options?: unknown): Effect.Effect<FlushResult> {
    return this.onClock(
      Effect.suspend(() => {
        const timeoutMs = waitLimit(options, writerLimits.flushTimeoutMs)
        this.isClosed = true
        this.trace?.("close", { timeout_ms: timeoutMs })
        return this.current?.pipeline.close(timeoutMs) ?? Effect.succeed(this.nothing)
      })
    )
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

  /** Runs an effect for plain code. Somebody awaits us, so the process stays until we have answered. */
  async run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    const release = host.hold()
    try {
      return await Effect.runPromise(effect)
    } finally {
      release()
    }
  }

  // Session lines are always recorded: without them a file does not say whose it is, or what it leaves out.
  private isWanted(input: EventInput): boolean {
    if (input.isForAll === true) return this.recording.isOn
    return this.recording.records(input.category, input.level, input.name)
  }

  // Before the first event there is nothing to wait for, and nothing is started for the sake of a question.
  private get nothing(): FlushResult {
    const none = { accepted: 0, written: 0, handedOver: 0, dropped: 0, pending: 0 }
    return {
      complete: true,
      ...none,
      exporters: this.options.exporters.map(({ name }) => ({ name, ...none }))
    }
  }

  /** One line for each step, when `<APP>_AUDIT_TRACE=1` asks for it. */
  private get trace(): ((what: string, values: Fields) => void) | undefined {
    if (!this.recording.isTraced) return undefined
    return (what, values) => {
      const pairs = Object.keys(values).map((key) => `${key}=${toText(values[key])}`)
      this.tell(`[audit] ${[what, ...pairs].join(" ")}`)
    }
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
      now: () => timeOf(this.clock),
      notice: (text) => this.notice(text)
    }
    const pipeline: Pipeline = new Pipeline(
      this.options.exporters,
      {
        identity,
        mark: (hole, exporter) => recorder.gapMark(hole, exporter),
        fork: (effect) => this.fork(effect),
        random: Math.random
      },
      () => this.healthChanged()
    )
    const recorder = new EventRecorder(pipeline, streamKey, this.clock, this.pseudonymOf)
    if (this.options.exitHook !== false) this.removeExitHook = host.onExit(this.exitHook(pipeline))
    this.trace?.("start", { session: identity.session })
    return { identity, pipeline, recorder }
  }

  // 128 of the 256 bits: enough that two people never share one, short enough to read and to compare.
  private get pseudonymOf(): ((text: string) => string) | undefined {
    const { pseudonymKey } = this.options
    const { hmacSha256 } = host
    if (pseudonymKey === undefined || hmacSha256 === undefined) return undefined
    return (text) => `hmac:${hmacSha256(pseudonymKey, text).slice(0, 32)}`
  }

  // `runForkWith` runs the first steps on this stack, which may be an application's call: yield before anything else.
  private fork(effect: Effect.Effect<void>): void {
    Effect.runForkWith(Context.make(Clock.Clock, this.clock))(Effect.andThen(Effect.yieldNow, effect))
  }

  private onClock<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.provideService(effect, Clock.Clock, this.clock)
  }

  private exitHook(pipeline: Pipeline): ExitHook {
    let leftTold = 0
    return {
      idle: () => this.run(this.flush()),
      lastWrite: () => {
        const left = pipeline.lastWrite(writerLimits.flushTimeoutMs)
        // An uncaught error comes here twice: before the process ends, and when it does.
        const isNews = left > 0 && left !== leftTold
        leftTold = left
        if (isNews) this.notice(`${left} events could not be written before the process ended`)
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
    const isEnded =
      this.isClosed && this.current?.pipeline.health.every(({ state }) => state === "closed") === true
    if (isEnded) this.removeExitHook?.()
  }

  private notice(text: string): void {
    this.tell(`${noticePrefix} ${this.app}: ${text}`)
  }

  private tell(line: string): void {
    try {
      ;(this.options.notice ?? host.notice)(printable(line))
    } catch {
      // Nobody is left to be told that nobody can be told.
    }
  }
}

const nanosPerMs = 1e6
const noticePrefix = "[daybook]"

// A path or an error text may hold a line break or a terminal's escape sequence.
const printable = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`
  )

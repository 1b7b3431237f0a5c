// The life of one log: its start at the first event, its fibers, what waits for it, and its end. What each call records
// is in calls.ts, how an event becomes a line in recorder.ts, and where the line goes in pipeline/.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { host } from "#host"
import { errorInWords } from "../encode/described.ts"
import type { Fields } from "../encode/fields.ts"
import { Keys } from "../encode/keys.ts"
import { isAppName, toAppName } from "../event/app-name.ts"
import { sessionEnded, sessionStarted } from "../event/built-in.ts"
import { makeStreamKey } from "../event/stream-id.ts"
import { readTrace, type TraceContext } from "../event/trace-context.ts"
import type { ExitHook, Host } from "../host/host.ts"
import { writerLimits } from "../limits.ts"
import type { Exporter, LogIdentity } from "../pipeline/exporter.ts"
import { type FlushResult, type Health, none, unstartedHealth } from "../pipeline/health.ts"
import { Pipeline } from "../pipeline/pipeline.ts"
import { makeUnrefClock, monotonicMsOf, timeOf } from "../pipeline/unref-clock.ts"
import {
  type CommitDone,
  type CommitError,
  commitEvent,
  commitPromise,
  type Receipt,
  refusedBy,
  Unknown
} from "./commit.ts"
import { currentContext } from "./context.ts"
import { makeExitHook } from "./exit-hook.ts"
import { type Fibers, makeFibers } from "./fibers.ts"
import { toBuiltIn, toException, waitLimit } from "./input.ts"
import { Notices } from "./notices.ts"
import { type OperationClock, wholeMs } from "./operation.ts"
import { type AuditLogOptions, checkLogOptions } from "./options.ts"
import { type EventInput, EventRecorder, type Surroundings } from "./recorder.ts"
import { type CallKind, Recording } from "./recording.ts"
import { sessionFacts } from "./session-facts.ts"
import { TimeLimits } from "./time-limits.ts"

/** What exists from the first call on. */
interface Running {
  readonly pipeline: Pipeline
  readonly recorder: EventRecorder
}

/** What lets a log act. A rehearsal hands in one on which nothing happens. */
export type Stage = Pick<Host, "nextTurn" | "onExit" | "isEnding">

export class Log {
  private readonly options: AuditLogOptions<readonly Exporter[]>
  private readonly stage: Stage
  private readonly app: string
  private readonly clock: Clock.Clock
  private readonly fibers: Fibers
  private readonly healthListeners = new Set<(health: Health) => void>()
  /** Whether, and what, is recorded. */
  readonly recording: Recording
  /** What is known of keys, and which of them are secret here. */
  readonly keys: Keys
  private readonly notices: Notices
  private madeIdentity: LogIdentity | undefined
  private current: Running | undefined
  /** Calls that came where no log can start, or no call has room on the stack: they are counted as soon as one can. */
  missed = 0
  private isClosed = false
  /** Time that is left for calls after the last moment of the process: they write at once. */
  private lateMs: number | undefined
  /** Monotonic; absent until a session line was asked for. */
  private sessionStartedMs: number | undefined
  /** The log's own clock, for what is timed. */
  readonly time: OperationClock = {
    now: () => timeOf(this.clock),
    monotonicMs: () => monotonicMsOf(this.clock)
  }
  private readonly limits = new TimeLimits(
    (effect) => this.fibers.fork(effect),
    host.nextTurn,
    this.time.monotonicMs
  )
  private removeExitHook: (() => void) | undefined

  /** @throws TypeError when an option is unusable; after that, nothing throws. */
  constructor(options: AuditLogOptions<readonly Exporter[]>, stage: Stage = host) {
    checkLogOptions(options)
    this.options = options
    this.stage = stage
    this.app = toAppName(options.app)
    this.keys = new Keys(options.redact)
    this.clock = options.clock ?? makeUnrefClock(host.unref)
    this.fibers = makeFibers(this.clock, stage.nextTurn)
    this.recording = new Recording(this.app, options.env ?? host.env, options)
    this.notices = new Notices(this.app, options.notice ?? host.notice, this.recording.isTraced, this.keys)
    for (const text of this.recording.ignored) this.notices.tell(text)
    if (!isAppName(options.app)) {
      this.notices.tell(`option "app" is not [A-Za-z0-9._-]{1,64}; its hash ${this.app} is used instead`)
    }
  }

  /** The first event has come. */
  get hasBegun(): boolean {
    return this.current !== undefined
  }

  /** An application's event. */
  record(input: EventInput, around?: Surroundings): void {
    if (this.lets("event")) this.write(input, around)
  }

  /** False, and seen in the trace, when a probe or the switch takes calls of this kind away. */
  lets(kind: CallKind): boolean {
    if (this.recording.lets(kind)) return true
    this.notices.trace?.("skip", { call: kind, by: this.recording.skippedBy })
    return false
  }

  /** An event that no probe takes away: core's own. */
  write(input: EventInput, around: Surroundings = this.surroundings()): void {
    if (!this.isWanted(input)) return
    const running = this.start()
    if (running === undefined) return
    this.settle(running)
    const { category, level } = input
    this.notices.trace?.("record", { category, level, closed: this.isClosed })
    if (this.isClosed) running.pipeline.dropUnseen(1, "closed")
    else running.recorder.record(input, around)
    if (this.lateMs !== undefined) this.writeLate(this.lateMs)
  }

  // Nothing comes after: the process has had its last moment, or is in it, and this call came from an `exit` listener.
  private writeLate(limitMs: number): void {
    if (limitMs <= 0) return
    const beganAt = performance.now()
    this.writeNow(limitMs)
    this.lateMs = limitMs - (performance.now() - beganAt)
  }

  /** What surrounds a call of plain code. */
  surroundings(): Surroundings {
    return { context: currentContext(), trace: this.trace() }
  }

  /** The span that the log's own source knows. */
  trace(): TraceContext | undefined {
    return readTrace(this.options.traceSource)
  }

  sessionStart(extras?: Fields, around?: Surroundings): void {
    if (this.sessionStartedMs !== undefined || !this.lets("session-start")) return
    const running = this.start()
    if (running === undefined) return
    this.sessionStartedMs = this.time.monotonicMs()
    const fields = sessionFacts(this.options.exporters, this.identity, running.recorder.now())
    this.write(toBuiltIn(sessionStarted, fields, { extras, isForAll: true }), around)
  }

  // Marks a session that was closed; one that broke off lacks this line. A session that was not started has no end.
  private sessionEnd(): void {
    const { sessionStartedMs } = this
    if (sessionStartedMs === undefined || this.isClosed) return
    const fields = { duration_ms: wholeMs(this.time.monotonicMs() - sessionStartedMs) }
    this.write(toBuiltIn(sessionEnded, fields, { isForAll: true }))
  }

  commit(
    input: EventInput,
    options: unknown,
    around: Surroundings = this.surroundings()
  ): Effect.Effect<Receipt, CommitError> {
    const timeoutMs = waitLimit(options, writerLimits.commitTimeoutMs)
    const timedOut = (): Effect.Effect<never, Unknown> => Effect.fail(new Unknown({ timeoutMs }))
    const committed = Effect.suspend(() => {
      const pipeline = this.start()?.pipeline
      const answer: Effect.Effect<Receipt, CommitError> = Effect.callback((resume) =>
        Effect.sync(this.beginCommit(input, around, resume))
      )
      return pipeline === undefined ? answer : pipeline.attended(pipeline.requiredWriters, answer)
    })
    return this.onClock(Effect.timeoutOrElse(committed, { duration: timeoutMs, orElse: timedOut }))
  }

  /** The same for plain code. */
  commitNow(input: EventInput, options: unknown): Promise<Receipt> {
    if (host.isRequestBound) return this.run(this.commit(input, options))
    const timeoutMs = waitLimit(options, writerLimits.commitTimeoutMs)
    const begin = (done: CommitDone): (() => void) => this.beginCommit(input, this.surroundings(), done)
    return commitPromise(begin, this.limits, timeoutMs, host.hold)
  }

  private beginCommit(input: EventInput, around: Surroundings, done: CommitDone): () => void {
    const refuse = (required: readonly Exporter[], why: string): (() => void) => {
      done(Exit.fail(refusedBy(required, why)))
      return () => undefined
    }
    const running = this.start()
    if (running === undefined) return refuse(this.options.exporters, "no log can start here")
    const { recorder, pipeline } = running
    const { required } = pipeline
    if (required.length === 0) return refuse(required, "no exporter of this log is required")
    if (!this.isWanted(input)) return refuse(required, "this log does not record such events")
    if (!this.isClosed) return commitEvent(recorder, pipeline, input, around, done)
    pipeline.dropUnseen(1, "closed")
    return refuse(required, "the log is closed")
  }

  hasRoom(exporter?: string): boolean {
    return this.current?.pipeline.hasRoom(exporter) ?? true
  }

  room(exporter?: string): Effect.Effect<void> {
    return this.onClock(Effect.suspend(() => this.current?.pipeline.room(exporter) ?? Effect.void))
  }

  flush(options?: unknown): Effect.Effect<FlushResult> {
    return this.onClock(
      Effect.suspend(() => {
        const timeoutMs = waitLimit(options, writerLimits.flushTimeoutMs)
        this.notices.trace?.("flush", { timeout_ms: timeoutMs })
        return this.settled(
          Effect.suspend(() => this.current?.pipeline.flush(timeoutMs) ?? Effect.succeed(this.nothing))
        )
      })
    )
  }

  close(options?: unknown): Effect.Effect<FlushResult> {
    return this.onClock(
      Effect.suspend(() => {
        const timeoutMs = waitLimit(options, writerLimits.flushTimeoutMs)
        this.sessionEnd()
        this.isClosed = true
        this.notices.trace?.("close", { timeout_ms: timeoutMs })
        return this.settled(
          Effect.suspend(() => this.current?.pipeline.close(timeoutMs) ?? Effect.succeed(this.nothing))
        )
      })
    )
  }

  /** Asking starts nothing but the session's name: before the first event, every exporter is yet to be opened. */
  health(): Health {
    const { current, options } = this
    if (current !== undefined) this.settle(current)
    const exporters = current?.pipeline.health ?? options.exporters.map(({ name }) => unstartedHealth(name))
    return { app: this.app, session: this.session, exporters }
  }

  onHealth(listener: (health: Health) => void): () => void {
    this.healthListeners.add(listener)
    return () => {
      this.healthListeners.delete(listener)
    }
  }

  /** Runs an effect for plain code. */
  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    return this.fibers.run(effect)
  }

  /** Writes synchronously what is queued, as far as the exporters can. Returns how many events are left. */
  writeNow(limitMs: number = writerLimits.flushTimeoutMs): number {
    const { current } = this
    if (current === undefined) return 0
    this.settle(current)
    return current.pipeline.lastWrite(limitMs)
  }

  // Session lines are always recorded: without them a file does not say whose it is, or what it leaves out.
  private isWanted(input: EventInput): boolean {
    const { recording } = this
    if (input.isForAll === true ? recording.isOn : recording.wants(input)) return true
    const { category, level } = input
    this.notices.trace?.("skip", { category, level, by: recording.isOn ? "rules" : recording.skippedBy })
    return false
  }

  // Before the first event there is nothing to wait for, and nothing is started for the sake of a question.
  private get nothing(): FlushResult {
    const exporters = this.options.exporters.map(({ name }) => ({ name, ...none }))
    return { complete: true, ...none, exporters }
  }

  // Nothing can start at the top of a worker's module: no random numbers, no timers. A call there is counted once
  // something can.
  private start(): Running | undefined {
    if (this.current !== undefined) return this.current
    try {
      this.current = this.begin()
    } catch (error) {
      this.notices.trace?.("cannot start here", { why: errorInWords(error) })
      this.missed += 1
      return undefined
    }
    return this.current
  }

  // Counts what was broken off. False while a call is under way, or may be: its event is settled in a microtask.
  private settle({ pipeline, recorder }: Running): boolean {
    if (this.missed > 0) {
      pipeline.dropUnseen(this.missed, "defect")
      this.missed = 0
    }
    return recorder.isSettled || recorder.settle()
  }

  // The same for those who wait: an event that was broken off has its hole before they are answered.
  private settled<A>(answer: Effect.Effect<A>): Effect.Effect<A> {
    const { current } = this
    return current === undefined || this.settle(current) ? answer : Effect.andThen(Effect.yieldNow, answer)
  }

  private get identity(): LogIdentity {
    this.madeIdentity ??= this.makeIdentity()
    return this.madeIdentity
  }

  private makeIdentity(): LogIdentity {
    const streamKey = makeStreamKey()
    return {
      app: this.app,
      session: streamKey.slice(0, 8),
      streamKey,
      env: this.options.env ?? host.env,
      now: () => timeOf(this.clock),
      monotonicMs: this.time.monotonicMs,
      notice: (text) => this.notices.tell(text),
      trace: this.notices.trace,
      mark: (kind, message, fields) =>
        this.current?.recorder.mark(kind, message, { ...fields }).bytes ?? new Uint8Array()
    }
  }

  private get session(): string {
    try {
      return this.identity.session
    } catch {
      return ""
    }
  }

  private begin(): Running {
    const { identity } = this
    const pipeline: Pipeline = new Pipeline(
      this.options.exporters,
      {
        identity,
        names: this.keys,
        gapMark: (gap, exporter) => recorder.gapMark(gap, exporter),
        fork: (effect) => this.fibers.fork(effect),
        nextTurn: this.stage.nextTurn,
        settle: () => recorder.settleInOwnTurn(),
        random: Math.random,
        isRequestBound: host.isRequestBound
      },
      () => this.healthChanged()
    )
    const recorder = new EventRecorder(pipeline, identity.streamKey, this.clock, this.keys, this.pseudonymOf)
    // A log that was closed before its first event only counts: nothing opens, and no exit hook is set.
    if (this.isClosed) pipeline.end()
    else if (this.options.exitHook !== false) {
      this.removeExitHook ??= this.stage.onExit(this.exitHook())
      if (this.stage.isEnding?.() === true) this.lateMs = writerLimits.flushTimeoutMs
    }
    this.notices.trace?.("start", { session: identity.session })
    return { pipeline, recorder }
  }

  private exitHook(): ExitHook {
    return makeExitHook({
      flush: () => this.run(this.flush()),
      writeNow: (limitMs) => this.writeNow(limitMs),
      uncaught: (error) => this.record(toException("uncaught", error)),
      ends: () => {
        this.lateMs ??= writerLimits.flushTimeoutMs
      },
      notices: this.notices
    })
  }

  // 128 of the 256 bits: enough that two people never share one, short enough to read and to compare.
  private get pseudonymOf(): ((text: string) => string) | undefined {
    const { pseudonymKey } = this.options
    const { hmacSha256 } = host
    if (pseudonymKey === undefined || hmacSha256 === undefined) return undefined
    return (text) => `hmac:${hmacSha256(pseudonymKey, text).slice(0, 32)}`
  }

  private onClock<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.provideService(effect, Clock.Clock, this.clock)
  }

  private healthChanged(): void {
    for (const listener of this.healthListeners) {
      try {
        listener(this.health())
      } catch (error) {
        this.notices.tell(`a listener of onHealth threw: ${errorInWords(error)}`)
      }
    }
    const isEnded =
      this.isClosed && this.current?.pipeline.health.every(({ state }) => state === "closed") === true
    if (isEnded) this.removeExitHook?.()
  }
}

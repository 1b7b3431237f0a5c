// The one fiber that empties an exporter's queue. One idea: everything that can happen to it. The batch in flight belongs to
// the writer until it is confirmed or given up: a defect restarts the fiber, not the batch. A change of
// state makes one notice; single events never do.

//              first event            open ok                 work            batch confirmed
//   (nothing) ────────────▶ opening ──────────▶ idle ───────────────▶ writing ────────────────▶ idle
//                              │ fails                                  │ fails / dies      ▲
//                              └──────────────▶ degraded ◀─────────────┘                   │ success
//                                                │  ▲ backoff, capped, ±20 %                │
//                                                └──┴───────────────────────────────────────┘
//   An operation past its time limit: stalled until it comes back. After close and the last batch: closed.

import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type SecretNames, withoutSecrets } from "../encode/text-patterns.ts"
import type { DropReason } from "../event/mark.ts"
import { writerLimits } from "../limits.ts"
import { describeDefect, finishNowBy, lastWriteBy, withinLimit } from "./attempt.ts"
import { Attendance } from "./attendance.ts"
import { type Backoff, backoffMs } from "./backoff.ts"
import type { LooseLine } from "./batch.ts"
import { ExportError, type Exporter, type LogIdentity, type OpenExporter, type Trace } from "./exporter.ts"
import type { Gap } from "./gap.ts"
import type { ExporterHealth, ExporterState } from "./health.ts"
import { Parts, refusedOf } from "./parts.ts"
import { type NextTurn, Signal } from "./signal.ts"
import { Trouble, type TroubleKind } from "./trouble.ts"
import { type Settlement, Waits } from "./waits.ts"
import { linesIn, type TakenBatch, type WriterQueue } from "./writer-queue.ts"

/** What a writer needs of its log. */
export interface WriterHost {
  readonly identity: LogIdentity
  /** Which names are secret: an error's text may have their values. */
  readonly names: SecretNames
  /** Encodes a gap mark. */
  gapMark(gap: Gap, exporter: string): LooseLine
  /** Starts a fiber on the log's clock, in the next turn. */
  fork(effect: Effect.Effect<void>): void
  nextTurn: NextTurn
  /** Drops events that an exception broke off. Only in turns of our own, where no call is under way. */
  settle(): void
  /** 0 ≤ x < 1, for the jitter. */
  random(): number
  /** No fiber may work in the background: a request that waits does the work. See attendance.ts. */
  readonly isRequestBound?: boolean | undefined
  /** The queue has become shorter or the state another: there may be room. `isNews`: trouble began, changed or ended. */
  onChange(isNews: boolean): void
  /** Default: `writerBackoff`. */
  readonly backoff?: Backoff | undefined
  /** Lines of one batch that are refused one by one; when there are more, the rest is refused at once. */
  readonly refusalsMax?: number | undefined
}

/** Empties one exporter's queue, as long as the log lives. */
export class Writer<Queue extends WriterQueue = WriterQueue> {
  state: ExporterState = "opening"
  private readonly signal: Signal
  private inFlight: TakenBatch | undefined
  /** What comes behind it of a batch that was refused as a whole. */
  private readonly parts: Parts
  private isExporting = false
  private isStarted = false
  private isClosing = false
  /** The exporter has yet to do what is to be done when its log is closed. */
  private isFinishOwed = false
  /** Consecutive failures of opening or exporting: the measure of the backoff. */
  private failures = 0
  private readonly trouble: Trouble
  private defects = 0
  /** It was an export that failed last: only an export proves that it works again. */
  private isExportTroubled = false
  private isRefusalTold = false
  /** A flush asks for one attempt now, whatever the backoff says. */
  private isAttemptGranted = false
  private readonly onEnds: (() => void)[] = []
  private readonly waits: Waits
  /** Where a waiting request does the work: how, and how long to wait after a failure. */
  readonly attendance = new Attendance(this)
  private pauseMs = 0
  /** When the next attempt begins, while a failure is waited out. */
  nextAttemptAt: number | undefined

  readonly exporter: Exporter
  readonly queue: Queue
  private readonly host: WriterHost

  constructor(exporter: Exporter, queue: Queue, host: WriterHost) {
    this.exporter = exporter
    this.queue = queue
    this.waits = new Waits(queue)
    this.host = host
    this.parts = new Parts(host.refusalsMax)
    this.signal = new Signal(host.nextTurn)
    this.trouble = new Trouble(
      (text) => this.notice(text),
      () => queue.counts.dropped,
      host.names
    )
  }

  /** The queue has a new line or a new hole. Cheap: called for every event. */
  wake(): void {
    if (this.state === "closed" || this.host.isRequestBound) return
    if (this.isStarted) this.signal.poke()
    else this.start()
  }

  /** True while a producer should not wait for this exporter, or need not. */
  get hasRoom(): boolean {
    if (this.state === "degraded" || this.state === "stalled" || this.state === "closed") return true
    return this.queue.isPartlyFree(writerLimits.roomShare)
  }

  get health(): ExporterHealth {
    const { queue } = this
    const { lastError } = this.trouble
    const ageMs = this.host.identity.now() - (this.oldestTime ?? Number.NaN)
    return {
      name: this.exporter.name,
      state: this.state,
      ...queue.counts,
      droppedBy: { ...queue.dropped },
      ...(Number.isNaN(ageMs) ? {} : { oldestAgeMs: Math.max(0, ageMs) }),
      ...(lastError === undefined ? {} : { lastError })
    }
  }

  /** When the oldest line that is not settled was made, in ms since 1970. */
  get oldestTime(): number | undefined {
    const taken = this.unsettled
    return taken?.batch.columns.time[taken.batch.count - linesIn(taken)] ?? this.queue.oldestTime
  }

  /** Calls back as soon as all that is queued now has left the queue, or one attempt from now on has failed. */
  flush(done: (complete: boolean) => void): () => void {
    const stop = this.waits.addFlush(done)
    this.isAttemptGranted = true
    this.waits.look(this.unsettled)
    this.wake()
    return stop
  }

  /** Says later whether all that is queued now was delivered. */
  fromNow(): () => boolean {
    const isSettled = this.waits.fromNow(() => this.unsettled)
    return () => isSettled() && !this.isFinishOwed
  }

  /** Calls back when the line queued last has settled. */
  awaitLast(settle: (settlement: Settlement) => void): () => void {
    const stop = this.waits.addCommit(settle)
    this.wake()
    return stop
  }

  /** Ends the writer once its queue is empty. */
  close(): void {
    this.isClosing = true
    if (this.isStarted || this.hasWork) this.wake()
    // Not at once: the call may come from inside an event that is being recorded and has yet to be queued.
    else queueMicrotask(() => this.endUnlessAtWork())
  }

  /** Calls back when the writer has ended and its resources are released. */
  whenEnded(done: () => void): void {
    if (this.state === "closed") done()
    else this.onEnds.push(done)
  }

  private endUnlessAtWork(): void {
    if (!this.isStarted && !this.hasWork) this.end()
  }

  private end(): void {
    this.become("closed")
    if (this.isStarted) this.trace?.("writer end", { exporter: this.exporter.name })
    for (const done of this.onEnds.splice(0)) done()
  }

  /** The exit hook: writes synchronously what has not been written, as far as `leftMs` allows, and finishes. */
  lastWrite(leftMs: () => number): void {
    if (this.state === "stalled" || this.state === "closed") return
    if (this.exporter.lastWrite !== undefined) this.writeLast(leftMs)
    const deadlineMs = leftMs()
    if (deadlineMs <= 0) return
    const at = { inFlight: this.isExporting, deadlineMs }
    finishNowBy(this.exporter, this.host.identity, at, this.trouble)
  }

  private writeLast(leftMs: () => number): void {
    while (leftMs() > 0) {
      this.inFlight ??= this.take()
      const taken = this.inFlight
      if (taken === undefined) return
      const at = { inFlight: this.isExporting, deadlineMs: leftMs() }
      this.trace?.("last write", { exporter: this.exporter.name, lines: taken.batch.count })
      const last = lastWriteBy(this.exporter, this.host.identity, taken.batch, at, this.trouble)
      if (last.written < taken.batch.count) return
      // The process may live on if the error is caught: then the export under way is still to come back.
      if (this.isExporting) this.queue.leaveBatch()
      this.isExporting = false
      this.confirm(taken, last.isHandedOver)
      if (this.state === "writing") this.become("idle")
    }
  }

  // A life ends well only after close. Whatever else ends it, its resources are released, and a new one begins.
  private start(): void {
    const supervised: Effect.Effect<void> = Effect.suspend(() =>
      Effect.flatMap(Effect.exit(Effect.scoped(this.life())), (exit) => {
        if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return Effect.sync(() => this.end())
        return Effect.andThen(this.afterFailure(exit.cause), supervised)
      })
    )
    this.host.fork(supervised)
    this.isStarted = true
    this.trace?.("writer start", { exporter: this.exporter.name })
  }

  /** One life for a request that waits here. Returns how long to wait before the next one: 0 unless it failed. */
  live(isOver: () => boolean): Effect.Effect<number> {
    this.pauseMs = 0
    const life = Effect.exit(Effect.scoped(this.life(() => isOver() || this.pauseMs > 0)))
    return Effect.flatMap(
      Effect.onInterrupt(life, () => Effect.sync(() => this.abandon())),
      (exit) => {
        const after = Exit.isFailure(exit) ? this.afterFailure(exit.cause) : Effect.void
        if (this.isClosing && !this.hasWork) this.end()
        return Effect.map(after, () => this.pauseMs)
      }
    )
  }

  /** The request that was exporting is gone. It may still be reading its batch, which goes out again with the same ids. */
  abandon(): void {
    if (!this.isExporting) return
    this.isExporting = false
    this.queue.leaveBatch()
    this.fail("degraded", "no answer while the request lasted")
  }

  private life(
    isOver = () => this.isClosing && !this.hasWork
  ): Effect.Effect<void, ExportError, Scope.Scope> {
    const self = this
    return Effect.gen(function* () {
      const opening = Effect.suspend(() => self.exporter.open(self.host.identity))
      const open = yield* Effect.flatten(self.attempt(opening))
      // What failed to export is not healed by an opening, nor is it where each flush opens anew.
      if (!self.host.isRequestBound && !self.isExportTroubled) self.recover()
      while (!isOver()) {
        yield* self.signal.wait(() => self.hasWork || self.isClosing)
        if (!self.host.isRequestBound) self.host.settle()
        if (!self.hasWork) continue
        self.trace?.("wake", { exporter: self.exporter.name, events: self.queue.counts.pending })
        yield* self.linger()
        yield* self.deliver(open)
      }
      yield* self.finish(open)
    })
  }

  private finish(open: OpenExporter): Effect.Effect<void> {
    if (open.finish === undefined || !this.isClosing || this.hasWork) return Effect.void
    this.isFinishOwed = true
    const finishing = Effect.suspend(() => open.finish?.() ?? Effect.void)
    return Effect.flatMap(this.attempt(finishing), (exit) => {
      if (Exit.isFailure(exit)) {
        const failed = this.afterFailure(exit.cause)
        return this.host.isRequestBound
          ? failed
          : Effect.andThen(
              failed,
              Effect.suspend(() => this.finish(open))
            )
      }
      this.isFinishOwed = false
      this.recover()
      return Effect.void
    })
  }

  get hasWork(): boolean {
    return this.unsettled !== undefined || this.queue.hasWork
  }

  /** The first of what has left the queue and has not arrived. */
  private get unsettled(): TakenBatch | undefined {
    return this.inFlight ?? this.parts.first
  }

  // Waits for company: up to 25 ms, or until a write is worth its price, or a flush or commit waits.
  private linger(): Effect.Effect<void> {
    const isDue = (): boolean =>
      this.host.isRequestBound === true ||
      this.unsettled !== undefined ||
      this.isClosing ||
      this.waits.any ||
      this.queue.isWorthBatch
    return isDue()
      ? Effect.void
      : Effect.raceFirst(Effect.sleep(writerLimits.lingerMs), this.signal.wait(isDue))
  }

  private deliver(open: OpenExporter): Effect.Effect<void> {
    this.inFlight ??= this.take()
    const taken = this.inFlight
    if (taken === undefined) return Effect.void
    if (!this.trouble.isOn) this.become("writing")
    const exported = Effect.suspend(() => {
      if (this.inFlight !== taken) return Effect.void
      this.isExporting = true
      this.trace?.("export", { exporter: this.exporter.name, lines: taken.batch.count })
      return open.export(taken.batch)
    })
    return Effect.flatMap(this.attempt(exported), (exit) => {
      // The exit hook may have written the batch meanwhile, and the process gone on living.
      if (this.inFlight !== taken) return Effect.void
      this.isExporting = false
      if (Exit.isFailure(exit)) return this.afterFailedExport(taken, exit.cause)
      this.confirm(taken)
      this.recover()
      return Effect.void
    })
  }

  private take(): TakenBatch | undefined {
    const part = this.parts.take()
    if (part !== undefined) return part
    this.inFlight = this.queue.take((gap) => this.host.gapMark(gap, this.exporter.name))
    if (this.inFlight !== undefined) this.host.onChange(false)
    return this.inFlight
  }

  private attempt<A, R>(
    operation: Effect.Effect<A, ExportError, R>
  ): Effect.Effect<Exit.Exit<A, ExportError>, never, R> {
    this.isAttemptGranted = false
    this.nextAttemptAt = undefined
    this.waits.attemptBegins()
    const limitMs = this.exporter.exportTimeoutMs ?? writerLimits.exportTimeoutMs
    return withinLimit(operation, limitMs, () => this.fail("stalled", `no answer for ${limitMs} ms`))
  }

  private afterFailedExport(taken: TakenBatch, cause: Cause.Cause<ExportError>): Effect.Effect<void> {
    const error = Option.getOrUndefined(Cause.findErrorOption(cause))
    this.isExportTroubled = true
    if (error !== undefined) this.defects = 0
    else {
      this.defects += 1
      if (this.defects >= writerLimits.defectsMax) this.afterDefects(taken, Cause.squash(cause))
      // Not caught here: this life ends, the next one acquires its resources anew and finds the same queue.
      return Effect.failCause(cause as Cause.Cause<never>)
    }
    if (error.retryable) return this.afterFailure(cause)
    // It has come back, late or not: nothing is overdue.
    if (this.state === "stalled") this.become("degraded")
    if (error.divisible === true && this.parts.divide(taken)) {
      this.inFlight = undefined
      return Effect.void
    }
    // The far side has the others of a batch of which it refuses some: that is no outage.
    const refused = refusedOf(error.refusedEvents, taken)
    const isWhole = refused === "all" || (refused > 0 && refused === linesIn(taken))
    const retryAfterMs = isWhole ? this.queue.pauseInsteadOf?.(taken) : undefined
    if (retryAfterMs !== undefined) {
      const { reason, outcome } = error
      return this.afterFailure(
        Cause.fail(new ExportError({ reason, retryable: true, outcome, retryAfterMs }))
      )
    }
    this.refuse(taken, error)
    if (!this.trouble.isOn) this.become("idle")
    if (linesIn(taken) > 0) return Effect.void
    // A gap mark that is refused is a gap again: without a pause it would be offered again at once, and for ever.
    this.failures += 1
    this.waits.attemptFailed()
    return this.backoff()
  }

  // A batch that the exporter dies of: the writer of a log goes on without it; one that loses nothing looks for the line.
  private afterDefects(taken: TakenBatch, defect: unknown): void {
    const { queue } = this
    const reason = withoutSecrets(describeDefect(defect), this.host.names)
    if (queue.pauseInsteadOf !== undefined && this.parts.divide(taken)) {
      this.inFlight = undefined
      this.defects = writerLimits.defectsMax - 1
    } else if (queue.pauseInsteadOf?.(taken) === undefined) {
      this.defects = 0
      this.giveUp(taken, "defect", reason)
    }
  }

  // What the far side will never have; or all of it but some, which it does not name.
  private refuse(taken: TakenBatch, { reason: given, refusedEvents }: ExportError): void {
    const refused = refusedOf(refusedEvents, taken)
    const reason = withoutSecrets(given, this.host.names)
    this.trouble.lastError = reason
    if (refused === 0) return this.confirm(taken)
    this.parts.refuse()
    const what = refused === "all" ? linesIn(taken) : refused
    const { refusedTo = "" } = this.queue
    if (!this.isRefusalTold)
      this.notice(`refused ${what} ${what === 1 ? "event" : "events"} for good${refusedTo}: ${reason}`)
    this.isRefusalTold = true
    if (refused === "all") return this.giveUp(taken, "refused", reason)
    this.inFlight = undefined
    this.queue.confirmBut(taken, refused, this.exporter.handsOver === true, reason)
    // Which of them were refused is unknown, so a commit of any of them fails.
    this.settled(taken, "refused")
  }

  // An opening that fails is tried again, whatever it says: the disk may come back.
  private afterFailure(cause: Cause.Cause<ExportError>): Effect.Effect<void> {
    const error = Option.getOrUndefined(Cause.findErrorOption(cause))
    this.isExporting = false
    this.failures += 1
    const { reason = describeDefect(Cause.squash(cause)), retryAfterMs } = error ?? {}
    this.fail(retryAfterMs === undefined ? "degraded" : "paused", reason)
    this.waits.attemptFailed()
    return this.backoff(retryAfterMs)
  }

  private backoff(askedMs?: number): Effect.Effect<void> {
    this.pauseMs = backoffMs(this.failures, this.host.random(), askedMs, this.host.backoff)
    if (this.host.isRequestBound) return Effect.void
    this.nextAttemptAt = this.host.identity.now() + this.pauseMs
    return Effect.raceFirst(
      Effect.sleep(this.pauseMs),
      this.signal.wait(() => this.isAttemptGranted)
    )
  }

  private confirm(taken: TakenBatch, isHandedOver = this.exporter.handsOver === true): void {
    this.inFlight = undefined
    this.defects = 0
    // Where one of a batch was refused, its neighbours that were taken end nothing.
    if (!this.parts.isRefused) this.isRefusalTold = false
    this.queue.confirm(taken, isHandedOver)
    this.trace?.("wrote", { exporter: this.exporter.name, events: taken.batch.eventCount })
    this.settled(taken, "confirmed")
  }

  private giveUp(taken: TakenBatch, why: DropReason, reason: string): void {
    this.inFlight = undefined
    this.queue.giveUp(taken, why, reason)
    this.settled(taken, why)
  }

  private settled(taken: TakenBatch, settlement: Settlement): void {
    this.waits.batchSettled(taken, settlement, this.unsettled)
    this.host.onChange(false)
  }

  private fail(kind: TroubleKind, reason: string): void {
    const next = this.host.isRequestBound ? "the next flush tries again" : "retrying in the background"
    // Set before the state changes, so that a health listener finds the reason.
    this.trace?.("failed", { exporter: this.exporter.name, state: kind, why: reason })
    this.trouble.meet(kind, reason, `${this.queue.waiting}, ${next}`)
    this.become(kind === "stalled" ? "stalled" : "degraded")
  }

  private recover(): void {
    this.trouble.end()
    this.failures = 0
    this.isExportTroubled = false
    this.become("idle")
  }

  private become(state: ExporterState): void {
    if (this.state === state) return
    // What comes and goes with each batch is no news.
    const isNews = !isAtWork(this.state) || !isAtWork(state)
    this.state = state
    this.host.onChange(isNews)
  }

  private get trace(): Trace | undefined {
    return this.host.identity.trace
  }

  private notice(text: string): void {
    this.host.identity.notice(`${this.exporter.name}: ${text}`)
  }
}

const isAtWork = (state: ExporterState): boolean =>
  state === "opening" || state === "idle" || state === "writing"

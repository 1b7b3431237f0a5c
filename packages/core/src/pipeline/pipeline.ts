// All exporters of one log side by side: one page store, and a queue and a writer for each. An event goes into every
// queue whose exporter wants it; waiting for the writers (flush, close, room, commit) is in here too.
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Fields } from "../encode/fields.ts"
import type { Head } from "../event/head.ts"
import type { DropReason } from "../event/mark.ts"
import { accepts, isFiltered, isOn } from "./accepts.ts"
import type { Exporter } from "./exporter.ts"
import type { ExporterCounts, ExporterHealth, FlushResult } from "./health.ts"
import { LineQueue, type Offer } from "./line-queue.ts"
import { type LineFacts, PageStore } from "./page-store.ts"
import type { NextTurn } from "./signal.ts"
import type { Settlement } from "./waits.ts"
import { Writer, type WriterHost } from "./writer.ts"

/** An event on its way into the queues, and its columns. Its routes were computed before it was encoded. */
export interface Arrival extends Offer, LineFacts {
  /** For filters; absent where no exporter has one. */
  readonly head: Head | undefined
  /** Session lines go everywhere; no filter is asked. */
  readonly isForAll: boolean
}

export class Pipeline {
  readonly store = new PageStore()
  readonly writers: readonly Writer<LineQueue>[]
  /** Those that a commit waits for, and their exporters. */
  readonly requiredWriters: readonly Writer<LineQueue>[]
  readonly required: readonly Exporter[]
  /** An exporter needs the event's fields to find its route. */
  readonly isRouted: boolean
  /** An exporter looks at heads: for its route, or to choose. */
  readonly isSelective: boolean
  private isClosed = false
  private readonly roomWaits: { readonly isMet: () => boolean; readonly resume: () => void }[] = []

  private readonly onHealth: () => void
  private readonly isRequestBound: boolean
  private readonly nextTurn: NextTurn

  constructor(exporters: readonly Exporter[], host: Omit<WriterHost, "onChange">, onHealth: () => void) {
    this.onHealth = onHealth
    this.isRequestBound = host.isRequestBound === true
    this.nextTurn = host.nextTurn
    const { session } = host.identity
    const writerHost: WriterHost = { ...host, onChange: (isNews) => this.changed(isNews) }
    const on = exporters.filter((exporter) => isOn(exporter, host.identity))
    this.writers = on.map((exporter) => {
      const queue = new LineQueue(this.store, exporter.queue, session, exporter.route !== undefined)
      return new Writer(exporter, queue, writerHost)
    })
    this.requiredWriters = this.writers.filter(({ exporter }) => exporter.required === true)
    this.required = this.requiredWriters.map(({ exporter }) => exporter)
    this.isRouted = on.some(({ route }) => route !== undefined)
    this.isSelective = this.isRouted || on.some(isFiltered)
    this.store.onFull = (page) => {
      for (const { queue } of this.writers) queue.leaveSparse(page)
    }
  }

  /** Where each exporter wants the event to go; computed at the call, like everything that reads the event's values. */
  routes(head: Head, fields: Fields): readonly string[] {
    return this.writers.map(({ exporter }) => {
      try {
        return exporter.route?.(head, fields) ?? ""
      } catch {
        return ""
      }
    })
  }

  /** Takes in the line that was written behind the current page's last one, up to `end`. */
  accept(arrival: Arrival, end: number): void {
    const ref = this.store.keep(arrival, end)
    const { writers } = this
    let isWanted = false
    for (let number = 0; number < writers.length; number++) {
      const { exporter, queue, state } = writers[number] as Writer<LineQueue>
      if (!arrival.isForAll && !accepts(exporter, arrival.head)) queue.seenSeq = arrival.seq
      else if (state === "closed") queue.dropUnseen("closed", arrival.seq)
      else if (queue.offer(ref, arrival, number, false) === undefined) isWanted = true
    }
    if (!isWanted) this.store.forgetLast()
    for (let number = 0; number < writers.length; number++) (writers[number] as Writer<LineQueue>).wake()
    // A small event may have taken the place of large ones.
    if (this.roomWaits.length > 0) this.changed(false)
  }

  /**
   * The same for a line that must be durable: calls back once with each required exporter's settlement, in no order.
   * Returns how to stop waiting.
   */
  commit(
    arrival: Arrival,
    end: number,
    settle: (exporter: Exporter, settlement: Settlement) => void
  ): () => void {
    const ref = this.store.keep(arrival, end)
    const stops: (() => void)[] = []
    let isWanted = false
    for (const [number, writer] of this.writers.entries()) {
      const { exporter } = writer
      const isRequired = exporter.required === true
      if (!isRequired && !accepts(exporter, arrival.head)) {
        writer.queue.seenSeq = arrival.seq
        continue
      }
      const refused = writer.queue.offer(ref, arrival, number, isRequired)
      if (refused === undefined) isWanted = true
      if (isRequired && refused !== undefined) settle(exporter, refused)
      else if (isRequired) stops.push(writer.awaitLast((settlement) => settle(exporter, settlement)))
      writer.wake()
    }
    if (!isWanted) this.store.forgetLast()
    // A small event may have taken the place of large ones.
    if (this.roomWaits.length > 0) this.changed(false)
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** Counts an event that could not become a line, or did not reach every queue: in those that have not seen it. */
  drop(seq: number, category: string, reason: DropReason): void {
    for (const { queue } of this.writers) if (queue.seenSeq < seq) queue.dropUnqueued(seq, category, reason)
    for (const writer of this.writers) writer.wake()
  }

  /** Counts calls that got no `seq`, so that they leave no hole. All or none: nothing is called. */
  dropUnseen(count: number, reason: DropReason): void {
    const { writers } = this
    for (let number = 0; number < writers.length; number++)
      (writers[number] as Writer<LineQueue>).queue.dropped[reason] += count
  }

  get health(): readonly ExporterHealth[] {
    return this.writers.map((writer) => writer.health)
  }

  /** Waits for what is queued now, at most `timeoutMs`; then says what is so. */
  flush(timeoutMs: number): Effect.Effect<FlushResult> {
    return Effect.suspend(() =>
      this.answerWithin(
        timeoutMs,
        this.writers.map((writer) => this.attended([writer], awaitFlush(writer)))
      )
    )
  }

  /** Ends every writer as soon as its queue is empty. */
  end(): void {
    this.isClosed = true
    this.changed(false)
    for (const writer of this.writers) writer.close()
  }

  /** Flush, and the end of every writer. */
  close(timeoutMs: number): Effect.Effect<FlushResult> {
    return Effect.suspend(() => {
      this.end()
      // A writer whose flush failed goes on in the background; only a finished one is worth waiting for.
      const answers = this.writers.map((writer) =>
        this.attended(
          [writer],
          Effect.tap(awaitFlush(writer), (isComplete) => (isComplete ? awaitEnd(writer) : Effect.void))
        )
      )
      return this.answerWithin(timeoutMs, answers)
    })
  }

  /**
   * Waits for an answer of these writers. Where no fiber may work in the background, the waiting one does their work; and it
   * looks for its answer itself, because another request may have it.
   */
  attended<A, E>(writers: readonly Writer[], answer: Effect.Effect<A, E>): Effect.Effect<A, E> {
    if (!this.isRequestBound) return answer
    return Effect.flatMap(Effect.forkChild(answer, { startImmediately: true }), (answering) => {
      const isAnswered = (): boolean => answering.pollUnsafe() !== undefined
      const lives = writers.map(({ attendance }) => attendance.attend(isAnswered))
      return Effect.andThen(
        Effect.all(lives, { concurrency: "unbounded", discard: true }),
        Fiber.join(answering)
      )
    })
  }

  private answerWithin(
    timeoutMs: number,
    answers: readonly Effect.Effect<boolean>[]
  ): Effect.Effect<FlushResult> {
    // Asked at the end: a writer whose attempt failed may have recovered before another one had its answer.
    const areSettled = this.writers.map((writer) => writer.fromNow())
    const all = Effect.all(answers, { concurrency: "unbounded" })
    return Effect.map(Effect.timeoutOption(all, timeoutMs), () =>
      this.flushResult(areSettled.every((isSettled) => isSettled()))
    )
  }

  /** True when every exporter that can make room, or the named one, is below half of its bounds. */
  hasRoom(name?: string): boolean {
    return this.isClosed || this.writers.every((writer) => isOther(writer, name) || writer.hasRoom)
  }

  /** Waits until `hasRoom`. */
  room(name?: string): Effect.Effect<void> {
    const waited = this.writers.filter((writer) => !isOther(writer, name))
    return this.attended(waited, this.roomWait(name))
  }

  private roomWait(name: string | undefined): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const isMet = (): boolean => this.hasRoom(name)
      if (isMet()) return resume(Effect.void)
      const wait = { isMet, resume: () => resume(Effect.void) }
      this.roomWaits.push(wait)
      return Effect.sync(() => {
        const at = this.roomWaits.indexOf(wait)
        if (at !== -1) this.roomWaits.splice(at, 1)
      })
    })
  }

  /** Writes synchronously what is left, exporter by exporter. Returns how many events no exit hook could save. */
  lastWrite(limitMs: number): number {
    const endsAt = performance.now() + limitMs
    for (const [index, writer] of this.writers.entries()) {
      // One that hangs takes its own share, and not that of those behind it.
      const leftMs = endsAt - performance.now()
      const turnEndsAt = endsAt - leftMs + leftMs / (this.writers.length - index)
      writer.lastWrite(() => turnEndsAt - performance.now())
    }
    return this.writers.reduce((sum, writer) => sum + writer.queue.counts.pending, 0)
  }

  private flushResult(complete: boolean): FlushResult {
    const exporters: readonly ExporterCounts[] = this.writers.map(({ exporter, queue }) => ({
      name: exporter.name,
      ...queue.counts
    }))
    const sum = (key: keyof Omit<ExporterCounts, "name">): number =>
      exporters.reduce((total, counts) => total + counts[key], 0)
    return {
      complete,
      accepted: sum("accepted"),
      written: sum("written"),
      handedOver: sum("handedOver"),
      dropped: sum("dropped"),
      pending: sum("pending"),
      exporters
    }
  }

  private changed(isNews: boolean): void {
    for (const wait of this.roomWaits.filter(({ isMet }) => isMet())) {
      // Not on this stack: it may be in the middle of an `audit.log()`, or of the writer's work.
      this.nextTurn(wait.resume)
      this.roomWaits.splice(this.roomWaits.indexOf(wait), 1)
    }
    if (isNews) this.onHealth()
  }
}

const awaitFlush = (writer: Writer): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const stop = writer.flush((complete) => resume(Effect.succeed(complete)))
    return Effect.sync(stop)
  })

const awaitEnd = (writer: Writer): Effect.Effect<void> =>
  Effect.callback((resume) => writer.whenEnded(() => resume(Effect.void)))

const isOther = (writer: Writer, name: string | undefined): boolean =>
  name !== undefined && writer.exporter.name !== name

// From a call to a line in the queues: stamp, encode, offer. Everything here runs on the caller's stack and must never
// wait, or let one event's values run into another's. An event is a draft from its `seq` on until every queue has seen it:
//
//   none ──record──▶ draft ──▶ none           all queues have seen it
//                      │ throws ──▶ broken     dropped at once, or by the next call where the stack is full
//                      │ a vm's time limit: no `catch` runs, and the draft stays until a turn of our own drops it: a
//                      └ writer's, or a microtask after a call that met it and was counted instead of recorded
import type * as Clock from "effect/Clock"
import { type Fields, readableFields, toFields } from "../encode/fields.ts"
import type { Keys } from "../encode/keys.ts"
import { LineBytes } from "../encode/line-bytes.ts"
import { LineEncoder } from "../encode/line-encoder.ts"
import { Timestamps } from "../encode/timestamp.ts"
import type { Head } from "../event/head.ts"
import { type Level, levelNumber } from "../event/level.ts"
import { lineKindNumber, type MarkKind, markLevel } from "../event/mark.ts"
import { StreamIds } from "../event/stream-id.ts"
import type { TraceContext } from "../event/trace-context.ts"
import type { EventDefinition } from "../event/typed-event.ts"
import { eventLimits } from "../limits.ts"
import type { LooseLine } from "../pipeline/batch.ts"
import { type Gap, gapMessage } from "../pipeline/gap.ts"
import type { Arrival, Pipeline } from "../pipeline/pipeline.ts"
import { timeOf } from "../pipeline/unref-clock.ts"

/** One event as its caller gave it. */
export interface EventInput {
  /** Within the alphabet of categories. */
  readonly category: string
  readonly level: Level
  readonly message: string
  readonly definition?: EventDefinition
  /** The log's own or a definition's fields. */
  readonly fields?: Fields
  readonly extras?: unknown
  /** The level or the category as the call gave it, where the line has another in its place. */
  readonly unfit?: Fields | undefined
  /** What the sender of a relayed event said; may be anything. */
  readonly origin?: unknown
  /** The definition whose guards hold under `origin`. */
  readonly originAs?: EventDefinition | undefined
  /** Names of the sender's fields that do not fit their definition. */
  readonly misfits?: string | undefined
  /** Whose event it is, where the context has no user. */
  readonly user?: string
  /** Session lines pass every exporter's filter. */
  readonly isForAll?: boolean
}

/** What surrounds a call, and is written with its event. */
export interface Surroundings {
  readonly context: Fields | undefined
  readonly trace: TraceContext | undefined
}

/** Hands an encoded line over. The default is `pipeline.accept`; a commit waits for answers as well. */
export type HandOver = (arrival: Arrival, end: number) => void

/** Makes the lines of one log: its events and its gap marks. */
export class EventRecorder {
  /** `seq` of the last event. */
  seq = 0
  private readonly timestamps = new Timestamps()
  private readonly ids: StreamIds
  private readonly events: { readonly out: LineBytes; readonly encoder: LineEncoder }
  private readonly marks: { readonly out: LineBytes; readonly encoder: LineEncoder }
  /** `seq` and category of the draft; 0 when there is none. */
  private draftSeq = 0
  private draftCategory = ""
  private isBroken = false
  /** Events logged while there was a draft, by category: they are dropped when it is done. */
  private readonly nested = new Map<string, number>()
  private willLookBack = false

  private readonly pipeline: Pipeline
  private readonly clock: Clock.Clock
  private readonly keys: Keys

  /** `keys` are the log's; `pseudonymOf` is absent where there is no key, or no way to compute with it at once. */
  constructor(
    pipeline: Pipeline,
    streamKey: string,
    clock: Clock.Clock,
    keys: Keys,
    pseudonymOf: ((text: string) => string) | undefined
  ) {
    this.pipeline = pipeline
    this.clock = clock
    this.keys = keys
    this.ids = new StreamIds(streamKey)
    const { store } = pipeline
    this.events = this.encoderInto(new LineBytes(store.current.bytes, () => store.turn().bytes), pseudonymOf)
    const room = new Uint8Array(eventLimits.tailBytes)
    this.marks = this.encoderInto(new LineBytes(room, (bytesMin) => new Uint8Array(2 * bytesMin)))
  }

  /** Records one event. Returns false when it was dropped. Throws only before it has a `seq`, where the stack is full. */
  record(input: EventInput, around: Surroundings, handOver?: HandOver): boolean {
    if (this.draftSeq !== 0 && !this.isFree(input.category)) return false
    let isRecorded = false
    try {
      this.recordNow(input, around, handOver)
      isRecorded = true
    } catch (error) {
      // The encoder guards every foreign value, so this is a full stack or a bug of ours: the event becomes a hole.
      if (this.draftSeq === 0) throw error
      this.isBroken = true
    }
    if (this.isBroken || this.nested.size > 0) {
      try {
        this.settle()
      } catch {
        // The stack is still full: the next call does it.
      }
    }
    return isRecorded
  }

  /** Nothing was broken off, and no call is under way. */
  get isSettled(): boolean {
    return this.draftSeq === 0 && this.nested.size === 0
  }

  /** Drops what was broken off. A draft that is still being recorded is looked at in a microtask: false until then. */
  settle(): boolean {
    if (this.draftSeq !== 0 && !this.isBroken) {
      this.lookBackSoon()
      return false
    }
    this.dropDraft()
    this.dropNested()
    return true
  }

  // A getter or `toJSON` that logs while its own event is being written is counted, not followed.
  private isFree(category: string): boolean {
    if (this.isBroken) {
      this.dropDraft()
      return true
    }
    this.nested.set(category, (this.nested.get(category) ?? 0) + 1)
    this.lookBackSoon()
    return false
  }

  private lookBackSoon(): void {
    if (this.willLookBack) return
    queueMicrotask(() => {
      this.willLookBack = false
      this.settleInOwnTurn()
    })
    this.willLookBack = true
  }

  /** The same where no call can be under way: a draft that is still there was broken off. */
  settleInOwnTurn(): void {
    if (this.isSettled) return
    this.isBroken = this.draftSeq !== 0
    this.settle()
  }

  private dropDraft(): void {
    if (this.draftSeq !== 0) this.pipeline.drop(this.draftSeq, this.draftCategory, "defect")
    this.draftSeq = 0
    this.isBroken = false
  }

  // After the outer event, so that its line stands before the hole and the order of `seq` holds.
  private dropNested(): void {
    for (const [category, count] of this.nested) {
      for (let left = count; left > 0; left--) {
        this.nested.set(category, left - 1)
        this.draftCategory = category
        this.draftSeq = ++this.seq
        this.isBroken = true
        this.dropDraft()
      }
    }
    this.nested.clear()
  }

  /** The gap mark: a line that says which events are missing. */
  gapMark(gap: Gap, exporter: string): LooseLine {
    const fields = gap.fields(exporter)
    return this.mark("gap", gapMessage(fields), { ...fields })
  }

  /** A line that the log, or one of its exporters, writes about itself. */
  mark(kind: MarkKind, message: string, fields: Fields): LooseLine {
    const { out, encoder } = this.marks
    const time = this.now()
    const level = levelNumber[markLevel[kind]]
    out.begin(out.bytes, 0)
    encoder.encode({ time, level, category: kind, message, fields, seq: 0 })
    return {
      bytes: out.bytes.slice(out.lineStart, out.position),
      kind: lineKindNumber[kind],
      time,
      day: this.timestamps.localDay(time),
      level,
      seq: 0,
      category: kind,
      session: this.session
    }
  }

  get session(): string {
    return this.ids.streamKey.slice(0, 8)
  }

  /** The log's time; NaN when the clock fails, which writes an empty `ts`. */
  now(): number {
    return timeOf(this.clock)
  }

  private recordNow(input: EventInput, around: Surroundings, handOver: HandOver | undefined): void {
    const { pipeline } = this
    const { category, message, definition, fields } = input
    const { context, trace } = around
    const time = this.now()
    const level = levelNumber[input.level]
    const seq = this.seq + 1
    this.draftCategory = category
    this.draftSeq = seq
    this.seq = seq
    const head = pipeline.isSelective ? this.headOf(input, context, time) : undefined
    const extras = toFields(input.extras)
    const isRouted = head !== undefined && pipeline.isRouted
    const routes = isRouted ? pipeline.routes(head, readableFields(context, extras, fields)) : noRoutes
    const { out } = this.events
    if (pipeline.store.isFull) pipeline.store.turn()
    const page = pipeline.store.current
    out.begin(page.bytes, page.startOf(page.lines))
    this.events.encoder.encode({
      time,
      level,
      category,
      message,
      definition,
      fields,
      extras,
      unfit: input.unfit,
      context,
      origin: input.origin,
      originAs: input.originAs,
      misfits: input.misfits,
      trace,
      seq
    })
    const arrival: Arrival = {
      kind: lineKindNumber.event,
      time,
      day: this.timestamps.localDay(time),
      level,
      seq,
      category,
      routes,
      head,
      isForAll: input.isForAll === true
    }
    if (handOver === undefined) pipeline.accept(arrival, out.position)
    else handOver(arrival, out.position)
    this.draftSeq = 0
  }

  private headOf(
    { category, level, user: given }: EventInput,
    context: Fields | undefined,
    time: number
  ): Head {
    const { session, seq } = this
    const user = given ?? context?.user
    return { time, level, category, session, seq, ...(typeof user === "string" ? { user } : {}) }
  }

  private encoderInto(
    out: LineBytes,
    pseudonymOf?: (text: string) => string
  ): { readonly out: LineBytes; readonly encoder: LineEncoder } {
    return { out, encoder: new LineEncoder(out, this.ids, this.timestamps, this.keys, pseudonymOf) }
  }
}

const noRoutes: readonly string[] = []

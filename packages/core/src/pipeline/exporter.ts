// The exporter contract: the one door through which lines leave a log. Everything that passes between a
// log and an exporter is here. Each numbered duty is also a case in testing/exporter-cases.ts.
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Fields } from "../encode/fields.ts"
import type { Head } from "../event/head.ts"
import type { MarkFields, MarkKind } from "../event/mark.ts"
import type { Batch } from "./batch.ts"

/** What is kept of a log's events for one exporter while they wait, and what gives way when it is full. */
export interface QueuePolicy {
  /** Whichever bound comes first. The batch in flight is not counted: it has left the queue. */
  readonly eventsMax: number
  readonly bytesMax: number
  /** "drop-newest" refuses the event that does not fit; "drop-oldest" gives up the ones that waited longest. */
  readonly overflow: "drop-newest" | "drop-oldest"
  readonly batchEventsMax: number
  readonly batchBytesMax: number
}

/** Bounds where an exporter asks for nothing else: 65,536 events or 8 MiB, the newest refused, batches up to 256 KiB. */
export const defaultQueuePolicy: QueuePolicy = {
  eventsMax: 65_536,
  bytesMax: 8 * 1024 * 1024,
  overflow: "drop-newest",
  batchEventsMax: 8_192,
  batchBytesMax: 256 * 1024
}

/** Writes `[audit] what key=value` to stderr. */
export type Trace = (what: string, fields: Fields) => void

/** Who the log is: given to an exporter when it is opened, and the key under which it keeps what belongs to one log. */
export interface LogIdentity {
  readonly app: string
  /** First 8 hex digits of the stream key: what people see. */
  readonly session: string
  /** 15 hex digits, the end of every id of this log's lines. */
  readonly streamKey: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The log's time in ms since 1970; NaN when its clock fails. */
  now(): number
  /** The same clock's monotonic time in ms, from any beginning: it cannot be set; NaN when it fails. */
  monotonicMs(): number
  /** Writes one line for the people who run the application, to stderr. For changes of state, never for single events. */
  notice(text: string): void
  /**
   * Writes one line about a step to stderr, before the step where it may hang: `log.trace?.("open", { path })`. Absent unless
   * `<APP>_AUDIT_TRACE=1` asks for it. Never give it what the application logged. Never throws.
   */
  readonly trace?: Trace | undefined
  /**
   * Makes a line that the exporter writes about itself into its own stream: time and id are the log's, it has no `seq`
   * and is never counted. UTF-8 with its newline; at most 64 KiB. Only for an exporter that is open.
   */
  mark<Kind extends MarkKind>(kind: Kind, message: string, fields: MarkFields[Kind]): Uint8Array
}

/** How sure a successful export is. `os`: survives the process; `synced`: survives a power cut; `remote`: acknowledged elsewhere. */
export type Durability = "os" | "synced" | "remote"

/** Why an export or an opening failed. */
export class ExportError extends Data.TaggedError("ExportError")<{
  /** What, where and the errno name, in words that name the action: `Cannot append to "…": disk is full (ENOSPC)`. */
  readonly reason: string
  /** False refuses the batch for good: its events are dropped and counted. */
  readonly retryable: boolean
  /** Not retryable as a whole, but parts of the batch may be welcome: it is halved until what is refused stands alone. */
  readonly divisible?: boolean
  /** Not retryable, and not the whole batch: the far side has it but for so many events, and does not say which. */
  readonly refusedEvents?: number
  /** Retryable, but not before so many ms: the far side asks for it, or trying sooner is useless. At most 5 minutes count. */
  readonly retryAfterMs?: number
  /** `unknown` when the batch may have arrived all the same. It is repeated with the same ids. */
  readonly outcome: "failed" | "unknown"
  readonly cause?: unknown
}> {
  override get message(): string {
    return this.reason
  }
}

/** What an exporter may know of the moment when `lastWrite` is called. */
export interface LastMoment {
  /** True when this batch was given to `export` and that has not come back. */
  readonly inFlight: boolean
  /** Milliseconds left for this call. */
  readonly deadlineMs: number
}

/** What came of a last write. */
export interface LastWrite {
  /** How many of the batch's lines are down. Less than all counts as none, and the whole batch goes on waiting. */
  readonly written: number
  /**
   * They are only on their way, and there will be no answer: they count as handedOver. Of a required exporter
   * they count as not written.
   */
  readonly isHandedOver?: boolean
}

/** An exporter: static, synchronous and pure; one value may serve several logs. */
export interface Exporter {
  /** Names it in health, gap marks and notices. */
  readonly name: string
  readonly queue: QueuePolicy
  /** `commit` waits for every required exporter. */
  readonly required?: boolean
  /** How durable a confirmed batch is; Default `os`. A receipt has the least of all required exporters. */
  readonly durability?: Durability
  /** True when success means that the host's own pipeline took the events over: they count as handedOver, not written. */
  readonly handsOver?: boolean
  /** Default 30 s. Past it the exporter is stalled, and gets no second operation until the first came back. */
  readonly exportTimeoutMs?: number
  /**
   * False leaves it out of a log: it is never opened and gets no event. For a switch in the log's environment; asked
   * once, when the log starts. On, when absent or when it throws.
   */
  isOn?(log: LogIdentity): boolean
  /** Says which events it wants; all, when absent. Never asked for marks and session lines. One that throws accepts. */
  accepts?(head: Head): boolean
  /** A destination within the exporter (a user's file), computed at the call; stands in the batch's `route` column. */
  route?(head: Head, fields: Fields): string
  /** Goes into the session start line: `log_file`, `filtered`, `layout`, `sealed`. */
  facts?(log: LogIdentity): Fields
  /** Acquires what exporting needs. A failure is retried with backoff; the queue waits meanwhile. */
  open(log: LogIdentity): Effect.Effect<OpenExporter, ExportError, Scope.Scope>
  /**
   * The exit hook's only way out: writes synchronously, in order, and says how many of the batch's lines are down.
   * Must work before `open` has finished. A batch in flight whose write was already issued is waited for, not repeated.
   */
  lastWrite?(log: LogIdentity, batch: Batch, at: LastMoment): LastWrite
  /**
   * Comes behind the last writes, also when nothing was left to write: does synchronously what `finish` would do, for lines
   * that are down. The process may live on, and more lines come.
   */
  finishNow?(log: LogIdentity, at: LastMoment): void
}

/** Keeps an exporter's `required: true` in its type, by which a log knows that it can commit. */
export type RequiredAs<Options extends { readonly required?: boolean | undefined }> = Options extends {
  readonly required: true
}
  ? { readonly required: true }
  : unknown

/**
 * An open exporter. Its duties:
 * 1. `export` succeeds only when the far side has the whole batch.
 * 2. It never queues, batches or retries by itself: the writer does.
 * 3. It says whether a failure may be retried, and whether its outcome is unknown.
 * 4. It may be interrupted; then its outcome is unknown. What cannot be stopped must be uninterruptible.
 * 5. A repeated batch may be delivered twice, with the same ids; where it can, it deduplicates.
 * 6. It never logs events to the log it serves.
 * 7. Its resources belong to its scope, and a batch's bytes and columns are its own only until `export` ends.
 */
export interface OpenExporter {
  export(batch: Batch): Effect.Effect<void, ExportError>
  /**
   * The log is closed and has exported its last batch: does what then is to be done, such as a closing seal. A failure is
   * noticed and tried again like an export's, and until it succeeds `close` is not complete.
   */
  finish?(): Effect.Effect<void, ExportError>
}

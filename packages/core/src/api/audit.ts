// The plain door as types: what an application that knows nothing of Effect can do with a log.
// audit-log.ts makes one; audit-log-service.ts is the same for Effect programs.
import type { Fields } from "../encode/fields.ts"
import type { LevelWord } from "../event/level.ts"
import type { TypedEvent } from "../event/typed-event.ts"
import type { Receipt } from "../log/commit.ts"
import type { Operation } from "../log/operation.ts"
import type { RecordingChange } from "../log/recording.ts"
import type { RelayedEvent, RelayOptions } from "../log/relayed-event.ts"
import type { Exporter } from "../pipeline/exporter.ts"
import type { FlushResult, Health } from "../pipeline/health.ts"

/** For one call. */
export interface LogOptions {
  /**
   * Instead of the event's own level; untyped events are "info". Other systems' words are read as ours. One that says
   * more (`"trace"`) stands on the line as `extra.level` too, and so does one that is unknown and changes nothing.
   */
  readonly level?: LevelWord | undefined
}

/** For one opening of a page. */
export interface PageOptions {
  /** Whose page it is. Default: the context's `user`, else its `ui_session`, else one for the whole log. */
  readonly key?: string | undefined
  /** Go onto the line after `page`. Two openings that differ only here count as one. */
  readonly fields?: Fields | undefined
}

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds; negative counts as 0. Default 500 for `flush` and `close`, 5,000 for `commit`. */
  readonly timeoutMs?: number | undefined
}

/** A log. No method throws, and only those that return a promise wait for anything. */
export interface Audit {
  /** Records an event. Returns at once: it is queued, or dropped and counted. */
  log(event: TypedEvent, extras?: Fields, options?: LogOptions): void
  /**
   * The untyped form. `category` is at most 64 letters and digits of any script, and `_ . -`: it is written in lower case, and
   * where that is not all that has to change, the line has it as it was given under `extra.category`. Extras pass the deny-list
   * of secret keys.
   */
  log(category: string, message: string, extras?: Fields, options?: LogOptions): void
  /**
   * Records who runs where, once a log: platform, runtime, user, working directory, and the exporters' facts (where they write).
   * `close` then records the session's end.
   */
  sessionStart(extras?: Fields): void
  /**
   * Records that a page was opened, unless it is the one that was opened last under this key.
   * Give a key (a user, a browser session) where one log serves several people.
   */
  pageOpen(slug: string, options?: PageOptions): void
  /** The page that was opened last under a key; undefined before the first. A slug of more than 256 characters is shortened. */
  lastPage(options?: Pick<PageOptions, "key">): string | undefined
  /** Records something thrown, with type, message, stack, cause and the fields that it carries, at level error. */
  exception(where: string, error: unknown, extras?: Fields): void
  /**
   * Runs an operation and records it when it ends, also when it throws: action, outcome, duration, start and end, the fields,
   * and what it set on `operation`: `bank_id`, `request`, `response`, `metadata`. Its result or its error goes on untouched.
   */
  timed<A>(action: string, fields: Fields, run: (operation: Operation) => A | PromiseLike<A>): Promise<A>
  /**
   * Records an event that happened elsewhere, for example in a browser: `claims` is its line, parsed. It becomes a line
   * of this log, with its own ts, session, seq and id, and the sender's category, level and message. All else that the
   * sender said stands under `origin`; `facts` are what you know (user, tenant, address, skew_ms) and stand beside.
   * A store recognises repeats by `origin.id`, else by `id`.
   */
  relay(claims: Fields, facts?: Fields, options?: RelayOptions): void
  /** True when an operation of this name, or another event of this category, would be recorded at a level (default "info"). */
  isEnabled(name: string, level?: LevelWord): boolean
  /** Changes what is recorded from now on; the change is itself recorded. */
  setRecording(rules: RecordingChange): void
  /** Waits until every working exporter, or the named one, is below half of its bounds. For producers that can wait. */
  room(exporter?: string): Promise<void>
  /** The same as a question. */
  hasRoom(exporter?: string): boolean
  /**
   * Waits, within a limit, for everything accepted before the call. Makes one attempt through a backoff.
   * The answer is the truth at that moment; `complete` is false when anything of it is pending, was dropped meanwhile,
   * or is a loss that has no gap mark in its stream yet.
   */
  flush(options?: WaitOptions): Promise<FlushResult>
  /** Flush, and the end of the log: later events are dropped and counted as closed. What is left is still written. */
  close(options?: WaitOptions): Promise<FlushResult>
  health(): Health
  /** Calls back when trouble of an exporter begins, changes or ends, and when it is closed. Returns how to stop. */
  onHealth(listener: (health: Health) => void): () => void
}

/** A log with at least one exporter marked `required`. */
export interface CommittingAudit extends Audit {
  /** An event from elsewhere: `relayed(claims, facts)` is what `relay` takes, for here. */
  commit(event: RelayedEvent, extras?: undefined, options?: WaitOptions): Promise<Receipt>
  // Last, because `Parameters` and the compiler's errors are about the last one.
  /**
   * Records an event and succeeds when every required exporter has confirmed it. Rejects with a `CommitError`.
   * A committed line is never evicted from a queue.
   */
  commit(event: TypedEvent, extras?: Fields, options?: LogOptions & WaitOptions): Promise<Receipt>
}

/** `CommittingAudit` when one of the exporters is known to be required, else `Audit`. */
export type AuditOf<Exporters extends readonly Exporter[]> =
  Extract<Exporters[number], { readonly required: true }> extends never ? Audit : CommittingAudit

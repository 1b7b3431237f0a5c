// The one small interface through which the benchmark drives every library. Each adapter configures its library as its own
// documentation says is fastest while events still reach the file, and logs by its own idiom.

import type { BenchEvent } from "../events.ts"

/** Where a run may write. */
export interface Place {
  /** An empty directory of its own. Files of events end in ".jsonl". */
  readonly dir: string
  /** Where OTLP is received, for what exports there. */
  readonly receiverUrl: string | undefined
}

export interface Library {
  /** How it is configured, and how it logs. */
  readonly note: string
  /** Resolves as soon as the library accepts events; its file need not be open. */
  start(place: Place): Running | Promise<Running>
}

/** A library at work. */
export interface Running {
  log(event: BenchEvent): void
  /**
   * Asked before each event by a producer that can wait: what to wait for, or undefined to go on. Libraries that have no
   * such thing say in their note what stands in for it.
   */
  room(): Promise<void> | undefined
  /** Waits until what was logged is written, and the library goes on. */
  settled(): Promise<void>
  /** Writes everything, closes, and ends what the library has started. */
  finish(): Promise<void>
  /** Resolves when the event is synced to the disk, for libraries that report it. */
  commit?(event: BenchEvent): Promise<void>
  /** The library's own counts, for libraries that count. */
  counts?(): Counts
}

export interface Counts {
  readonly accepted: number
  readonly written: number
  readonly dropped: number
  readonly pending: number
}

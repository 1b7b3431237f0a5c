// What every library is to the benchmark: the one small interface that all of them are driven through. Each adapter
// configures its library as its own documentation says is fastest while events still reach the file, and logs by its own
// idiom. The measures, and the count of written events, are elsewhere.

import type { BenchEvent } from "../events.ts"

/** Where a run may write. */
export interface Place {
  /** An empty directory of its own. Files of events end in ".jsonl". */
  readonly dir: string
  /** Where OTLP is received, for what exports there. */
  readonly receiverUrl: string | undefined
}

export interface Library {
  /** How it is configured, and by which idiom it logs. */
  readonly note: string
  /** Comes back as early as the library allows logging: its file need not be open. */
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
  /** Resolves when the event is synced to the disk, where the library can say so. */
  commit?(event: BenchEvent): Promise<void>
  /** What the library itself counts, where it counts. */
  counts?(): Counts
}

export interface Counts {
  readonly accepted: number
  readonly written: number
  readonly dropped: number
  readonly pending: number
}

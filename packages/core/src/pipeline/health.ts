// What the log knows about itself, as plain values: for applications, for the diagnostics panel and for flush.
// writer.ts and line-queue.ts find the values.
import type { DropReason } from "../event/mark.ts"
import type { Counts } from "./writer-queue.ts"

/**
 * What an exporter is doing. `opening` until its first `open` has succeeded; `degraded` from a failure until the next
 * success; `stalled` while an operation is overdue; `closed` when its writer has ended.
 */
export type ExporterState = "opening" | "idle" | "writing" | "degraded" | "stalled" | "closed"

/** One exporter's five numbers; accepted = written + handedOver + dropped + pending. */
export interface ExporterCounts extends Counts {
  readonly name: string
}

/** One exporter's health at one moment. */
export interface ExporterHealth extends ExporterCounts {
  readonly state: ExporterState
  readonly droppedBy: Readonly<Record<DropReason, number>>
  /** Age of the oldest waiting event in ms; absent when nothing waits, or the clock fails. */
  readonly oldestAgeMs?: number
  /** What failed last, in the exporter's words; stays after recovery. */
  readonly lastError?: string
}

/** Before the first event. */
export const none: Counts = { accepted: 0, written: 0, handedOver: 0, dropped: 0, pending: 0 }

export const unstartedHealth = (name: string): ExporterHealth => ({
  name,
  state: "opening",
  ...none,
  droppedBy: { overflow: 0, closed: 0, too_large: 0, refused: 0, gave_up: 0, defect: 0 }
})

/** The health of a log: its exporters', in the order in which they were given. */
export interface Health {
  readonly app: string
  readonly session: string
  readonly exporters: readonly ExporterHealth[]
}

/** The answer of `flush` and `close`. The totals are sums over the exporters, so the same identity holds for them. */
export interface FlushResult extends Counts {
  /** True when nothing that was accepted before the call is pending or was dropped meanwhile. */
  readonly complete: boolean
  readonly exporters: readonly ExporterCounts[]
}

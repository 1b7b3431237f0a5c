// An exporter that keeps its lines in memory, and breaks when a test asks it to. It is an ordinary exporter: the log
// that serves it knows nothing of its being one for tests.
import * as Effect from "effect/Effect"
import { type AuditEvent, decodeLine } from "../event/decode-line.ts"
import type { Batch } from "../pipeline/batch.ts"
import {
  defaultQueuePolicy,
  ExportError,
  type Exporter,
  type QueuePolicy,
  type RequiredAs
} from "../pipeline/exporter.ts"

/**
 * How it can break: `fail` (may be retried), `unknown` (the batch arrived, but the answer was lost), `refuse` (for
 * good), `die` (a bug), `hang` (no answer until healed; can be interrupted), `open` (cannot be opened).
 */
export type Breakage = "fail" | "unknown" | "refuse" | "die" | "hang" | "open"

export interface MemoryExporterOptions {
  /** Default "memory". */
  readonly name?: string | undefined
  /** Merged over the default policy. */
  readonly queue?: Partial<QueuePolicy> | undefined
  readonly required?: boolean | undefined
  readonly exportTimeoutMs?: number | undefined
  /** How long each export takes, on the log's clock. Default 0. */
  readonly latencyMs?: number | undefined
  /** Broken in this way from the start. */
  readonly breakage?: Breakage | undefined
  readonly accepts?: Exporter["accepts"]
  readonly route?: Exporter["route"]
}

export interface MemoryExporter extends Exporter {
  /** Confirmed lines, without their newlines, in the order of their confirmation. */
  readonly lines: readonly string[]
  /** The same, decoded. */
  readonly events: readonly AuditEvent[]
  /** How many lines each export got, failed ones included. */
  readonly attempts: readonly number[]
  /** How often it was opened. */
  readonly opened: number
  break(how: Breakage): void
  heal(): void
}

export const memoryExporter = <const Options extends MemoryExporterOptions = MemoryExporterOptions>(
  options?: Options
): MemoryExporter & RequiredAs<Options> => {
  const { latencyMs = 0 } = options ?? {}
  const lines: string[] = []
  const attempts: number[] = []
  const decoder = new TextDecoder()
  let breakage = options?.breakage
  let savedLast: Batch | undefined
  let opened = 0
  let waiters: (() => void)[] = []

  const keep = (batch: Batch): void => {
    for (const line of decoder.decode(batch.bytes()).split("\n")) if (line !== "") lines.push(line)
  }
  const healed = Effect.callback<void>((resume) => {
    const waiter = (): void => resume(Effect.void)
    waiters.push(waiter)
    return Effect.sync(() => {
      waiters = waiters.filter((other) => other !== waiter)
    })
  })
  const failure = (retryable: boolean, outcome: "failed" | "unknown"): ExportError =>
    new ExportError({ reason: "Cannot keep a batch in memory: `break` was called", retryable, outcome })
  const exportBatch = (batch: Batch): Effect.Effect<void, ExportError> =>
    Effect.suspend(() => {
      attempts.push(batch.count)
      switch (breakage) {
        case "fail":
          return Effect.fail(failure(true, "failed"))
        case "refuse":
          return Effect.fail(failure(false, "failed"))
        case "unknown":
          keep(batch)
          return Effect.fail(failure(true, "unknown"))
        case "die":
          return Effect.die(new Error('`break("die")` was called'))
        case "hang":
          return Effect.andThen(healed, exportBatch(batch))
        default:
          return latencyMs > 0 ? Effect.andThen(Effect.sleep(latencyMs), keepOnce(batch)) : keepOnce(batch)
      }
    })
  // A last write may have come in the meantime.
  const keepOnce = (batch: Batch): Effect.Effect<void> =>
    Effect.sync(() => {
      if (savedLast !== batch) keep(batch)
    })

  const { accepts, route, exportTimeoutMs } = options ?? {}
  const exporter: MemoryExporter = {
    name: options?.name ?? "memory",
    queue: { ...defaultQueuePolicy, ...options?.queue },
    required: options?.required ?? false,
    ...(exportTimeoutMs === undefined ? {} : { exportTimeoutMs }),
    ...(accepts === undefined ? {} : { accepts }),
    ...(route === undefined ? {} : { route }),
    open: () =>
      Effect.suspend(() => {
        if (breakage === "open") return Effect.fail(failure(true, "failed"))
        opened += 1
        return Effect.succeed({ export: exportBatch })
      }),
    lastWrite: (_log, batch) => {
      // Where the way out hangs, a last write goes around it.
      if (breakage !== undefined && breakage !== "hang") return { written: 0 }
      keep(batch)
      savedLast = batch
      return { written: batch.count }
    },
    get lines() {
      return lines
    },
    get events() {
      return lines
        .map((line) => decodeLine(line))
        .filter((event): event is AuditEvent => !("damage" in event))
    },
    get opened() {
      return opened
    },
    get attempts() {
      return attempts
    },
    break: (how) => {
      breakage = how
    },
    heal: () => {
      breakage = undefined
      for (const waiter of waiters.splice(0)) waiter()
    }
  }
  return exporter as MemoryExporter & RequiredAs<Options>
}

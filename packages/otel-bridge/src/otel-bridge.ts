// Events into the host's own OpenTelemetry pipeline: each becomes a record of its LoggerProvider. What happens there is not
// known here, so events count as handed over, and no commit can wait for them.
import { defaultQueuePolicy, ExportError, type Exporter, type QueuePolicy } from "@daybook/core"
import { type Logger, type LoggerProvider, logs } from "@opentelemetry/api"
import * as Effect from "effect/Effect"
import { loggerOf } from "./log-records.ts"
import { toLogRecord } from "./otel-mapping.ts"

export interface OtelBridgeOptions {
  /** Default: the provider registered with `logs.setGlobalLoggerProvider`, as soon as there is one. */
  readonly loggerProvider?: LoggerProvider | undefined
  /** Names it in health and gap marks. Default "otel-bridge". */
  readonly name?: string | undefined
  /**
   * Merged over core's default, with batches of 512 events: the size of the SDK's own batches. The SDK's queue, 2,048
   * records by default, silently drops what comes faster than it sends.
   */
  readonly queue?: Partial<QueuePolicy> | undefined
  /** Which events it gets; all, when absent. */
  readonly accepts?: Exporter["accepts"]
}

/** Hands events to a LoggerProvider. Until there is one they wait in the queue. */
export const otelBridge = (options: OtelBridgeOptions = {}): Exporter => {
  const { loggerProvider, name = "otel-bridge", queue, accepts } = options
  return {
    name,
    queue: { ...defaultQueuePolicy, batchEventsMax: 512, ...queue },
    handsOver: true,
    ...(accepts === undefined ? {} : { accepts }),
    open: ({ app }) =>
      Effect.map(findProvider(loggerProvider), (provider) => {
        const logger = loggerOf(provider)
        return {
          export: (batch) =>
            Effect.suspend(() => {
              const lines = batch.events()
              let refused = batch.count - lines.length
              for (const line of lines) if (!emit(logger, toLogRecord(line, app))) refused += 1
              return refused === 0 ? Effect.void : Effect.fail(partlyRefused(refused))
            })
        }
      })
  }
}

const partlyRefused = (refusedEvents: number): ExportError =>
  new ExportError({
    reason: "Cannot hand over some events: the host's pipeline threw, or their lines are damaged",
    retryable: false,
    outcome: "failed",
    refusedEvents
  })

// The host's pipeline may throw at one record; the others go on.
const emit = (logger: Logger, record: Parameters<Logger["emit"]>[0]): boolean => {
  try {
    logger.emit(record)
    return true
  } catch {
    return false
  }
}

const findProvider = (given: LoggerProvider | undefined): Effect.Effect<LoggerProvider, ExportError> =>
  Effect.suspend(() => {
    const provider = given ?? logs.getLoggerProvider()
    // Until a provider is registered, the API returns a stand-in that discards everything.
    if (!("_setDelegate" in provider)) return Effect.succeed(provider)
    const reason =
      'Cannot hand over: no LoggerProvider is registered; call logs.setGlobalLoggerProvider, or set the option "loggerProvider"'
    return Effect.fail(new ExportError({ reason, retryable: true, outcome: "failed" }))
  })

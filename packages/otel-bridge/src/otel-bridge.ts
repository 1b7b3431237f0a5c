// Events into the host's own OpenTelemetry pipeline: each becomes a record of its LoggerProvider. What happens there is not
// known here, so events count as handed over, and no commit can wait for them.
import {
  type Batch,
  checkOptions,
  defaultQueuePolicy,
  ExportError,
  type Exporter,
  type OptionRules,
  optionRule,
  type QueuePolicy,
  queueRules
} from "@daybook/core"
import { type Logger, type LoggerProvider, logs } from "@opentelemetry/api"
import * as Effect from "effect/Effect"
import { loggerOf } from "./log-records.ts"
import { type RecordForm, toLogRecord } from "./otel-mapping.ts"

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
  /**
   * Arguments and results of tool calls, as far as they were recorded, are given as `gen_ai.tool.call.arguments` and
   * `gen_ai.tool.call.result` as well. Default false.
   */
  readonly toolContent?: boolean | undefined
}

const rules: OptionRules = {
  loggerProvider: optionRule.object("a LoggerProvider"),
  name: optionRule.text("otel-bridge"),
  queue: optionRule.object("an object of bounds"),
  accepts: optionRule.callable,
  toolContent: optionRule.flag
}

/**
 * Hands events to a LoggerProvider. Until there is one they wait in the queue.
 *
 * @throws TypeError for an option that is unknown or unusable.
 */
export const otelBridge = (options: OtelBridgeOptions = {}): Exporter => {
  checkOptions("otelBridge", options, rules)
  const { loggerProvider, name = "otel-bridge", queue, accepts, toolContent } = options
  if (queue !== undefined) checkOptions("otelBridge", queue, queueRules, "queue")
  return {
    name,
    queue: { ...defaultQueuePolicy, batchEventsMax: 512, ...queue },
    handsOver: true,
    ...(accepts === undefined ? {} : { accepts }),
    open: ({ app }) =>
      Effect.succeed({
        // Looked for at each attempt: an application may register its provider late, or another one in its place.
        export: (batch) =>
          Effect.suspend(() => {
            const provider = findProvider(loggerProvider)
            return provider === undefined
              ? Effect.fail(notRegistered())
              : handOver(batch, app, loggerOf(provider), { toolContent })
          })
      })
  }
}

const handOver = (
  batch: Batch,
  app: string,
  logger: Logger,
  form: RecordForm
): Effect.Effect<void, ExportError> => {
  let refused = 0
  for (const line of batch.events()) if (!emit(logger, toLogRecord(line, app, form))) refused += 1
  return refused === 0 ? Effect.void : Effect.fail(partlyRefused(refused))
}

const partlyRefused = (refusedEvents: number): ExportError =>
  new ExportError({
    reason: "Cannot hand over some events: the host's pipeline threw",
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

const notRegistered = (): ExportError =>
  new ExportError({
    reason:
      'Cannot hand over: no LoggerProvider is registered; call logs.setGlobalLoggerProvider, or set the option "loggerProvider"',
    retryable: true,
    outcome: "failed"
  })

/** What the API returns until a provider is registered: it discards everything. Then it has a delegate. */
interface EarlyProvider extends LoggerProvider {
  _setDelegate(provider: LoggerProvider): void
  readonly _delegate?: LoggerProvider
}

const isEarly = (provider: LoggerProvider): provider is EarlyProvider => "_setDelegate" in provider

// An early provider that was given stands for the registered one. One from before `logs.disable()` never gets its delegate.
const findProvider = (given: LoggerProvider | undefined): LoggerProvider | undefined => {
  if (given !== undefined && !isEarly(given)) return given
  const registered = logs.getLoggerProvider()
  return isEarly(registered) ? (given?._delegate ?? registered._delegate) : registered
}

// Lines as records of OpenTelemetry's SDK: it brings resource, scope and limits, and this keeps what it made. Nothing is
// queued or batched here: records exist for one export.
import type { AuditEvent, Batch, ExportError } from "@daybook/core"
import type { LoggerProvider as HostProvider, Logger } from "@opentelemetry/api"
import { LoggerProvider, type ReadableLogRecord } from "@opentelemetry/sdk-logs"
import type * as Effect from "effect/Effect"
import type { Empty } from "./attribute-value.ts"
import { toLogRecord } from "./otel-mapping.ts"
import type { OtlpSettings } from "./otlp-settings.ts"
import { scope } from "./version.ts"

/** Makes the records of one log. */
export type RecordMaker = (lines: readonly AuditEvent[]) => readonly ReadableLogRecord[]

/** Sends the records of a batch as one request. */
export type Send = (records: readonly ReadableLogRecord[], batch: Batch) => Effect.Effect<void, ExportError>

/** `empty` stands for null in them. */
export const makeRecordMaker = (
  app: string,
  { resource, limits }: OtlpSettings,
  empty: Empty
): RecordMaker => {
  let made: ReadableLogRecord[] = []
  const provider = new LoggerProvider({
    resource,
    logRecordLimits: {
      attributeCountLimit: limits.attributeCountMax,
      attributeValueLengthLimit: limits.attributeValueCharsMax
    },
    processors: [
      {
        onEmit: (record) => void made.push(record),
        forceFlush: async () => undefined,
        shutdown: async () => undefined
      }
    ]
  })
  const logger = loggerOf(provider)
  return (lines) => {
    // What is left of one that threw half-way.
    made = []
    for (const line of lines) logger.emit(toLogRecord(line, app, empty))
    return made
  }
}

/** This package's logger of a provider. */
export const loggerOf = (provider: HostProvider): Logger => provider.getLogger(scope.name, scope.version)

// Lines as records of OpenTelemetry's SDK. The SDK adds resource, scope and limits; this keeps the records that it makes.
// Nothing is queued or batched here: records exist for one export.
import type { AuditEvent, Batch, ExportError } from "@daybook/core"
import type { LoggerProvider as HostProvider, Logger } from "@opentelemetry/api"
import { LoggerProvider, type ReadableLogRecord } from "@opentelemetry/sdk-logs"
import type * as Effect from "effect/Effect"
import { type RecordForm, toLogRecord } from "./otel-mapping.ts"
import type { OtlpSettings } from "./otlp-settings.ts"
import { scope } from "./version.ts"

/** Makes the records of one log. */
export type RecordMaker = (lines: readonly AuditEvent[]) => readonly ReadableLogRecord[]

/** Sends the records of a batch as one request. */
export type Send = (records: readonly ReadableLogRecord[], batch: Batch) => Effect.Effect<void, ExportError>

export const makeRecordMaker = (
  app: string,
  { resource, limits }: OtlpSettings,
  form: RecordForm
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
    // Drops the records of a call that threw half-way.
    made = []
    for (const line of lines) logger.emit(toLogRecord(line, app, form))
    return made
  }
}

/** The logger of this package's scope. */
export const loggerOf = (provider: HostProvider): Logger => provider.getLogger(scope.name, scope.version)

// The OpenTelemetry SDK with its batch processor and its OTLP/HTTP exporter, to a receiver in a process of its own. Queue
// and batches are larger than the SDK's defaults, which lose most of a burst; a producer that can wait asks for a flush
// when half the queue may be full. What arrives is counted by the receiver.

import { type Logger, SeverityNumber } from "@opentelemetry/api"
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs"
import { kinds, sessionId } from "../events.ts"
import type { Library } from "./library.ts"

const queueEvents = 65_536
const batchEvents = 4_096

export const otel: Library = {
  note: `BatchLogRecordProcessor of ${queueEvents} events, batches of ${batchEvents}; forceFlush() each half queue`,
  start: ({ receiverUrl = "" }) => {
    const exporter = new OTLPLogExporter({ url: `${receiverUrl}/v1/logs` })
    const batches = new BatchLogRecordProcessor({
      exporter,
      maxQueueSize: queueEvents,
      maxExportBatchSize: batchEvents,
      scheduledDelayMillis: 1_000
    })
    const resource = resourceFromAttributes({ "service.name": "bench", "session.id": sessionId })
    const provider = new LoggerProvider({ resource, processors: [batches] })
    const loggers: readonly Logger[] = kinds.map(({ category }) => provider.getLogger(category))
    let sinceFlush = 0
    return {
      log: ({ kind, fields, error }) => {
        sinceFlush += 1
        const isError = error !== undefined
        loggers[kind.index]?.emit({
          eventName: kind.category,
          severityNumber: isError ? SeverityNumber.ERROR : SeverityNumber.INFO,
          severityText: isError ? "error" : "info",
          body: kind.message(fields),
          attributes: isError
            ? { ...fields, "exception.type": error.name, "exception.stacktrace": error.stack ?? "" }
            : { ...fields }
        })
      },
      room: () => {
        if (sinceFlush < queueEvents / 2) return undefined
        sinceFlush = 0
        return provider.forceFlush()
      },
      settled: async () => {
        sinceFlush = 0
        await provider.forceFlush()
      },
      finish: () => provider.shutdown()
    }
  }
}

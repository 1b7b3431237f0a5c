// The demo: a collector, the service with its layers for spans and for the log, a few requests, and then what the collector
// received. The service is a function of web requests, for any server that takes one.
// Usage: npm run demo:effect-service
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AuditLog } from "@daybook/core"
import { startLocalCollector } from "@daybook/example-node-service/local-collector"
import { traceReport } from "@daybook/example-node-service/trace-report"
import { auditLogPath, fileExporter } from "@daybook/file-exporter"
import { otelExporter } from "@daybook/otel-bridge"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import { Service } from "./service.ts"

const app = "effect-service"
const dir = mkdtempSync(join(tmpdir(), "effect-service-demo-"))
const collector = await startLocalCollector()

const Spans = OtlpTracer.layer({
  url: `${collector.url}/v1/traces`,
  resource: { serviceName: app }
}).pipe(Layer.provide([OtlpExporter.layerFlusher, OtlpSerialization.layerProtobuf, FetchHttpClient.layer]))

const Events = AuditLog.layer({
  app,
  exporters: [otelExporter({ url: `${collector.url}/v1/logs` }), fileExporter({ dir })]
})

const { handler, dispose } = HttpRouter.toWebHandler(Service.pipe(Layer.provideMerge([Spans, Events])), {
  disableLogger: true
})

const ask = async (method: string, path: string, body?: string): Promise<void> => {
  const headers = { "x-user": "ada" }
  const request = new Request(`http://localhost${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body })
  })
  const { status } = await handler(request)
  console.log(`  ${status} ${method} ${path}`)
}

console.log("\n  Requests\n")
await ask("PUT", "/notes/monday", "call Grace about the compiler")
await ask("GET", "/notes/monday")
await ask("GET", "/notes/tuesday")
await ask("PUT", "/notes/empty", " ")

// Closes the layers: the log writes its end and what still waits, and the tracer sends its last spans.
await dispose()
const received = await collector.stop()

console.log(`\n  The collector received ${received.spans.length} spans, ${received.events.length} events`)
console.log(`  (the collector is ${collector.name})`)
for (const line of traceReport(received)) console.log(line)
console.log(`\n  The same events, with seals: ${auditLogPath({ app, dir, at: Date.now() })}\n`)

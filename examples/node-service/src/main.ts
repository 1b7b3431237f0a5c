// The demo: a collector, the service with its tracing and its log, a few requests, and then what the collector received. Events
// go to two places at once: to the collector, and into the day's file on this machine.
// Usage: npm run demo:node-service
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { auditLogPath, fileExporter } from "@daybook/file-exporter"
import { otelExporter, otelTraceSource } from "@daybook/otel-bridge"
import { startLocalCollector } from "./local-collector.ts"
import { makeService } from "./service.ts"
import { traceReport } from "./trace-report.ts"
import { startTracing } from "./tracing.ts"

const app = "node-service"
const dir = mkdtempSync(join(tmpdir(), "node-service-demo-"))
const collector = await startLocalCollector()

const tracing = startTracing(app, collector.url)
const audit = createAuditLog({
  app,
  exporters: [otelExporter({ url: `${collector.url}/v1/logs` }), fileExporter({ dir })],
  traceSource: otelTraceSource
})
audit.sessionStart()

const service = makeService(audit).listen(0, "127.0.0.1")
await once(service, "listening")
const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`

const ask = async (method: string, path: string, body?: string): Promise<void> => {
  const headers = { "x-user": "ada" }
  const { status } = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body })
  })
  console.log(`  ${status} ${method} ${path}`)
}

console.log(`\n  Requests to ${url}\n`)
await ask("PUT", "/files/customers.csv", "name,city\nAda,London\nGrace,New York\n")
await ask("POST", "/files/customers.csv/analysis")
await ask("POST", "/files/orders.csv/analysis")
await ask("PUT", "/files/weird.csv", "no columns at all\n")
await ask("POST", "/files/weird.csv/analysis")
service.close()

await tracing.shutdown()
const { exporters } = await audit.close()
const received = await collector.stop()

console.log(`\n  The collector received ${received.spans.length} spans, ${received.events.length} events`)
console.log(`  (the collector is ${collector.name})`)
for (const line of traceReport(received)) console.log(line)

console.log("\n  Counts of each exporter\n")
for (const { name, written, dropped, pending } of exporters) {
  console.log(`  ${name.padEnd(6)} ${written} written, ${dropped} dropped, ${pending} pending`)
}
console.log(`\n  The same events, with seals: ${auditLogPath({ app, dir, at: Date.now() })}\n`)

// The OTLP exporter over each runtime's own fetch, against a collector in the same process: records keep the span of their call
// though the batch leaves later, and every answer is handled. packages/otel-bridge tests the meaning of each answer in full.
import assert from "node:assert/strict"
import { createServer } from "node:http"
import test from "node:test"
import { gunzipSync } from "node:zlib"
import { createAuditLog } from "@daybook/core"
import { otelExporter, otelTraceSource } from "@daybook/otel-bridge"
import { context } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import { TracerProvider } from "@opentelemetry/sdk-trace"
import root from "otlp-codec/build/src/generated/root.js"

const { ExportLogsServiceRequest } = root.opentelemetry.proto.collector.logs.v1

const acknowledge = (response, type) =>
  response.writeHead(200, { "content-type": type }).end(type === "application/json" ? "{}" : "")

const status =
  (code, headers = {}) =>
  (response) =>
    response.writeHead(code, { "content-length": 0, ...headers }).end()

/** Each record as plain text and ids, whatever its encoding. */
const recordsOf = (bytes, type) => {
  const isJson = type === "application/json"
  const request = isJson
    ? JSON.parse(new TextDecoder().decode(bytes))
    : ExportLogsServiceRequest.decode(new Uint8Array(bytes))
  const hex = (id) => (typeof id === "string" ? id : Buffer.from(id ?? []).toString("hex"))
  return request.resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map(({ body, traceId, spanId, flags, attributes, timeUnixNano }) => ({
        body: body.stringValue,
        traceId: hex(traceId),
        spanId: hex(spanId),
        flags: flags ?? 0,
        time: String(timeUnixNano),
        uid: attributes.find(({ key }) => key === "log.record.uid").value.stringValue
      }))
    )
  )
}

/** Runs `use` with a collector that answers each request by `mood.answer`, else acknowledges. */
const withCollector = async (use) => {
  const requests = []
  const mood = {}
  const server = createServer((incoming, response) => {
    const parts = []
    incoming.on("data", (part) => parts.push(part))
    incoming.on("end", () => {
      const type = incoming.headers["content-type"]
      const bytes = Buffer.concat(parts)
      const isPacked = incoming.headers["content-encoding"] === "gzip"
      requests.push({
        headers: incoming.headers,
        isPacked,
        records: recordsOf(isPacked ? gunzipSync(bytes) : bytes, type)
      })
      ;(mood.answer ?? acknowledge)(response, type)
    })
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  try {
    return await use({ url: `http://127.0.0.1:${server.address().port}/v1/logs`, requests, mood })
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const logInto = (options) => {
  const notices = []
  const audit = createAuditLog({
    app: "datatools",
    exporters: [otelExporter(options)],
    exitHook: false,
    env: {},
    notice: (line) => notices.push(line),
    traceSource: otelTraceSource
  })
  return { audit, notices }
}

const ways = [
  { protocol: "http/protobuf", compression: "none" },
  { protocol: "http/protobuf", compression: "gzip" },
  { protocol: "http/json", compression: "none" },
  { protocol: "http/json", compression: "gzip" }
]

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const tracer = new TracerProvider().getTracer("conformance")

for (const way of ways) {
  test(`with ${way.protocol} and ${way.compression}, records keep the span of their call though they leave later`, () =>
    withCollector(async ({ url, requests, mood }) => {
      const { audit } = logInto({ ...way, url })
      mood.answer = status(503)
      audit.log("case", "outside")
      const spans = []
      for (const body of ["first", "second"]) {
        await tracer.startActiveSpan(body, async (span) => {
          await Promise.resolve()
          audit.log("case", body)
          const { traceId, spanId, traceFlags: flags } = span.spanContext()
          spans.push({ body, traceId, spanId, flags })
          span.end()
        })
      }
      assert.equal((await audit.flush({ timeoutMs: 10_000 })).pending, 3)
      mood.answer = undefined
      await tracer.startActiveSpan("later", async (span) => {
        assert.equal((await audit.flush({ timeoutMs: 10_000 })).written, 3)
        span.end()
      })
      const { records, isPacked } = requests.at(-1)
      assert.equal(isPacked, way.compression === "gzip")
      assert.deepEqual(
        records.map(({ body, traceId, spanId, flags }) => ({ body, traceId, spanId, flags })),
        [{ body: "outside", traceId: "", spanId: "", flags: 0 }, ...spans]
      )
      assert.ok(records.every(({ time }) => /^\d{13}000000$/.test(time)))
      await audit.close()
    }))
}

const page = { "content-type": "text/html" }
const json = { "content-type": "application/json" }
const troubles = {
  "F98 a reset": (response) => response.destroy(),
  "F98 half an answer": (response) => {
    response.writeHead(200, { ...json, "content-length": 20 })
    response.write('{"partial', () => response.destroy())
  },
  "F99 a page with 200": (response) => response.writeHead(200, page).end("<html>"),
  "F100 a redirect to another path": status(307, { location: "/v1/logs?elsewhere" }),
  "F101 an answer that hangs": (response) => response.writeHead(200, json).flushHeaders(),
  "F101 an answer that never ends": (response) => {
    response.writeHead(200, json)
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
    }
    response.on("drain", more)
    more()
  },
  "F102 a 401": status(401)
}

for (const [what, answer] of Object.entries(troubles)) {
  test(`after ${what} the batch is sent again with the same ids, and the key is never shown`, () =>
    withCollector(async ({ url, requests, mood }) => {
      const { audit, notices } = logInto({ url, headers: { "x-api-key": "sesame" }, timeoutMs: 500 })
      mood.answer = answer
      for (let n = 1; n <= 5; n++) audit.log("case", `event ${n}`)
      const broken = await audit.flush({ timeoutMs: 10_000 })
      assert.deepEqual([broken.complete, broken.pending, broken.dropped], [false, 5, 0])
      const seen = requests.length
      mood.answer = undefined
      const healed = await audit.flush({ timeoutMs: 10_000 })
      assert.deepEqual([healed.complete, healed.written], [true, 5])
      const uids = requests.map(({ records }) => records.map(({ uid }) => uid).join())
      assert.equal(new Set(uids).size, 1)
      assert.ok(seen >= 1)
      assert.equal(requests[0].headers["x-api-key"], "sesame")
      assert.ok(!`${notices.join()}${JSON.stringify(audit.health())}`.includes("sesame"))
      await audit.close()
    }))
}

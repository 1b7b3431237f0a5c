// The OTLP exporter on the real workerd: bundled as a deployment would be, sent by workerd's own fetch, acknowledged by a collector
// outside of it. packages/otel-bridge tests the meaning of each answer.
import assert from "node:assert/strict"
import { createServer } from "node:http"
import { join } from "node:path"
import { describe, test } from "node:test"
import { gunzipSync } from "node:zlib"
import { build } from "vite"
import { startWorker } from "./workerd/start-worker.mjs"

const entryId = join(import.meta.dirname, "workerd/entry.mjs")

/**
 * A log made at the first request, because bindings come with it. `/?n=3` logs 3 events and flushes; `/later?n=3` leaves the
 * flush to `waitUntil`.
 */
const entry = `
import { createAuditLog, withAudit } from "@daybook/core"
import { otelExporter } from "@daybook/otel-bridge"
let audit
const log = (request) => {
  const n = Number(new URL(request.url).searchParams.get("n"))
  for (let at = 1; at <= n; at++) audit.log("case", "event " + at, { at })
  return Response.json({ logged: n })
}
export default {
  async fetch(request, env, ctx) {
    audit ??= createAuditLog({ app: "worker", exporters: [otelExporter(JSON.parse(env.OPTIONS))] })
    if (new URL(request.url).pathname === "/later") return withAudit(audit, log)(request, env, ctx)
    log(request)
    const { complete, written, pending, dropped } = await audit.flush({ timeoutMs: 10000 })
    return Response.json({ complete, written, pending, dropped })
  }
}
`

/** One module, as deployments make it: what is loaded on demand is in it too. */
const bundle = async () => {
  const built = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: "warn",
    plugins: [
      {
        name: "given-entry",
        enforce: "pre",
        resolveId: (id) => (id === entryId ? `\0${id}` : null),
        load: (id) => (id === `\0${entryId}` ? entry : null)
      }
    ],
    resolve: { conditions: ["workerd", "worker", "module", "browser"] },
    build: {
      write: false,
      minify: false,
      target: "es2023",
      lib: { entry: entryId, formats: ["es"] },
      rolldownOptions: { external: (id) => /^(node|cloudflare):/.test(id), output: { codeSplitting: false } }
    }
  })
  const [{ output }] = Array.isArray(built) ? built : [built]
  const [{ code, imports }, ...others] = output
  assert.deepEqual([imports, others.length], [[], 0])
  return code
}

const code = await bundle()

const withCollector = async (use) => {
  const requests = []
  const mood = {}
  const server = createServer((incoming, response) => {
    const parts = []
    incoming.on("data", (part) => parts.push(part))
    incoming.on("end", () => {
      const bytes = Buffer.concat(parts)
      const isPacked = incoming.headers["content-encoding"] === "gzip"
      const { resourceLogs } = JSON.parse(isPacked ? gunzipSync(bytes) : bytes)
      const records = resourceLogs[0].scopeLogs[0].logRecords.map(({ body }) => body.stringValue)
      requests.push({ path: incoming.url, isPacked, headers: incoming.headers, records })
      if (mood.answer === undefined) response.writeHead(200, { "content-type": "application/json" }).end("{}")
      else mood.answer(response)
    })
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${server.address().port}/v1/logs`
  const options = { url, protocol: "http/json", compression: "gzip", headers: { "x-api-key": "sesame" } }
  const worker = await startWorker(code, { bindings: { OPTIONS: JSON.stringify(options) } })
  try {
    await use({ worker, requests, mood })
  } finally {
    await worker.stop()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

describe("the OTLP exporter on workerd", () => {
  test("sends what a request logged, packed, and has its acknowledgement before the request ends", () =>
    withCollector(async ({ worker, requests }) => {
      assert.deepEqual(await worker.ask("/?n=3"), { complete: true, written: 3, pending: 0, dropped: 0 })
      assert.deepEqual(await worker.ask("/?n=2"), { complete: true, written: 5, pending: 0, dropped: 0 })
      assert.deepEqual(
        requests.map(({ records, isPacked }) => [records, isPacked]),
        [
          [["event 1", "event 2", "event 3"], true],
          [["event 1", "event 2"], true]
        ]
      )
    }))

  test("under waitUntil the response goes first, and its events are acknowledged before the next request asks", () =>
    withCollector(async ({ worker, requests, mood }) => {
      const arrived = new Promise((resolve) => {
        mood.answer = resolve
      })
      // The collector answers only when the response has arrived.
      assert.deepEqual(await worker.ask("/later?n=3"), { logged: 3 })
      const response = await arrived
      mood.answer = undefined
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
      assert.deepEqual(await worker.ask("/?n=0"), { complete: true, written: 3, pending: 0, dropped: 0 })
      assert.deepEqual(
        requests.map(({ records }) => records),
        [["event 1", "event 2", "event 3"]]
      )
    }))

  test("F100 does not follow a redirect, and keeps the events", () =>
    withCollector(async ({ worker, requests, mood }) => {
      mood.answer = (response) => response.writeHead(307, { location: "/elsewhere" }).end()
      assert.deepEqual(await worker.ask("/?n=2"), { complete: false, written: 0, pending: 2, dropped: 0 })
      assert.deepEqual([...new Set(requests.map(({ path }) => path))], ["/v1/logs"])
      mood.answer = undefined
      assert.deepEqual(await worker.ask("/?n=0"), { complete: true, written: 2, pending: 0, dropped: 0 })
      assert.ok(!worker.told.includes("sesame"))
    }))

  test("F99 an HTML page is no acknowledgement", () =>
    withCollector(async ({ worker, mood }) => {
      mood.answer = (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>")
      assert.deepEqual(await worker.ask("/?n=2"), { complete: false, written: 0, pending: 2, dropped: 0 })
    }))
})

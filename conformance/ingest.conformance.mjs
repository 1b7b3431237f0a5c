// The server's end of a page's log on each runtime's own server: Node through srvx, Deno.serve and Bun.serve.
import { after, before, describe, test } from "node:test"
import { runtime } from "./child-run.mjs"
import { makeIngestApp } from "./ingest-app.mjs"
import { ingestCases } from "./ingest-cases.mjs"

/** Starts a fetch handler on loopback. */
const serve = async (fetch) => {
  if (runtime === "deno") {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, fetch)
    return { origin: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() }
  }
  if (runtime === "bun") {
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch })
    return { origin: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) }
  }
  const srvx = await import("srvx")
  const server = srvx.serve({ hostname: "127.0.0.1", port: 0, silent: true, fetch })
  await server.ready()
  return { origin: new URL(server.url).origin, stop: () => server.close(true) }
}

describe(`ingest on ${runtime}`, () => {
  let server
  before(async () => {
    server = await serve(makeIngestApp().fetch)
  })
  after(() => server?.stop())
  for (const { name, run } of ingestCases) test(name, () => run(server.origin))
})

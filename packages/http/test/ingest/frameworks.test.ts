// The handler inside the frameworks that applications have, by the same cases as on bare hosts (conformance/ingest-cases.mjs).
// Next has a handler's own signature, and builds a page's server by itself, so only the signature is shown here.
import type { IncomingMessage, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import express from "express"
import fastify from "fastify"
import { Hono } from "hono"
import { serve } from "srvx"
import { toNodeHandler } from "srvx/node"
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest"
import { makeIngestApp } from "../../../../conformance/ingest-app.mjs"
import { ingestCases } from "../../../../conformance/ingest-cases.mjs"
import type { Ingest } from "../../src/ingest.ts"

interface Running {
  readonly origin: string
  stop(): Promise<unknown>
}

type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown

// The adapter's own type is for HTTP/2 too, which Express and Fastify do not know.
const onNode = (handler: (request: Request) => Response | Promise<Response>): NodeHandler =>
  toNodeHandler(handler) as NodeHandler

const { fetch: answer, ingest } = makeIngestApp()
const others = ["/trail", "/missing"] as const
const originOf = (address: AddressInfo | string | null): string =>
  `http://127.0.0.1:${(address as AddressInfo).port}`

const inHono = async (): Promise<Running> => {
  const app = new Hono()
  app.all("/daybook", (context) => ingest(context.req.raw))
  for (const path of others) app.get(path, (context) => answer(context.req.raw))
  const server = serve({ hostname: "127.0.0.1", port: 0, silent: true, fetch: app.fetch })
  await server.ready()
  return { origin: new URL(server.url ?? "").origin, stop: () => server.close(true) }
}

const inExpress = async (): Promise<Running> => {
  const app = express()
  app.all("/daybook", onNode(ingest))
  for (const path of others) app.get(path, onNode(answer))
  // A body parser behind the handler takes nothing from it.
  app.use(express.json())
  const server = app.listen(0, "127.0.0.1")
  await new Promise((resolve) => server.on("listening", resolve))
  return {
    origin: originOf(server.address()),
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }
  }
}

const inFastify = async (): Promise<Running> => {
  const app = fastify({ forceCloseConnections: true })
  // The handler reads the body itself.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("*", (_request, _body, done) => done(null))
  const handlers = [["/daybook", ingest] as const, ...others.map((path) => [path, answer] as const)]
  for (const [path, handler] of handlers) {
    const handle = onNode(handler)
    app.all(path, (request, reply) => {
      reply.hijack()
      return handle(request.raw, reply.raw)
    })
  }
  await app.listen({ host: "127.0.0.1", port: 0 })
  return { origin: originOf(app.server.address()), stop: () => app.close() }
}

describe.each([
  ["Hono", inHono],
  ["Express", inExpress],
  ["Fastify", inFastify]
])("ingest inside %s", (_name, start) => {
  let running: Running
  beforeAll(async () => {
    running = await start()
  })
  afterAll(() => running.stop())
  it.each(ingestCases)("$name", ({ run }) => run(running.origin), 120_000)
})

describe("ingest as a route handler of Next", () => {
  it("has the signature of one: a request, and the route's parameters that it does not ask for", async () => {
    type RouteHandler = (request: Request, context: { params: Promise<object> }) => Promise<Response>
    expectTypeOf<Ingest>().toExtend<RouteHandler>()
    const POST: RouteHandler = ingest
    const request = new Request("http://shop.example/daybook", { method: "POST" })
    expect((await POST(request, { params: Promise.resolve({}) })).status).toBe(403)
  })

  it("behind a body parser answers 500, so that a page keeps its lines", async () => {
    const app = express()
    app.use(express.text({ type: "*/*" }))
    app.post("/daybook", onNode(ingest))
    const server = app.listen(0, "127.0.0.1")
    await new Promise((resolve) => server.on("listening", resolve))
    const origin = originOf(server.address())
    const response = await fetch(`${origin}/daybook`, {
      method: "POST",
      headers: { origin, "content-type": "application/x-ndjson", authorization: "Bearer ada" },
      body: "{}\n"
    })
    server.close()
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: expect.stringContaining("body parser") })
  })
})

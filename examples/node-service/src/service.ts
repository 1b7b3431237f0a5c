// An HTTP service that keeps small CSV files: a span for each request, and audit events of what it did. No code passes a trace
// id: the log reads the active span at each call. The caller decides where events go.
import { createServer, type IncomingMessage, type Server } from "node:http"
import { text } from "node:stream/consumers"
import { type Audit, withContext } from "@daybook/core"
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"
import { Analyzed, FileMissing, Uploaded } from "./events.ts"

/** Answers with a status. */
type Route = (filename: string, request: IncomingMessage) => number | Promise<number>

const tracer = trace.getTracer("node-service")

/** `PUT /files/<name>` keeps a file, `POST /files/<name>/analysis` counts its rows. */
export const makeService = (audit: Audit): Server => {
  const files = new Map<string, string>()

  const routes: Readonly<Record<string, Route>> = {
    "PUT /files/:name": async (filename, request) => {
      const content = await text(request)
      files.set(filename, content)
      audit.log(Uploaded({ filename, bytes: Buffer.byteLength(content) }))
      return 201
    },
    "POST /files/:name/analysis": (filename) => {
      const content = files.get(filename)
      if (content === undefined) {
        audit.log(FileMissing({ filename }))
        return 404
      }
      audit.log(Analyzed({ filename, rows: inSpan("count rows", () => countRows(content)) }))
      return 200
    }
  }

  const answer = async (name: string, filename: string, request: IncomingMessage): Promise<number> => {
    const span = trace.getActiveSpan()
    try {
      const status = (await routes[name]?.(filename, request)) ?? 404
      span?.setAttribute("http.response.status_code", status)
      return status
    } catch (error) {
      span?.setStatus({ code: SpanStatusCode.ERROR })
      audit.exception(name, error, { filename })
      return 500
    }
  }

  return createServer((request, response) => {
    const [, filename = "", rest = ""] = /^\/files\/([^/]+)(\/analysis)?$/.exec(request.url ?? "") ?? []
    const name = `${request.method} /files/:name${rest}`
    const user = request.headers["x-user"]
    void tracer.startActiveSpan(name, { kind: SpanKind.SERVER }, (span) =>
      withContext({ user }, async () => {
        const status = await answer(name, filename, request)
        span.end()
        response.writeHead(status).end()
      })
    )
  })
}

const inSpan = <A>(name: string, run: () => A): A =>
  tracer.startActiveSpan(name, (span) => {
    try {
      return run()
    } finally {
      span.end()
    }
  })

/** Rows below the header. A file without a comma is no table. */
const countRows = (content: string): number => {
  const [header = "", ...rows] = content.trimEnd().split("\n")
  if (!header.includes(",")) throw new TypeError("the header has no delimiter")
  return rows.length
}

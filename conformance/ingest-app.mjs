// A server for pages as one fetch handler, the same on every host: `/daybook` takes what pages send, the other paths tell what it has
// recorded. ingest-cases.mjs asks it.
import { createAuditLog, defineEvent, secret } from "@daybook/core"
import { memoryExporter } from "@daybook/core/testing"
import { createIngest } from "@daybook/http/ingest"
import * as Schema from "effect/Schema"

export const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Finite, pin: Schema.optionalKey(secret(Schema.String)) },
  message: ({ filename }) => `Uploaded ${filename}`
})

/** `Authorization: Bearer ada` is Ada; without one, or as "stolen", it is nobody. */
const authorize = (request) => {
  const user = request.headers.get("authorization")?.replace("Bearer ", "")
  return user === undefined || user === "stolen" ? undefined : { user, tenant: "t-7" }
}

export const makeIngestApp = () => {
  const exporter = memoryExporter({ required: true })
  const audit = createAuditLog({ app: "shop", exporters: [exporter], exitHook: false, env: {} })
  const ingest = createIngest({
    audit,
    events: [Uploaded],
    authorize,
    untyped: ["settings"],
    origins: ["https://shop.example"]
  })
  const answers = {
    "/daybook": ingest,
    "/trail": (request) => {
      const user = new URL(request.url).searchParams.get("user")
      return Response.json(
        exporter.lines.map((line) => JSON.parse(line)).filter((line) => line.user === user)
      )
    },
    "/missing": () => Response.json(ingest.missing())
  }
  return {
    ingest,
    exporter,
    audit,
    fetch: (request) =>
      answers[new URL(request.url).pathname]?.(request) ?? new Response("nothing here", { status: 404 })
  }
}

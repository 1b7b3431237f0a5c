// A server of pages in a process of its own, that the test kills: daily files, and what they hold is recalled at the start.
// Usage: node --conditions=@daybook/source kill-server.ts <folder>. Prints its port.
import { createAuditLog } from "@daybook/core"
import { fileExporter, readRecent } from "@daybook/file-exporter"
import { serve } from "srvx"
import { createIngest } from "../src/ingest.ts"
import { Uploaded } from "../test/page/events.ts"

const [, , dir = ""] = process.argv
const audit = createAuditLog({ app: "shop", exporters: [fileExporter({ dir, required: true })] })
const ingest = createIngest({
  audit,
  events: [Uploaded],
  authorize: () => ({}),
  rate: { perSecond: 100_000, atOnce: 100_000 },
  recall: () => readRecent({ app: "shop", dir, limit: 20_000 })
})
const server = serve({ hostname: "127.0.0.1", port: 0, silent: true, fetch: ingest })
await server.ready()
console.log(new URL(server.url ?? "").port)

// The server's end of a page's log on the real workerd, asked from outside.
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { ingestCases } from "./ingest-cases.mjs"
import { bundle, startWorker } from "./workerd/start-worker.mjs"

// The log is made at the first request: at the top of a worker's module there are no random numbers.
const entry = `
import { makeIngestApp } from ${JSON.stringify(join(import.meta.dirname, "ingest-app.mjs"))}
let app
export default { fetch: (request) => (app ??= makeIngestApp()).fetch(request) }
`

describe("ingest on workerd", () => {
  let worker
  before(async () => {
    const { code } = await bundle({ entry })
    worker = await startWorker(code)
  })
  after(() => worker?.stop())
  for (const { name, run } of ingestCases) test(name, () => run(worker.origin))
})

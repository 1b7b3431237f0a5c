// A worker whose requests log inside `withContext`, before and after whatever lets other requests run. Each answers with the
// lines of its user's events as the log made them.
import { createAuditLog, enterContext, recentExporter, withContext } from "@daybook/core"

const recent = recentExporter()
const audit = createAuditLog({ app: "edge", exporters: [recent] })

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const work = async (request) => {
  audit.log("case", "at once", { request })
  await wait(5)
  audit.log("case", "after a timer", { request })
  await Promise.all(
    [1, 2].map(async (part) => {
      await withContext({ part }, async () => {
        await wait(part)
        audit.log("case", "in a part", { request })
      })
    })
  )
  await fetch("data:,x").catch(() => undefined)
  audit.log("case", "at the end", { request })
}

export const entries = {
  async fetch(request) {
    const id = new URL(request.url).searchParams.get("request")
    await withContext({ user: `user of ${id}` }, () => work(id))
    audit.log("case", "outside", { request: id })
    enterContext({ user: `entered by ${id}` })
    await wait(1)
    audit.log("case", "entered", { request: id })
    await audit.flush({ timeoutMs: 10_000 })
    const lines = recent.text().trimEnd().split("\n").map(JSON.parse)
    return Response.json(
      lines
        .filter((line) => line.request === id)
        .map(({ message, user = null, part = null }) => ({ message, user, part }))
    )
  }
}

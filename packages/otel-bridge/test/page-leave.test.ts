// A page that is left right after a click: what it logged arrives, while it leaves or when it comes back. In a real browser, with
// a collector on another origin.
import { describe, expect, it } from "vitest"
import { openPage } from "../../../vitest.page.ts"
import { type Answer, type Collector, startCollector } from "./collector.ts"

const script = `
import { createAuditLog } from "@daybook/core"
import { otelExporter } from "@daybook/otel-bridge"
window.addEventListener("pageshow", ({ persisted }) => { window.cameBack = persisted })
// Registered before the log's own listener, which comes with its first event: only the last write can send this.
window.addEventListener("pagehide", () => {
  window.cameBack = false
  window.logLast()
})
window.logLast = () => undefined
window.start = async (options) => {
  window.audit = createAuditLog({ app: "page", exporters: [otelExporter(options)] })
  window.audit.log("case", "first")
  await window.audit.flush({ timeoutMs: 10_000 })
}
window.logAndLeave = (from, to, text = "") => {
  window.logLast = () => {
    for (let n = from; n <= to; n++) window.audit.log("case", "event " + n, { text })
  }
  location.href = "/elsewhere"
}
`

const leave: Answer = (response, { headers }) => {
  const allowed = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type" }
  if (headers["access-control-request-method"] !== undefined) response.writeHead(204, allowed).end()
  else response.writeHead(200, { ...allowed, "content-type": "application/json" }).end("{}")
}

const open = async (options: object = {}) => {
  const collector = await startCollector(leave)
  const { page } = await openPage(import.meta.dirname, script)
  await page.evaluate(`start(${JSON.stringify({ url: collector.url, protocol: "http/json", ...options })})`)
  return { collector, page }
}

/** All but the first event. */
const recordsOf = ({ requests }: Collector) =>
  requests.flatMap(({ records }) => records).filter(({ body }) => body !== "first")
const arrived = (collector: Collector): readonly unknown[] => recordsOf(collector).map(({ body }) => body)
const until = (collector: Collector, count: number): Promise<void> =>
  collector.until(() => new Set(arrived(collector)).size >= count)
const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `event ${index + 1}`)

describe("a page that is left", () => {
  it("sends what it logged in the same moment", async () => {
    const { collector, page } = await open()
    await Promise.all([page.waitForURL("**/elsewhere"), page.evaluate("logAndLeave(1, 20)")])
    await until(collector, 20)
    expect(arrived(collector)).toEqual(numbered(20))
  })

  it("counts it as handed over when it comes back, and sends nothing twice", async () => {
    const { collector, page } = await open()
    await Promise.all([page.waitForURL("**/elsewhere"), page.evaluate("logAndLeave(1, 5)")])
    await until(collector, 5)
    await page.goBack({ waitUntil: "commit" })
    await page.waitForFunction("window.cameBack === true")
    const counts = await page.evaluate("audit.flush({ timeoutMs: 10_000 })")
    expect(counts).toMatchObject({ accepted: 6, written: 1, handedOver: 5, pending: 0, complete: true })
    expect(arrived(collector)).toEqual(numbered(5))
  })

  it("keeps what it sends to a collector that has failed, and delivers it when both are back", async () => {
    const { collector, page } = await open()
    collector.answer((response, request) =>
      request.headers["access-control-request-method"] === undefined
        ? void response.writeHead(500, { "access-control-allow-origin": "*" }).end()
        : leave(response, request)
    )
    await page.evaluate('audit.log("case", "event 0"); audit.flush()')
    await Promise.all([page.waitForURL("**/elsewhere"), page.evaluate("logAndLeave(1, 5)")])
    await page.goBack({ waitUntil: "commit" })
    await page.waitForFunction("window.cameBack === true")
    expect(await page.evaluate("audit.health().exporters[0]")).toMatchObject({ pending: 6, handedOver: 0 })
    collector.answer(leave)
    const counts = await page.evaluate("audit.flush({ timeoutMs: 10_000 })")
    expect(counts).toMatchObject({ accepted: 7, written: 7, handedOver: 0, pending: 0, complete: true })
  })

  it("sends each event once when it is left again and again", async () => {
    const { collector, page } = await open()
    for (let round = 0; round < 4; round++) {
      const [from, to] = [round * 5 + 1, round * 5 + 5]
      await Promise.all([page.waitForURL("**/elsewhere"), page.evaluate(`logAndLeave(${from}, ${to})`)])
      await until(collector, to)
      await page.goBack({ waitUntil: "commit" })
      await page.waitForFunction("window.cameBack === true")
    }
    expect(await page.evaluate("audit.flush()")).toMatchObject({
      accepted: 21,
      handedOver: 20,
      pending: 0,
      complete: true
    })
    expect(arrived(collector)).toEqual(numbered(20))
  })

  it("loses nothing of more than the browser's limit, when it comes back", async () => {
    const { collector, page } = await open()
    const text = "x".repeat(2_000)
    await Promise.all([page.waitForURL("**/elsewhere"), page.evaluate(`logAndLeave(1, 60, "${text}")`)])
    await page.goBack({ waitUntil: "commit" })
    await page.waitForFunction("window.cameBack === true")
    const counts = await page.evaluate("audit.flush({ timeoutMs: 10_000 })")
    expect(counts).toMatchObject({ accepted: 61, written: 61, pending: 0, complete: true })
    expect(new Set(arrived(collector))).toEqual(new Set(numbered(60)))
  })

  it("keeps a commit's event pending: it is sent, and again with the same id", async () => {
    const { collector, page } = await open({ required: true })
    await Promise.all([page.waitForURL("**/elsewhere"), page.evaluate("logAndLeave(1, 1)")])
    await until(collector, 1)
    await page.goBack({ waitUntil: "commit" })
    await page.waitForFunction("window.cameBack === true")
    const counts = await page.evaluate("audit.flush({ timeoutMs: 10_000 })")
    expect(counts).toMatchObject({ accepted: 2, written: 2, handedOver: 0, complete: true })
    const ids = recordsOf(collector).map(({ attributes }) => attributes["log.record.uid"])
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })
})

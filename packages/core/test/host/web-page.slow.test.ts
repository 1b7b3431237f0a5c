// A log in a real page: it starts without anything of Node, keeps its lines for a download, and hurries when the page is hidden
// or left. otel-bridge's tests say what an exporter over the network does then.
import { describe, expect, it } from "vitest"
import { openPage } from "../../../../vitest.page.ts"
import { decodeLine } from "../../src/index.ts"

const script = `
import { createAuditLog, recentExporter } from "@daybook/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

window.told = []
window.lastLines = 0
const logOf = (exporter, options) =>
  createAuditLog({ app: "page", exporters: [exporter], notice: (line) => window.told.push(line), ...options })

window.recent = recentExporter()
window.audit = logOf(window.recent)
// Timers that never end, so that nothing is written but by a flush.
const clock = Object.create(Clock.Clock.defaultValue(), { sleep: { value: () => Effect.never } })
window.timeless = logOf(recentExporter(), { clock })
const lastWrite = (log, batch) => {
  window.lastLines += batch.count
  return { written: 0 }
}
window.leaving = logOf({ ...recentExporter(), lastWrite }, { clock })
window.addEventListener("pageshow", ({ persisted }) => { window.cameBack = persisted })
`

const open = () => openPage(import.meta.dirname, script)

describe("a log in a page", () => {
  it("records the session, pages and errors, and gives its lines for a download", async () => {
    const { page, origin } = await open()
    const text = await page.evaluate(`(async () => {
      audit.sessionStart()
      audit.pageOpen("/orders/:id", { fields: { tab: "items" } })
      audit.exception("render", new TypeError("no items"))
      await audit.flush()
      return recent.text()
    })()`)
    const lines = String(text)
      .trimEnd()
      .split("\n")
      .map((line) => decodeLine(line))
    const events = lines.flatMap((line) => ("damage" in line ? [] : [line]))
    expect(events.map(({ head }) => head.message)).toEqual([
      "Session started",
      "Opened /orders/:id",
      "render: TypeError: no items"
    ])
    expect(events[0]?.fields).toMatchObject({ runtime: "web", cwd: origin, user: "?" })
    expect(events[0]?.fields.platform).toContain("Chrome")
    expect(events[1]?.fields).toEqual({ page: "/orders/:id", tab: "items" })
  })

  it("writes what waits as soon as it is hidden", async () => {
    const { page, origin } = await open()
    await page.evaluate('timeless.log("case", "before")')
    expect(await page.evaluate("timeless.health().exporters[0]")).toMatchObject({ written: 0, pending: 1 })
    // A page that is left is hidden first. What was begun then goes on when it comes back.
    await page.goto(`${origin}/elsewhere`)
    await page.goBack({ waitUntil: "commit" })
    await page.waitForFunction("window.cameBack === true")
    await page.waitForFunction("timeless.health().exporters[0].written === 1")
  })

  it("needs no timer to write: those of a hidden page come late", async () => {
    const { page } = await open()
    const result = await page.evaluate(`(async () => {
      window.setTimeout = () => 0
      audit.log("case", "without a timer")
      return await audit.flush()
    })()`)
    expect(result).toMatchObject({ accepted: 1, written: 1, complete: true })
  })

  it("has a last moment when the page is left, and is the same log when it comes back", async () => {
    const { page, origin } = await open()
    await Promise.all([
      page.waitForURL("**/elsewhere"),
      page.evaluate(`leaving.log("case", "last click"); location.href = "${origin}/elsewhere"`)
    ])
    await page.goBack({ waitUntil: "commit" })
    await page.waitForFunction("window.cameBack === true")
    expect(await page.evaluate("lastLines")).toBe(1)
    const result = await page.evaluate("leaving.flush()")
    expect(result).toMatchObject({ accepted: 1, written: 1, complete: true })
    expect(await page.evaluate("told")).toEqual([])
  })

  it("listens to a page no longer than it is open", async () => {
    const { page } = await open()
    const left = await page.evaluate(`(async () => {
      leaving.log("case", "one")
      await leaving.close()
      window.dispatchEvent(new PageTransitionEvent("pagehide"))
      return lastLines
    })()`)
    expect(left).toBe(0)
  })
})

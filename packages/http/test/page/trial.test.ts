// A page and its server in Chromium, row by row: nothing is lost but where it is said, and then both ends count the same; nothing
// is recorded twice.
import type { Health } from "@daybook/core"
import { describe, expect, it, vi } from "vitest"
import { inOrder, openAlone, openBrowser, openLogPage, startPageServer, upTo } from "./page-bench.ts"

/** Long enough for a page on a busy machine. */
const soon = { timeout: 30_000, interval: 50 }

const longTasks = `
  window.tasks = []
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.tasks.push(duration) }).observe({ type: "longtask" })
`

describe("a page and its server", { timeout: 120_000 }, () => {
  it("10,000 events in one task are recorded once each", async () => {
    const server = await startPageServer()
    const page = await openLogPage(await openBrowser(), server)
    await page.evaluate("fill(10_000)")
    await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(10_000)), soon)
    const { exporters } = (await page.evaluate("audit.health()")) as Health
    expect(exporters[0]).toMatchObject({
      accepted: 10_000,
      written: 10_000,
      dropped: 0,
      pending: 0,
      state: "idle"
    })
  })

  // The browser measures by the clock on the wall: on a machine that has other work, a task may be long without being slow.
  it("10,000 events in 100 tasks make no long task", { retry: 5 }, async () => {
    const server = await startPageServer()
    const page = await openLogPage(await openBrowser(), server)
    await page.evaluate(longTasks)
    await page.evaluate(
      "new Promise((done) => { let task = 0; const next = () => { fill(100, 100 * task + 1); if (++task < 100) setTimeout(next); else done() }; next() })"
    )
    await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(10_000)), soon)
    expect(await page.evaluate("tasks")).toEqual([])
  })

  it.each([
    [true, 0],
    [false, 1]
  ])(
    "a server that dies ten times after writing and before answering: recalling is %s, repeats at least %i",
    async (recall, repeatsMin) => {
      const server = await startPageServer()
      const page = await openLogPage(await openBrowser(), server)
      for (let death = 0; death < 10; death++) {
        const { requests } = server
        server.mode = "deaf"
        await page.evaluate(`fill(100, ${100 * death + 1})`)
        await vi.waitFor(() => expect(server.requests).toBeGreaterThan(requests), soon)
        await vi.waitFor(() => expect(new Set(server.recorded()).size).toBe(100 * (death + 1)), soon)
        server.restart(recall)
        server.mode = "up"
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await page.waitForFunction("audit.health().exporters[0].pending === 0")
      }
      const recorded = server.recorded()
      expect([...new Set(inOrder(recorded))]).toEqual(upTo(1_000))
      const repeats = recorded.length - 1_000
      if (recall) expect(repeats).toBe(0)
      else expect(repeats).toBeGreaterThanOrEqual(repeatsMin)
      const ids = server.exporter.events.map(({ head }) => (head.origin as { readonly id: string }).id)
      expect(new Set(ids).size).toBe(1_000)
    }
  )

  it("a page that is closed with 32 kB or 55 kB waiting loses nothing", async () => {
    for (const kilobytes of [32, 55]) {
      const server = await startPageServer()
      const browser = await openBrowser()
      const page = await openLogPage(browser, server)
      const count = Math.floor((kilobytes * 1024) / 230)
      await page.evaluate(`fill(${count})`)
      await page.close({ runBeforeUnload: true })
      await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(count)), soon)
    }
  })

  it("a page that is closed with 2,000 events waiting loses what does not fit, and the server says how many", async () => {
    const server = await startPageServer()
    const page = await openLogPage(await openBrowser(), server)
    await page.evaluate("delete globalThis.fetchLater; fill(2_000)")
    await page.close({ runBeforeUnload: true })
    await vi.waitFor(() => expect(server.recorded().length).toBeGreaterThan(100), soon)
    const came = server.recorded().length
    expect(came).toBeLessThan(2_000)
    expect(inOrder(server.recorded())).toEqual(upTo(came))
    expect(server.ingest.missing()).toEqual([expect.objectContaining({ count: 2_000 - came })])
  })

  it("a navigation, and a way back from the back/forward cache, lose nothing", async () => {
    const server = await startPageServer()
    const page = await openLogPage(await openBrowser(), server)
    await page.evaluate("window.marked = true; fill(100)")
    await page.goto(`${server.origin}/elsewhere`)
    await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(100)), soon)
    await page.goBack({ waitUntil: "commit" })
    expect(await page.evaluate("window.marked")).toBe(true)
    await page.evaluate("fill(100, 101)")
    await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(200)), soon)
  })

  it("a frozen page has sent what it had, and goes on when it is thawed", async () => {
    const server = await startPageServer()
    const page = await openLogPage(await openBrowser(), server)
    const session = await page.context().newCDPSession(page)
    await page.evaluate("fill(100)")
    await session.send("Page.setWebLifecycleState", { state: "frozen" })
    await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(100)), soon)
    await session.send("Page.setWebLifecycleState", { state: "active" })
    await page.evaluate("fill(100, 101)")
    await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(200)), soon)
  })

  it("40,001 events while the server is away: the newest survive, and gap claims say how many are lost", async () => {
    const server = await startPageServer()
    server.mode = "away"
    const page = await openLogPage(await openBrowser(), server)
    await page.evaluate("fill(40_001)")
    const { exporters } = (await page.evaluate("audit.health()")) as Health
    const { dropped = 0 } = exporters[0] ?? {}
    expect(dropped).toBeGreaterThan(20_000)
    server.mode = "up"
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await page.waitForFunction("audit.health().exporters[0].pending === 0")
    expect(server.recorded()).toHaveLength(40_001 - dropped)
    expect(server.recorded().at(-1)).toBe(40_001)
    expect(server.gaps().reduce((sum, { count }) => sum + count, 0)).toBe(dropped)
    expect(server.ingest.missing()).toEqual([])
  })

  it("Bob's lines wait while Carol is signed in, and are sent as his when he is back", async () => {
    const server = await startPageServer()
    server.mode = "away"
    const page = await openLogPage(await openBrowser(), server, "?owner=bob")
    await page.evaluate("fill(10)")
    await vi.waitFor(() => expect(server.requests).toBeGreaterThan(0), soon)
    await page.evaluate("signIn('carol'); fill(5, 11)")
    server.mode = "up"
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await page.waitForFunction("audit.health().exporters[0].pending === 10")
    expect(server.exporter.events.map(({ fields }) => fields.user)).toEqual(Array(5).fill("carol"))
    await page.evaluate("signIn('bob'); window.dispatchEvent(new Event('online'))")
    await page.waitForFunction("audit.health().exporters[0].pending === 0")
    expect(server.exporter.events.filter(({ fields }) => fields.user === "bob")).toHaveLength(10)
  })

  it("a page that is made in advance sends nothing, and its events happen when it is shown", async () => {
    const server = await startPageServer()
    openAlone(`${server.origin}/elsewhere?prerender=${encodeURIComponent("/?log=3&tell")}`)
    expect(await server.told).toBe("true")
    expect(server.requests).toBe(0)
    const shownAt = Date.now()
    server.letGo()
    await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(3)), soon)
    for (const { head } of server.exporter.events) {
      const { ts } = head.origin as { readonly ts: string }
      expect(Date.parse(ts)).toBeGreaterThanOrEqual(shownAt)
    }
  })

  it("a renderer that crashes loses nothing that was logged 500 ms before, where the browser has fetchLater", async () => {
    const server = await startPageServer()
    const browser = await openBrowser()
    const page = await openLogPage(browser, server)
    server.mode = "away"
    expect(await page.evaluate("'fetchLater' in globalThis")).toBe(true)
    await page.evaluate("fill(50); new Promise((done) => setTimeout(done, 500))")
    server.mode = "up"
    const crashed = new Promise((resolve) => page.on("crash", resolve))
    await page.goto("chrome://crash").catch(() => undefined)
    await crashed
    await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(50)), soon)
  })
})

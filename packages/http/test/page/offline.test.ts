// What waits for the server survives its page: reloads, closed tabs, and tabs that take over what another one left.
import type { Page } from "playwright"
import { describe, expect, it, vi } from "vitest"
import { inOrder, openBrowser, openLogPage, type PageServer, startPageServer, upTo } from "./page-bench.ts"

const soon = { timeout: 30_000, interval: 50 }

const openContext = async () => (await openBrowser()).newContext()

/** The keys of what the browser has stored for the app. */
const storedKeys = (page: Page): Promise<readonly (readonly [string, number])[]> =>
  page.evaluate(`new Promise((done, failed) => {
    const opening = indexedDB.open("daybook shop", 1)
    opening.onerror = () => failed(opening.error)
    opening.onupgradeneeded = () => opening.result.createObjectStore("lines")
    opening.onsuccess = () => {
      const keys = opening.result.transaction("lines").objectStore("lines").getAllKeys()
      keys.onsuccess = () => { opening.result.close(); done(keys.result) }
    }
  })`)

const untilStored = (page: Page, count: number): Promise<void> =>
  vi.waitFor(async () => expect(await storedKeys(page)).toHaveLength(count), soon)

const untilAllCame = async (server: PageServer, count: number): Promise<void> => {
  await vi.waitFor(() => expect(inOrder(server.recorded())).toEqual(upTo(count)), soon)
  expect(server.ingest.missing()).toEqual([])
}

describe("a page with a store", { timeout: 120_000 }, () => {
  it("1,055 events while the server is away survive a reload, and leave the store when they are written", async () => {
    const server = await startPageServer()
    server.mode = "away"
    const context = await openContext()
    const page = await openLogPage(context, server, "?offline")
    await page.evaluate("fill(1_055)")
    await untilStored(page, 1_056)
    await page.reload()
    server.mode = "up"
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await untilAllCame(server, 1_055)
    await untilStored(page, 0)
  })

  it("a tab that is closed with 2,000 events waiting loses none of them: the next visit sends the rest", async () => {
    const server = await startPageServer()
    const context = await openContext()
    const page = await openLogPage(context, server, "?offline")
    await page.waitForFunction("navigator.locks.query().then(({ held }) => held.length > 0)")
    await page.evaluate("fill(2_000)")
    await page.close({ runBeforeUnload: true })
    const next = await openLogPage(context, server, "?offline")
    await untilAllCame(server, 2_000)
    await untilStored(next, 0)
  })

  it("of two tabs one takes over what a third has left, once, and leaves alone what the other still has", async () => {
    const server = await startPageServer()
    server.mode = "away"
    const context = await openContext()
    const left = await openLogPage(context, server, "?offline")
    await left.evaluate("fill(100)")
    await untilStored(left, 101)
    const living = await openLogPage(context, server, "?offline")
    await living.evaluate("fill(50, 101)")
    await untilStored(living, 152)
    await left.close({ runBeforeUnload: true })
    server.mode = "up"
    const next = await openLogPage(context, server, "?offline")
    await vi.waitFor(() => expect(server.recorded().length).toBeGreaterThanOrEqual(100), soon)
    await living.evaluate("window.dispatchEvent(new Event('online'))")
    await untilStored(next, 0)
    const numbers = server.exporter.events.map(({ head }) => (head.origin as { readonly n: number }).n)
    expect(inOrder(numbers)).toEqual(upTo(150))
  })

  it("what gave way in the store too is told by gap claims, at the next visit", async () => {
    const server = await startPageServer()
    server.mode = "away"
    const context = await openContext()
    const page = await openLogPage(context, server, "?offline")
    await page.evaluate("fill(10_000)")
    await untilStored(page, 10_001)
    await page.evaluate("fill(10_000, 10_001)")
    const dropped = 20_000 - 16_384
    await vi.waitFor(async () => {
      const keys = await storedKeys(page)
      expect(keys.some(([, seq]) => seq === 20_000)).toBe(true)
      expect(keys.length).toBeLessThan(16_384 + 20)
    }, soon)
    await page.close({ runBeforeUnload: true })
    server.mode = "up"
    const next = await openLogPage(context, server, "?offline")
    await untilStored(next, 0)
    expect(server.recorded()).toHaveLength(16_384)
    expect(server.gaps().reduce((sum, { count }) => sum + count, 0)).toBe(dropped)
    expect(server.ingest.missing()).toEqual([])
  })
})

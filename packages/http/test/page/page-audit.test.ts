// The calls of a page's log, in a real page: what each records, what commit answers, and what health and the download show.
import type { FlushResult, Health } from "@daybook/core"
import { describe, expect, it, vi } from "vitest"
import { createPageAudit, recentLines } from "../../src/page.ts"
import { openBrowser, openLogPage, startPageServer } from "./page-bench.ts"

const soon = { timeout: 30_000, interval: 50 }

describe("a page's log", { timeout: 60_000 }, () => {
  it("S0.7 S0.9 S0.10 records what core's log records, and the server relays it", async () => {
    const server = await startPageServer({ untyped: "any" })
    const page = await openLogPage(await openBrowser(), server)
    const answers = (await page.evaluate(`(async () => {
      audit.sessionStart()
      audit.sessionStart()
      audit.log("Settings", "Theme changed", { theme: "dark", apiKey: "k-123", url: "https://ada:pw@x.example/" }, { level: "notice" })
      audit.pageOpen("/orders/:id")
      audit.pageOpen("/orders/:id")
      audit.exception("analyze", new TypeError("row 7"), { filename: "weird.csv" })
      const result = await audit.timed("recall", { bank_id: "b" }, async (op) => { op.response = 7; return 1 })
      await audit.timed("fail", {}, () => { throw new Error("no") }).catch(() => undefined)
      audit.log("nested", "n", { get a() { audit.log("inner", "i"); return 1 } })
      audit.setRecording({ allow: ["upload"] })
      audit.log("other", "not recorded")
      const flushed = await audit.flush({ timeoutMs: 20_000 })
      return { result, flushed, last: audit.lastPage(), enabled: [audit.isEnabled("upload"), audit.isEnabled("other")], recent: recent.text() }
    })()`)) as {
      result: number
      flushed: FlushResult
      last: string
      enabled: boolean[]
      recent: string
    }
    expect(answers.result).toBe(1)
    expect(answers.last).toBe("/orders/:id")
    expect(answers.enabled).toEqual([true, false])
    // The inner event of a getter is counted, and not followed.
    expect(answers.flushed).toMatchObject({ complete: true, accepted: 9, written: 8, dropped: 1, pending: 0 })
    const events = server.exporter.events.map(({ head }) => [head.category, head.level, head.message])
    expect(events).toEqual([
      ["session", "info", "Session started"],
      ["settings", "info", "Theme changed"],
      ["nav", "info", "Opened /orders/:id"],
      ["error", "error", "analyze: TypeError: row 7"],
      ["operation", "info", expect.stringMatching(/^recall took \d+ ms$/)],
      ["operation", "error", expect.stringMatching(/^fail failed after \d+ ms$/)],
      ["nested", "info", "n"],
      ["gap", "warn", "1 event is missing here: defect"],
      ["session", "info", "Recording rules changed"]
    ])
    const [started, settings] = server.exporter.events.map(
      ({ head }) => head.origin as Record<string, unknown>
    )
    expect(started).toMatchObject({ runtime: "web", cwd: server.origin, seq: 1 })
    expect(settings).toMatchObject({
      theme: "dark",
      apiKey: "[redacted]",
      url: "https://[redacted]@x.example/"
    })
    // What the page keeps for its download is what it sent.
    const kept = answers.recent
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id)
    expect(kept).toHaveLength(8)
    expect(server.ingest.missing()).toEqual([])
  })

  it("commit resolves when the server has written the event, and rejects with the reason otherwise", async () => {
    const server = await startPageServer()
    const page = await openLogPage(await openBrowser(), server)
    const commit = (code: string): Promise<unknown> =>
      page.evaluate(
        `${code}.then((receipt) => receipt, ({ name, _tag, message }) => ({ name, _tag, message }))`
      )
    expect(await commit("audit.commit(Uploaded({ n: 1 }), {}, { timeoutMs: 20_000 })")).toEqual({
      durability: "remote",
      seq: 1
    })
    expect(server.exporter.lines).toHaveLength(1)
    expect(await commit('audit.commit("unheard_of", "x", { timeoutMs: 20_000 })')).toMatchObject({
      _tag: "Refused",
      message: 'Cannot commit to "server": refused'
    })
    server.mode = "away"
    expect(await commit("audit.commit(Uploaded({ n: 2 }), {}, { timeoutMs: 200 })")).toMatchObject({
      name: "Unknown",
      message: expect.stringContaining("no answer within 200 ms; the event still waits")
    })
    server.mode = "up"
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await vi.waitFor(() => expect(server.exporter.lines).toHaveLength(2), soon)
    await page.evaluate("audit.close()")
    expect(await commit("audit.commit(Uploaded({ n: 3 }))")).toMatchObject({
      message: expect.stringContaining("closed")
    })
  })

  it("health says what fails and when it works again, to listeners too", async () => {
    const server = await startPageServer()
    server.mode = "away"
    const page = await openLogPage(await openBrowser(), server)
    await page.evaluate(
      "window.seen = []; audit.onHealth((health) => seen.push(health.exporters[0].state)); fill(3)"
    )
    await page.waitForFunction("audit.health().exporters[0].state === 'degraded'")
    const { app, session, exporters } = (await page.evaluate("audit.health()")) as Health
    expect([app, session]).toEqual(["shop", expect.stringMatching(/^[0-9a-f]{8}$/)])
    expect(exporters).toEqual([
      expect.objectContaining({ name: "server", accepted: 3, pending: 3, lastError: "Failed to fetch" })
    ])
    server.mode = "up"
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await page.waitForFunction("audit.health().exporters[0].state === 'idle'")
    expect(((await page.evaluate("seen")) as string[])[0]).toBe("degraded")
    const closed = (await page.evaluate("audit.close({ timeoutMs: 20_000 })")) as FlushResult
    expect(closed).toMatchObject({ complete: true, written: 3 })
    expect(
      await page.evaluate("audit.log('upload', 'late'), audit.health().exporters[0].droppedBy.closed")
    ).toBe(1)
  })

  it("where there is no page it records nothing, and says so of a commit", async () => {
    const audit = createPageAudit({ app: "shop", recent: recentLines() })
    audit.sessionStart()
    audit.log("upload", "Uploaded")
    expect(await audit.flush()).toMatchObject({ complete: true, accepted: 0 })
    expect(await audit.timed("recall", {}, () => 7)).toBe(7)
    await expect(audit.commit(undefined as never)).rejects.toMatchObject({ _tag: "Refused" })
  })
})

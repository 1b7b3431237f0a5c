// The page around the files: what is recorded of its pages and of its errors, what the diagnostics show, and that all of it works
// without a collector.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { readLogs } from "@daybook/example-node-service/otlp-request"
import type { Page } from "playwright"
import { describe, expect, it, onTestFinished } from "vitest"
import { expectEverySeq, idsOf, messages, ofCategory, openApp, waitMs, withBuiltApp } from "./open-app.ts"

withBuiltApp()

describe("the way through the app", () => {
  it("S1.11 a page is opened once however often it is rendered, and the log knows its template and no address", async () => {
    const { page, url, upload, analyze, goTo, row, downloadLog } = await openApp()
    await upload("stocks.csv")
    await analyze()
    await row("stocks.csv").getByRole("link").click()
    await page.getByRole("heading", { name: "stocks.csv" }).waitFor()
    await goTo("Text cleaner")
    await page.getByLabel("Your text").fill("one")
    await page.getByLabel("Your text").fill("two")
    await page.getByLabel("Trim lines").uncheck()
    await goTo("Text cleaner")
    await goTo("History")
    await page.goBack()
    await page.getByRole("heading", { name: "Text cleaner", level: 1 }).waitFor()
    const { events, text } = await downloadLog()
    expect(ofCategory(events, "nav").map(({ fields }) => fields.page)).toEqual([
      "/analyze",
      "/analyze/:sha1",
      "/cleaner",
      "/history",
      "/cleaner"
    ])
    expect(text).not.toContain(`${url}/analyze/`)
  })

  it("an address that leads nowhere leads to the first page", async () => {
    const { page, url } = await openApp()
    await page.goto(`${url}/no/such/page`)
    await page.getByRole("heading", { name: "CSV analyzer" }).waitFor()
    await page.goto(`${url}/analyze/0123456789ab`)
    await page.getByRole("heading", { name: "No such file here" }).waitFor()
  })

  it("the history shows what was logged, newest first, and by category", async () => {
    const { page, upload, analyze, goTo, row } = await openApp()
    await upload("stocks.csv")
    await analyze()
    await goTo("History")
    await page.getByText("Opened /history").waitFor()
    const shown = page.locator(".history p")
    expect(await shown.allTextContents()).toEqual([
      "Opened /history",
      "Ran /analyze",
      "Analyzed stocks.csv: 560 rows, 3 columns",
      "Analyzing 1 file",
      "Uploaded stocks.csv",
      "Opened /analyze",
      "Session started"
    ])
    await page.getByText("upload", { exact: true }).first().click()
    expect(await shown.allTextContents()).toEqual(["Uploaded stocks.csv"])
    await goTo("CSV analyzer")
    await row("stocks.csv").getByText("560").waitFor()
  })
})

describe("what breaks", () => {
  it("an error while rendering, a rejected promise and a throwing click are recorded once each, and the page works on", async () => {
    const { page, goTo, downloadLog } = await openApp()
    await goTo("Trouble")
    await page.getByRole("button", { name: "Throw while rendering" }).click()
    await page.getByRole("alert").getByText("The chart has no values to draw").waitFor()
    await page.getByRole("button", { name: "Try again" }).click()
    await page.getByRole("button", { name: "Throw while rendering" }).waitFor()
    await page.getByRole("button", { name: "Reject a promise" }).click()
    await page.getByRole("button", { name: "Throw in a click" }).click()
    await page.getByText("The click threw an error. The page still works.").waitFor()

    const { events } = await downloadLog()
    const errors = ofCategory(events, "error")
    expect(messages(errors)).toEqual([
      "chart: RangeError: The chart has no values to draw",
      "promise: Error: The server did not answer",
      "window: TypeError: Cannot read what is not there"
    ])
    for (const { fields } of errors) expect(fields).toMatchObject({ page: "/trouble" })
    expect(errors[0]?.fields).toMatchObject({ exc_type: "RangeError" })
  })

  it("S1.15 a licence key that is logged by mistake is neither in the log nor with the collector", async () => {
    const { page, goTo, downloadLog, received } = await openApp()
    await goTo("Trouble")
    await page.getByRole("button", { name: "Log a licence key" }).click()
    await page.getByText("without the licence key.").waitFor()
    const { text, events } = await downloadLog()
    expect(ofCategory(events, "settings")[0]?.fields).toEqual({ theme: "dark", license_key: "[redacted]" })
    await expect.poll(() => received.length, waitMs).toBe(events.length)
    for (const told of [text, JSON.stringify(received)]) expect(told).not.toContain("DT-4711-0815")
  })
})

describe("the diagnostics", () => {
  it("S1.5 they say where the log is, how it is, and give it away by copy and download", async () => {
    const { page, trailDir, diagnostics, downloadLog } = await openApp()
    const panel = await diagnostics()
    await panel.getByText(trailDir).waitFor()
    await panel.getByText("datatools", { exact: true }).waitFor()
    expect(await panel.getByRole("button").allTextContents()).toEqual([
      "Copy",
      "Download log",
      "Open log folder"
    ])

    await panel.getByRole("button", { name: "Copy" }).click()
    await panel.getByText("Copied").waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    const { filename, events } = await downloadLog()
    const session = events[0]?.head.session ?? ""
    expect(session).toMatch(/^[0-9a-f]{8}$/)
    for (const told of [session, trailDir, "recent", "otel", "server"]) expect(copied).toContain(told)
    expect(filename).toMatch(/^datatools-\d{4}-\d{2}-\d{2}\.jsonl$/)
    await panel.getByText(session).waitFor()
  })

  it("S1.12 without a collector the page works, the download is whole, and a collector that comes back gets it all", async () => {
    const { url, start } = await receiverLater()
    const { page, upload, analyze, row, diagnostics, downloadLog } = await openApp({ collectorUrl: url })
    await upload("stocks.csv", { name: "empty.csv", content: "" })
    await analyze()
    await row("stocks.csv").getByText("560").waitFor()
    await row("empty.csv").getByText("This file is empty.").waitFor()
    const panel = await diagnostics()
    await panel.getByText("The log has a problem").waitFor({ state: "attached" })
    const { events } = await downloadLog()
    expectEverySeq(events)
    expect(messages(events).at(-1)).toBe("Ran /analyze")

    const received = await start()
    // A download flushes, and a flush tries again at once.
    await downloadLog()
    const ids = events.map(({ head }) => head.id)
    await expect.poll(() => idsOf(received), waitMs).toEqual(ids)
    await panel.getByText("The log is healthy").waitFor({ state: "attached" })
    await expectNothingLost(page)
  })
})

const expectNothingLost = async (page: Page): Promise<void> => {
  const lost = page.locator(".daybook-diagnostics-counts > div").filter({ hasText: "Lost" }).locator("dd")
  expect(await lost.allTextContents()).toEqual(["0", "0", "0"])
}

/** A port without a listener, until a test starts one. */
const receiverLater = async () => {
  const received: ReturnType<typeof readLogs>[number][] = []
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      received.push(...readLogs(bytes))
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end()
    })
  })
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, "127.0.0.1", resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${port}`,
    start: async () => {
      await listen(port)
      return received
    }
  }
}

// From a page in a real browser to a collector on another origin. The browser sends a CORS preflight first; then the events
// arrive whole. A collector that denies the preflight costs no event.
import { describe, expect, it } from "vitest"
import type { OtelExporterOptions } from "../src/index.ts"
import { startCollector } from "../test/collector.ts"
import { numbers } from "../test/otel-log.ts"
import type { PlainRecord } from "../test/plain-record.ts"
import { startOfficial } from "./official.ts"
import { openPage } from "./page.ts"

/** Options, each with the headers that a collector must allow beside the content type. */
const ways: readonly (readonly [OtelExporterOptions, headers: readonly string[]])[] = [
  [{ protocol: "http/protobuf" }, []],
  [{ protocol: "http/json" }, []],
  [{ protocol: "http/protobuf", compression: "gzip" }, ["content-encoding"]]
]

const count = 500

const expectAll = (records: readonly PlainRecord[], origin: string): void => {
  expect(records.map(({ body }) => body)).toEqual(numbers(1, count).map((n) => `event ${n}`))
  expect(records.map(({ attributes }) => attributes.n)).toEqual(numbers(1, count))
  for (const { attributes, eventName, resource } of records) {
    expect([attributes.where, eventName, resource["service.name"]]).toEqual([origin, "page.case", "page"])
  }
}

describe("a page in Chromium", () => {
  for (const [way, headers] of ways) {
    it(`with ${JSON.stringify(way)} sends its events to the official collector on another origin`, async (test) => {
      const { origin, logAndFlush } = await openPage()
      const { url, files } = await startOfficial(test, { way: "file", origins: [origin], headers })
      const result = await logAndFlush({ ...way, url }, count)
      expect(result).toEqual({ complete: true, written: count, pending: 0, dropped: 0, told: [] })
      await files.until(() => files.count >= count)
      expectAll(files.records, origin)
    })
  }

  it("keeps its events, with one notice that says why, while the collector does not allow its origin", async (test) => {
    const { logAndFlush } = await openPage()
    const { url, files } = await startOfficial(test, {
      way: "file",
      origins: ["https://elsewhere.example"]
    })
    const result = await logAndFlush({ url }, count)
    expect(result).toMatchObject({ complete: false, written: 0, pending: count, dropped: 0 })
    expect(result.told).toEqual([expect.stringContaining("the connection failed or broke")])
    expect(files.count).toBe(0)
  })

  it("needs no more than its content type and the headers of the application allowed", async () => {
    const { origin, logAndFlush } = await openPage()
    const asked: (string | undefined)[] = []
    const collector = await startCollector((response, { headers }) => {
      asked.push(headers["access-control-request-headers"])
      const leave = {
        "access-control-allow-origin": origin,
        "access-control-allow-headers": "content-type,x-api-key"
      }
      if (headers["access-control-request-method"] !== undefined) response.writeHead(204, leave).end()
      else response.writeHead(200, { ...leave, "content-type": "application/json" }).end("{}")
    })
    const options = { url: collector.url, protocol: "http/json", headers: { "x-api-key": "k" } } as const
    expect(await logAndFlush(options, 3)).toMatchObject({ complete: true, written: 3 })
    expect(asked).toEqual(["content-type,x-api-key", undefined])
    const [, request] = collector.requests
    expect(request?.records.map(({ body }) => body)).toEqual(["event 1", "event 2", "event 3"])
  })
})

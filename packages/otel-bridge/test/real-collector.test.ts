// Through a real collector, which decodes our requests by its own code and sends them on: what arrives behind it is what was
// logged, and gap marks count what could not be sent while it was dead.
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { type OtelExporterOptions, otelExporter } from "../src/index.ts"
import { type Collector, startCollector } from "./collector.ts"
import { app, expectLines, logShapes } from "./event-shapes.ts"
import { numbers } from "./otel-log.ts"
import { notInstalled, type Rotel, startRotel } from "./rotel.ts"

const ways: readonly OtelExporterOptions[] = [
  { protocol: "http/protobuf" },
  { protocol: "http/json" },
  { protocol: "http/protobuf", compression: "gzip" },
  { protocol: "http/json", compression: "gzip" }
]

const both = async (): Promise<{ readonly receiver: Collector; readonly rotel: Rotel }> => {
  const receiver = await startCollector()
  return { receiver, rotel: await startRotel(receiver.url.replace("/v1/logs", "")) }
}

describe("behind a real collector", () => {
  for (const way of ways) {
    it(`with ${JSON.stringify(way)} every line of every shape is there, in order, once`, async (test) => {
      if (notInstalled !== undefined) return test.skip(notInstalled)
      const { receiver, rotel } = await both()
      const lines = await logShapes(() => otelExporter({ ...way, url: rotel.url }), 2_000)
      await receiver.until(() => receiver.records.length >= lines.length)
      const requests = receiver.requests.map(({ records }) => records)
      expectLines(requests, lines)
    })
  }

  it("a record has every part where it belongs", async (test) => {
    if (notInstalled !== undefined) return test.skip(notInstalled)
    const { receiver, rotel } = await both()
    const audit = createAuditLog({
      app,
      exporters: [otelExporter({ url: rotel.url, resource: { "deployment.environment.name": "test" } })],
      exitHook: false,
      env: {},
      traceSource: () => ({
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: "b7ad6b7169203331",
        traceFlags: 1
      })
    })
    const sender = { id: "01a20000-0000-7000-8000-000000000001", ts: "2026-11-22T08:59:59.123456789Z" }
    audit.relay(
      { ...sender, category: "page", level: "error", message: "Opened", page: "x" },
      { user: "ada" }
    )
    await audit.flush({ timeoutMs: 10_000 })
    await receiver.until(() => receiver.records.length === 1)
    const [record] = receiver.records
    expect(record).toMatchObject({
      time: "1795337999123456789",
      severityNumber: 17,
      severityText: "error",
      body: "Opened",
      eventName: "datatools.page",
      droppedAttributesCount: 0,
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      flags: 1,
      scope: "@daybook/otel-bridge 0.1.0",
      attributes: {
        "log.record.uid": sender.id,
        "user.id": "ada",
        seq: 1,
        origin: { ...sender, page: "x" }
      },
      resource: { "service.name": "datatools", "deployment.environment.name": "test" }
    })
    const id = String(record?.attributes.id)
    expect(record?.attributes["session.id"]).toBe(id.slice(-16).replace("-", ""))
    expect(Math.abs(Number(BigInt(record?.observed ?? 0) / 1_000_000n) - Date.now())).toBeLessThan(3_600_000)
    await audit.close()
  })

  it("killed and started again three times: gap marks count what the queue could not hold, the rest is there", async (test) => {
    if (notInstalled !== undefined) return test.skip(notInstalled)
    const { receiver, rotel } = await both()
    const exporter = otelExporter({ url: rotel.url, queue: { eventsMax: 40 } })
    const audit = createAuditLog({
      app,
      exporters: [exporter],
      exitHook: false,
      env: {},
      notice: () => undefined
    })
    let n = 0
    const log = async (count: number, hasRoom: boolean): Promise<void> => {
      for (let end = n + count; n < end; n++) {
        if (hasRoom) await audit.room()
        audit.log("case", "event", { n: n + 1 })
      }
    }
    // A connection that died with the collector may cost one more attempt.
    const settle = async (): Promise<void> => {
      while ((await audit.flush({ timeoutMs: 10_000 })).pending > 0);
    }
    for (let round = 0; round < 3; round++) {
      await log(100, true)
      await settle()
      // What the collector acknowledged and still holds dies with it: that is the collector's loss.
      const { written, dropped } = audit.health().exporters[0] ?? { written: 0, dropped: 0 }
      await receiver.until(() => distinct(receiver).length === written && missing(receiver).size === dropped)
      await rotel.kill()
      await log(100, false)
      expect(await audit.flush({ timeoutMs: 10_000 })).toMatchObject({ complete: false })
      await rotel.start()
      await settle()
    }
    const closed = await audit.close({ timeoutMs: 60_000 })
    expect(closed).toMatchObject({ accepted: n, pending: 0 })
    expect(closed.dropped).toBeGreaterThan(100)
    await receiver.until(
      () => distinct(receiver).length === closed.written && missing(receiver).size === closed.dropped
    )
    const there = distinct(receiver)
    expect([...there, ...missing(receiver)].sort((one, other) => one - other)).toEqual(numbers(1, n))
  })
})

/** `seq` of the events that gap marks count. */
const missing = ({ records }: Collector): ReadonlySet<number> => {
  const gaps = records.filter(({ eventName }) => eventName === `${app}.gap`)
  return new Set(
    gaps.flatMap(({ attributes: { first_seq: first, last_seq: last } }) =>
      numbers(Number(first), Number(last))
    )
  )
}

/** `seq` of the events that arrived, each once by its id. */
const distinct = ({ records }: Collector): readonly number[] => {
  const events = records.filter(({ eventName }) => eventName === `${app}.case`)
  return [
    ...new Map(events.map(({ attributes: { seq, ...all } }) => [all["log.record.uid"], Number(seq)])).values()
  ]
}

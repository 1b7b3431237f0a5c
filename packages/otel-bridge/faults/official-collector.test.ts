// Through the official OpenTelemetry Collector, which decodes our requests by its own code and writes them to a file. The file
// holds what was sent, field by field, and what was logged, line by line; gap marks count what could not be sent while it was
// dead.
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { type Fetch, type OtelExporterOptions, otelExporter } from "../src/index.ts"
import { acknowledge, send, startCollector } from "../test/collector.ts"
import { app, expectLines, logShapes } from "../test/event-shapes.ts"
import { numbers } from "../test/otel-log.ts"
import { decodeRequest, type PlainRecord } from "../test/plain-record.ts"
import { startOfficial } from "./official.ts"

const ways: readonly OtelExporterOptions[] = [
  { protocol: "http/protobuf" },
  { protocol: "http/json" },
  { protocol: "http/protobuf", compression: "gzip" },
  { protocol: "http/json", compression: "gzip" }
]

/** A fetch that also keeps the records of each acknowledged request. Not for compressed ones. */
const keeping = (sent: PlainRecord[]): Fetch => {
  return async (url, init) => {
    const type = new Headers(init.headers).get("content-type") ?? ""
    const response = await fetch(url, init)
    if (response.ok) sent.push(...decodeRequest(new Uint8Array(init.body as ArrayBuffer), type))
    return response
  }
}

/** Values that one encoding or the other might lose. */
const hardFields: Readonly<Record<string, unknown>> = {
  nothing: null,
  text: 'naïve 日本語 😀 "quoted" \\ \n \u2028 \u202e \u0000 \u001f',
  empty: "",
  lone: "\ud800 and \udc00",
  numbers: [
    0,
    -0,
    -1,
    2 ** 31,
    2 ** 53,
    -(2 ** 53),
    2 ** 62,
    2 ** 63,
    2 ** 64,
    -(2 ** 63),
    1e308,
    5e-324,
    0.1
  ],
  flags: [true, false],
  nested: { a: [{ b: [[], {}, [{ c: { d: { e: "deep" } } }]] }], "": "no name", "dotted.name": 1 },
  constructor: "a name that SDKs lose",
  user: "ada",
  trace_id: "no trace"
}

describe("behind the official collector", () => {
  for (const way of ways) {
    it(`with ${JSON.stringify(way)} every line of every shape is there, in order, once`, async (test) => {
      const { url, files } = await startOfficial(test, { way: "memory" })
      const lines = await logShapes(() => otelExporter({ ...way, url }), 2_000)
      await files.until(() => files.count >= lines.length)
      expectLines(files.requests, lines)
    })
  }

  for (const protocol of ["http/protobuf", "http/json"] as const) {
    it(`over ${protocol} what is hard to carry stands in its file as it was sent, field by field`, async (test) => {
      const { url, files } = await startOfficial(test, { way: "memory" })
      const sent: PlainRecord[] = []
      const audit = createAuditLog({
        app,
        exporters: [otelExporter({ url, protocol, fetch: keeping(sent), resource: { "host.name": "here" } })],
        exitHook: false,
        env: {},
        traceSource: () => ({
          traceId: "0af7651916cd43dd8448eb211c80319c",
          spanId: "b7ad6b7169203331",
          traceFlags: 1
        })
      })
      audit.log("hard", "one by one", {})
      for (const [name, value] of Object.entries(hardFields)) audit.log("hard", name, { [name]: value })
      audit.log("hard", "all at once", hardFields, { level: "fatal" })
      audit.exception("hard", new TypeError("no columns", { cause: new Error("no header") }), hardFields)
      audit.relay(
        { id: "01a20000-0000-7000-8000-000000000001", ts: "2026-11-22T08:59:59.123456789Z", ...hardFields },
        { tenant: "t1" }
      )
      expect(await audit.close({ timeoutMs: 20_000 })).toMatchObject({ complete: true, dropped: 0 })
      await files.until(() => files.count >= sent.length)
      expect(sent.length).toBe(Object.keys(hardFields).length + 4)
      expect(files.records).toEqual(sent)
      const relayed = files.records.find(({ time }) => time.endsWith("456789"))
      expect(relayed).toMatchObject({
        time: "1795337999123456789",
        traceId: "0af7651916cd43dd8448eb211c80319c"
      })
    })
  }

  for (const way of [ways[0], ways[3]]) {
    it(`with ${JSON.stringify(way)} 100,000 events that wait for room are in its file, each once`, async (test) => {
      const { url, files } = await startOfficial(test, { way: "memory" })
      const lines = await logShapes(() => otelExporter({ ...way, url }), 100_000)
      expect(lines.length).toBe(100_000)
      await files.until(() => files.count >= lines.length)
      expectLines(files.requests, lines)
    })
  }

  it("with its queue on disk, everything that it acknowledged survives its crash and goes on, while who gets it is away", async (test) => {
    const target = await startCollector(send(503))
    const queueFor = target.url.replace("/v1/logs", "")
    const { url, kill, start } = await startOfficial(test, { way: { queueFor } })
    const lines = await logShapes(() => otelExporter({ url }), 20_000)
    await kill()
    target.answer(acknowledge)
    await start()
    await target.until(() => target.records.length >= lines.length)
    // It sends on several connections at once, and repeats what was under way: each record counts once.
    const byId = new Map(target.records.map((record) => [record.attributes["log.record.uid"], [record]]))
    expectLines([...byId.values()], lines)
  })

  it("killed and started again three times in the middle of the work: gap marks count what the queue could not hold, the rest is there, twice only with equal ids", async (test) => {
    const { url, files, kill, start } = await startOfficial(test, { way: "file" })
    const audit = createAuditLog({
      app,
      exporters: [otelExporter({ url, queue: { eventsMax: 5_000, batchEventsMax: 200 } })],
      exitHook: false,
      env: {},
      notice: () => undefined
    })
    let n = 0
    const log = async (count: number, hasRoom: boolean): Promise<void> => {
      for (let end = n + count; n < end; n++) {
        if (hasRoom && n % 50 === 0) await audit.room()
        audit.log("case", "event", { n: n + 1 })
      }
    }
    for (let round = 0; round < 3; round++) {
      const logging = log(10_000, true)
      const before = files.count
      await files.until(() => files.count > before + 2_000)
      await kill()
      // More than fits, while the collector is dead.
      await log(7_000, false)
      expect(await audit.flush({ timeoutMs: 10_000 })).toMatchObject({ complete: false })
      await start()
      await logging
      // A connection that died with the collector may cost one more attempt.
      while ((await audit.flush({ timeoutMs: 10_000 })).pending > 0);
    }
    const closed = await audit.close({ timeoutMs: 60_000 })
    expect(closed).toMatchObject({ accepted: n, pending: 0 })
    expect(closed.dropped).toBeGreaterThan(3 * 1_000)
    expect(closed.written + closed.dropped).toBe(n)

    const { events, missing } = accountOf(files.records)
    expect(missing.size).toBe(closed.dropped)
    expect([...events, ...missing].sort((one, other) => one - other)).toEqual(numbers(1, n))
  })
})

interface Account {
  /** `seq` of the events that are there, each once. */
  readonly events: readonly number[]
  /** `seq` of the events that gap marks count. */
  readonly missing: ReadonlySet<number>
}

/** Records with one id must be the same record. */
const accountOf = (records: readonly PlainRecord[]): Account => {
  const byId = new Map<unknown, PlainRecord>()
  for (const record of records) {
    const id = record.attributes["log.record.uid"]
    const known = byId.get(id)
    if (known !== undefined) expect(record).toEqual(known)
    byId.set(id, record)
  }
  const distinct = [...byId.values()]
  const gaps = distinct.filter(({ eventName }) => eventName === `${app}.gap`)
  const spans = gaps.map(({ attributes: { first_seq: first, last_seq: last } }) => [
    Number(first),
    Number(last)
  ])
  return {
    events: distinct.flatMap(({ attributes: { seq } }) => (typeof seq === "number" ? [seq] : [])),
    missing: new Set(spans.flatMap(([first = 0, last = 0]) => numbers(first, last)))
  }
}

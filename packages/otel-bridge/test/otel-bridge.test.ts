// Events into the host's own pipeline: OpenTelemetry's SDK as an application sets it up, and the records that it gets.
import { createAuditLog, recordToolCall } from "@daybook/core"
import { type LoggerProvider as HostProvider, logs } from "@opentelemetry/api"
import { resourceFromAttributes } from "@opentelemetry/resources"
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs"
import { afterEach, describe, expect, it } from "vitest"
import { otelBridge } from "../src/index.ts"
import { scope } from "../src/version.ts"
import { startCollector } from "./collector.ts"
import { heldClock } from "./held-clock.ts"
import { otelLog } from "./otel-log.ts"

const hostPipeline = () => {
  const exporter = new InMemoryLogRecordExporter()
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": "host" }),
    processors: [new SimpleLogRecordProcessor({ exporter })]
  })
  return { provider, records: () => exporter.getFinishedLogRecords() }
}

const logInto = (loggerProvider?: HostProvider) => {
  const notices: string[] = []
  const clock = heldClock()
  const audit = createAuditLog({
    app: "datatools",
    exporters: [otelBridge({ loggerProvider })],
    exitHook: false,
    env: {},
    clock,
    notice: (line) => notices.push(line)
  })
  return { audit, notices, clock }
}

afterEach(() => logs.disable())

describe("a bridge", () => {
  it("hands events to the provider that it is given, and counts them as handed over, not as written", async () => {
    const { provider, records } = hostPipeline()
    const { audit } = logInto(provider)
    for (let n = 1; n <= 2_000; n++) audit.log("case", `event ${n}`, { n, nested: { list: [n, null] } })
    expect(await audit.flush()).toMatchObject({ complete: true, written: 0, handedOver: 2_000, dropped: 0 })
    expect(records().map(({ attributes }) => attributes.n)).toEqual(
      Array.from({ length: 2_000 }, (_, n) => n + 1)
    )
    expect(records()[0]).toMatchObject({
      hrTime: [1795338000, 0],
      hrTimeObserved: [1795338000, 0],
      severityNumber: 9,
      severityText: "info",
      body: "event 1",
      eventName: "datatools.case",
      attributes: { seq: 1, n: 1, nested: { list: [1, null] } },
      instrumentationScope: scope
    })
    expect(records()[0]?.resource.attributes["service.name"]).toBe("host")
    expect(records()[0]?.spanContext).toBeUndefined()
  })

  it("waits for the provider that the application registers later, and loses nothing meanwhile", async () => {
    const { provider, records } = hostPipeline()
    const { audit, notices } = logInto()
    audit.log("case", "before")
    expect(await audit.flush()).toMatchObject({ complete: false, pending: 1, handedOver: 0 })
    expect(notices.join()).toContain("no LoggerProvider is registered")
    logs.setGlobalLoggerProvider(provider)
    audit.log("case", "after")
    expect(await audit.flush()).toMatchObject({ complete: true, handedOver: 2 })
    expect(records().map(({ body }) => body)).toEqual(["before", "after"])
  })

  it("that was made with the API's early provider finds the one that is registered later, and says once what to do", async () => {
    const { provider, records } = hostPipeline()
    const { audit, notices } = logInto(logs.getLoggerProvider())
    audit.log("case", "before")
    for (let n = 1; n <= 3; n++) expect(await audit.flush()).toMatchObject({ complete: false, pending: 1 })
    expect(notices.length).toBe(1)
    expect(notices[0]).toContain("call logs.setGlobalLoggerProvider")
    logs.setGlobalLoggerProvider(provider)
    audit.log("case", "after")
    expect(await audit.flush()).toMatchObject({ complete: true, handedOver: 2, dropped: 0 })
    expect(records().map(({ body }) => body)).toEqual(["before", "after"])
  })

  it("goes on with the provider that is registered in place of another, and waits while there is none", async () => {
    const [first, second] = [hostPipeline(), hostPipeline()]
    logs.setGlobalLoggerProvider(first.provider)
    const { audit } = logInto()
    audit.log("case", "one")
    expect(await audit.flush()).toMatchObject({ complete: true, handedOver: 1 })
    logs.disable()
    audit.log("case", "two")
    expect(await audit.flush()).toMatchObject({ complete: false, pending: 1 })
    logs.setGlobalLoggerProvider(second.provider)
    expect(await audit.flush()).toMatchObject({ complete: true, handedOver: 2 })
    expect([first, second].map(({ records }) => records().map(({ body }) => body))).toEqual([
      ["one"],
      ["two"]
    ])
  })

  it("a pipeline that throws at one record costs that one, with a notice", async () => {
    const bodies: unknown[] = []
    const thrower: HostProvider = {
      getLogger: () => ({
        enabled: () => true,
        emit: ({ body }) => {
          if (body === "event 3") throw new Error("the host's bug")
          bodies.push(body)
        }
      })
    }
    const { audit, notices } = logInto(thrower)
    for (let n = 1; n <= 5; n++) audit.log("case", `event ${n}`)
    expect(await audit.flush()).toMatchObject({ handedOver: 4, dropped: 1, pending: 0 })
    expect(bodies.slice(0, 4)).toEqual(["event 1", "event 2", "event 4", "event 5"])
    expect(notices.length).toBe(1)
  })

  it("hands over in batches that the SDK's own batching takes", async () => {
    expect(otelBridge().queue.batchEventsMax).toBe(512)
    expect(otelBridge({ queue: { batchEventsMax: 10 } }).queue.batchEventsMax).toBe(10)
  })
})

describe("the content of a tool call", () => {
  const call = { tool: "search", args: { q: "cats", apiKey: "k-1" }, status: "ok", result: "found" } as const
  const content = {
    "gen_ai.tool.call.arguments": { q: "cats", apiKey: "[redacted]" },
    "gen_ai.tool.call.result": "found"
  }

  it.each([true, false])("S2.2 has the conventions' names only when asked for: %s", async (toolContent) => {
    const { provider, records } = hostPipeline()
    const bridged = createAuditLog({
      app: "datatools",
      exporters: [otelBridge({ loggerProvider: provider, toolContent })],
      exitHook: false
    })
    recordToolCall(bridged, call)
    await bridged.flush()
    const collector = await startCollector()
    const { audit } = otelLog({ url: collector.url, toolContent })
    recordToolCall(audit, call)
    await audit.flush()
    for (const attributes of [records()[0]?.attributes, collector.records[0]?.attributes]) {
      expect(attributes).toMatchObject({ tool: "search", "gen_ai.tool.name": "search" })
      if (toolContent) expect(attributes).toMatchObject(content)
      else for (const name of Object.keys(content)) expect(attributes).not.toHaveProperty([name])
    }
  })
})

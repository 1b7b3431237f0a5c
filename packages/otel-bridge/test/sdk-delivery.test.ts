// Delivery by OpenTelemetry's own exporter, for hosts that ask for it: the same records arrive, and nothing is promised that it
// cannot keep.
import { createAuditLog, defineEvent } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { type OtelExporterOptions, otelExporter } from "../src/index.ts"
import { acknowledge, acknowledgeBut, send, startCollector } from "./collector.ts"

const logInto = (options: OtelExporterOptions) => {
  const notices: string[] = []
  const audit = createAuditLog({
    app: "datatools",
    exporters: [otelExporter({ ...options, delivery: "sdk" })],
    exitHook: false,
    env: {},
    notice: (line) => notices.push(line)
  })
  return { audit, notices }
}

describe('delivery "sdk"', () => {
  it("sends the same records in JSON, with our headers and packing, and counts them as handed over", async () => {
    const collector = await startCollector()
    const { audit } = logInto({ url: collector.url, headers: { "x-api-key": "sesame" }, compression: "gzip" })
    for (let n = 1; n <= 100; n++) audit.log("case", `event ${n}`, { n, empty: null })
    expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({
      complete: true,
      written: 0,
      handedOver: 100
    })
    const [request] = collector.requests
    expect(request?.headers).toMatchObject({
      "x-api-key": "sesame",
      "content-type": "application/json",
      "content-encoding": "gzip"
    })
    expect(collector.records.map(({ attributes: { n, seq, empty } }) => [n, seq, empty])).toEqual(
      Array.from({ length: 100 }, (_, index) => [index + 1, index + 1, "null"])
    )
    expect(collector.records[0]).toMatchObject({
      eventName: "datatools.case",
      resource: { "service.name": "datatools" }
    })
  })

  it("keeps the batch when it fails, and shows no secret", async () => {
    const collector = await startCollector(send(401, "sesame"))
    const { audit, notices } = logInto({ url: `${collector.url}?key=sesame` })
    audit.log("case", "event")
    expect(await audit.flush({ timeoutMs: 10_000 })).toMatchObject({ complete: false, pending: 1 })
    expect(notices.join()).toContain("OpenTelemetry's exporter failed (401)")
    expect(notices.join()).not.toContain("sesame")
    collector.answer(acknowledge)
    expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({ handedOver: 1, pending: 0 })
  })

  it("cannot be waited for by a commit", () => {
    expect(() => otelExporter({ delivery: "sdk", required: true })).toThrow(TypeError)
    expect(otelExporter({ delivery: "sdk" })).toMatchObject({ handsOver: true, required: false })
    expect(otelExporter({ delivery: "sdk" }).durability).toBeUndefined()
    expect(otelExporter({ required: true })).toMatchObject({ durability: "remote", required: true })
  })
})

it("a commit through acknowledged delivery is remote, and a partial success is no receipt", async () => {
  const collector = await startCollector()
  const exporters = [otelExporter({ url: collector.url, required: true })] as const
  const audit = createAuditLog({
    app: "datatools",
    exporters,
    exitHook: false,
    env: {},
    notice: () => undefined
  })
  const event = defineEvent({ category: "case", fields: {}, message: () => "committed" })
  expect(await audit.commit(event({}))).toEqual({ durability: "remote", seq: 1 })
  expect(collector.records.length).toBe(1)
  collector.answer(acknowledgeBut(1))
  await expect(audit.commit(event({}))).rejects.toMatchObject({ _tag: "Refused", exporter: "otel" })
  collector.answer(acknowledge)
  await audit.close()
})

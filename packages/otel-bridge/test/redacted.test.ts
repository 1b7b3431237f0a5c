// What a log hides is hidden in the records that a collector gets: body, attributes, and whatever the exporter says of them.
import { createAuditLog, defineEvent, withContext } from "@daybook/core"
import * as Schema from "effect/Schema"
import { expect, it } from "vitest"
import { otelBridge } from "../src/index.ts"
import { acknowledge, send, startCollector } from "./collector.ts"
import { otelLog } from "./otel-log.ts"

const canary = "CANARY7f3kQ9"

const Called = defineEvent({
  category: "called",
  fields: {
    password: Schema.String,
    url: Schema.String,
    headers: Schema.Record(Schema.String, Schema.String),
    nested: Schema.Unknown
  },
  message: ({ password, url, nested }) => `${password} ${url} ${JSON.stringify(nested)}`
})

const fields = {
  password: canary,
  url: `https://ada:${canary}@db.example.com/?token=${canary}`,
  headers: { authorization: `Custom ${canary}`, accept: "text/html" },
  nested: [{ apiKey: canary }, { name: "password", value: canary }, `password: ${canary}`]
}

it.each([
  ["that acknowledges", acknowledge],
  ["that echoes what it refuses", send(400, JSON.stringify(fields))],
  ["that echoes what it cannot take now", send(503, JSON.stringify(fields))]
])(
  "S1.15 no secret of an event is in what a collector gets, %s, nor in health and notices",
  async (_, answer) => {
    const collector = await startCollector(answer)
    const { audit, notices, clock } = otelLog({ url: collector.url })
    audit.log(Called(fields))
    audit.log("called", JSON.stringify(fields), fields)
    withContext({ session_token: canary }, () =>
      audit.exception("call", Object.assign(new Error(fields.url, { cause: fields }), fields))
    )
    audit.relay({ ...fields, id: "i" }, fields)
    await audit.flush()
    const records = collector.requests.flatMap((request) => request.records)
    expect(records.length).toBeGreaterThanOrEqual(4)
    const all = JSON.stringify([records, notices, audit.health()])
    expect(all).toContain("text/html")
    expect(all).not.toContain(canary)
    clock.advance(120_000)
  }
)

it("S1.15 no secret of an event is in what the host's own pipeline gets", async () => {
  const given: unknown[] = []
  const logger = { emit: (record: unknown) => void given.push(record), enabled: () => true }
  const loggerProvider = { getLogger: () => logger }
  const audit = createAuditLog({
    app: "datatools",
    exporters: [otelBridge({ loggerProvider })],
    exitHook: false,
    env: {}
  })
  audit.log(Called(fields))
  await audit.close()
  expect(given.length).toBeGreaterThan(0)
  expect(JSON.stringify(given)).not.toContain(canary)
})

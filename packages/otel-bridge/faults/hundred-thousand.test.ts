// A hundred thousand events of every level and shape, through a real collector and back.
import { expect, it } from "vitest"
import { otelExporter } from "../src/index.ts"
import { startCollector } from "../test/collector.ts"
import { expectLines, logShapes } from "../test/event-shapes.ts"
import { notInstalled, startRotel } from "../test/rotel.ts"

const events = 100_000

it.each(["http/protobuf", "http/json"] as const)(
  "100,000 events of every shape over %s that wait for room arrive behind a real collector, each once",
  async (protocol) => {
    expect(notInstalled).toBeUndefined()
    const receiver = await startCollector()
    const rotel = await startRotel(receiver.url.replace("/v1/logs", ""))
    const lines = await logShapes(() => otelExporter({ protocol, url: rotel.url }), events)
    expect(lines.length).toBe(events)
    await receiver.until(() => receiver.records.length >= lines.length)
    const requests = receiver.requests.map(({ records }) => records)
    expectLines(requests, lines)
  }
)

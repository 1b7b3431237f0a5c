// The duties of every exporter, judged by the cases of @daybook/core/testing, for both encodings, compressed and not. Lines are
// read back from the records that our collector acknowledged: a line that comes back byte by byte has lost nothing.
import { type ExporterSubject, exporterCases } from "@daybook/core/testing"
import { describe, it } from "vitest"
import { type OtelExporterOptions, otelExporter } from "../src/index.ts"
import { acknowledge, type Collector, hang, send, startCollector } from "./collector.ts"
import { lineOf } from "./plain-record.ts"

const ways: readonly OtelExporterOptions[] = [
  { protocol: "http/protobuf" },
  { protocol: "http/protobuf", compression: "gzip" },
  { protocol: "http/json" },
  { protocol: "http/json", compression: "gzip" }
]

const breakages = { fail: send(503), refuse: send(400), hang }

const subject = (options: OtelExporterOptions): ExporterSubject => {
  let collector: Collector
  return {
    async make() {
      collector = await startCollector()
      return otelExporter({ ...options, url: collector.url })
    },
    readBack: async () =>
      collector.records.map((record) => new TextEncoder().encode(lineOf(record, "exporter-cases"))),
    break: (how) => collector.answer(breakages[how]),
    heal() {
      collector.answer(acknowledge)
      collector.release()
    }
  }
}

describe.each(ways)("an OTLP exporter with %j", (options) => {
  for (const { name, run } of exporterCases) it(name, () => run(subject(options)))
})

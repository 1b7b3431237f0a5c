// Section H of the faults: every answer of a collector, and every other failure of a request. A real log drives the exporter
// against our own collector; the clock is held, so no wait takes time.
import { gzipSync } from "node:zlib"
import type { Batch, ExportError, Exporter, LogIdentity } from "@daybook/core"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import {
  type Answer,
  acknowledge,
  acknowledgeBut,
  type Collector,
  hang,
  send,
  startCollector
} from "./collector.ts"
import { numbers, otelLog } from "./otel-log.ts"

const protocols = ["http/protobuf", "http/json"] as const

const arrived = ({ records }: Pick<Collector, "records">): readonly unknown[] =>
  records.filter(({ eventName }) => eventName === "datatools.case").map(({ attributes }) => attributes.n)

/** An answer without a length, and without a byte. */
const chunked =
  (headers: Record<string, string>, status = 200): Answer =>
  (response) => {
    response.writeHead(status, headers).flushHeaders()
    response.end()
  }

const gaps = ({ records }: Collector): readonly unknown[] =>
  records
    .filter(({ eventName }) => eventName === "datatools.gap")
    .map(({ attributes: { count, first_seq, last_seq, reasons } }) => ({
      count,
      first_seq,
      last_seq,
      reasons
    }))

describe("a wait that the collector asks for", () => {
  const at = (ms: number): string => new Date(Date.parse("2026-11-22T09:00:00Z") + ms).toUTCString()
  const hostDate = "Sun, 22 Nov 2026 11:30:00 GMT"
  const waits: readonly { form: string; answer: Answer; waitMs: number }[] = [
    { form: "429 with seconds", answer: send(429, "", { "retry-after": "7" }), waitMs: 7_000 },
    { form: "503 with seconds", answer: send(503, "", { "retry-after": "90" }), waitMs: 90_000 },
    {
      form: "503 with a date, by the collector's own clock",
      answer: send(503, "", { date: hostDate, "retry-after": "Sun, 22 Nov 2026 11:30:40 GMT" }),
      waitMs: 40_000
    },
    {
      form: "429 with a date, by our clock where the answer has none",
      answer: (response, request) => {
        response.sendDate = false
        send(429, "", { "retry-after": at(12_000) })(response, request)
      },
      waitMs: 12_000
    },
    {
      form: "a day, which is cut to 5 minutes",
      answer: send(429, "", { "retry-after": "86400" }),
      waitMs: 300_000
    }
  ]
  it.each(waits)("F95 $form is honoured, by a flush too", async ({ answer, waitMs }) => {
    const collector = await startCollector(answer)
    const { audit, clock, log, health } = otelLog({ url: collector.url })
    log(1, 3)
    expect(await audit.flush()).toMatchObject({ complete: false, pending: 3 })
    collector.answer(acknowledge)
    expect(health().state).toBe("degraded")
    clock.advance(waitMs - 1)
    expect(await audit.flush()).toMatchObject({ complete: false, pending: 3 })
    expect(collector.requests.length).toBe(1)
    clock.advance(1)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 3, dropped: 0 })
    expect(arrived(collector)).toEqual([1, 2, 3])
  })

  it("F95 the writer comes back by itself when the wait is over, and at most a fifth later", async () => {
    const collector = await startCollector(send(429, "", { "retry-after": "60" }))
    const { audit, clock, log } = otelLog({ url: collector.url })
    log(1)
    await audit.flush()
    await clock.asleepFor(60_000)
    expect(clock.sleeping[0]).toBeLessThanOrEqual(72_000)
    collector.answer(acknowledge)
    clock.advance(72_000)
    await collector.until(() => collector.records.length === 1)
  })

  const none = ["", "-5", "soon", "1.5", "Sun, 22 Nov 2026 08:59:00 GMT"]
  it.each(none)("F95 %j is no wait: the writer's own backoff holds", async (text) => {
    const collector = await startCollector(send(503, "", { "retry-after": text }))
    const { audit, log, health } = otelLog({ url: collector.url })
    log(1)
    await audit.flush()
    collector.answer(acknowledge)
    expect(await audit.flush()).toMatchObject({ complete: true })
    expect(health().dropped).toBe(0)
  })

  it("F95 a clock that is set back by a day does not make a day of a minute", async () => {
    const collector = await startCollector(send(429, "", { "retry-after": "60" }))
    const { audit, clock, log } = otelLog({ url: collector.url })
    log(1)
    await audit.flush()
    clock.now -= 86_400_000
    collector.answer(acknowledge)
    expect(await audit.flush()).toMatchObject({ complete: true })
  })
})

describe.each(protocols)("what is refused, over %s", (protocol) => {
  const refusing =
    (status: number, isRefused: (n: number) => boolean): Answer =>
    (response, request) => {
      const isBad = request.records.some(({ attributes }) => isRefused(Number(attributes.n)))
      ;(isBad ? send(status, "the value 42 is bad") : acknowledge)(response, request)
    }

  it("F96 one poison event of a hundred is refused and told by a gap mark in its place, the others arrive once and in order", async () => {
    const collector = await startCollector(refusing(400, (n) => n === 42))
    const { audit, notices, log, health } = otelLog({ url: collector.url, protocol })
    log(1, 100)
    expect(await audit.flush()).toMatchObject({ written: 99, dropped: 1, pending: 0 })
    expect(health().droppedBy.refused).toBe(1)
    expect(arrived(collector)).toEqual(numbers(1, 100).filter((n) => n !== 42))
    expect(gaps(collector)).toEqual([{ count: 1, first_seq: 42, last_seq: 42, reasons: { refused: 1 } }])
    expect(collector.requests.length).toBeLessThan(20)
    expect(notices.length).toBe(1)
    expect(notices.join()).not.toContain("the value 42")
  })

  it("F96 a 400 for each event is no endless loop: all are counted, and the next ones arrive", async () => {
    const collector = await startCollector(send(400))
    const { audit, log, health } = otelLog({ url: collector.url, protocol })
    log(1, 10)
    await audit.flush()
    expect(health().droppedBy.refused).toBe(10)
    collector.answer(acknowledge)
    log(11, 12)
    expect(await audit.flush()).toMatchObject({ pending: 0, written: 2 })
    expect(arrived(collector)).toEqual([11, 12])
    expect(gaps(collector)).toEqual([{ count: 10, first_seq: 1, last_seq: 10, reasons: { refused: 10 } }])
  })

  it("F97 what a partial success rejects is counted and not sent again", async () => {
    const collector = await startCollector()
    collector.answer(acknowledgeBut(3), acknowledge)
    const { audit, notices, log, health } = otelLog({ url: collector.url, protocol })
    log(1, 10)
    expect(await audit.flush()).toMatchObject({ written: 7, dropped: 3, pending: 0 })
    expect(health().droppedBy.refused).toBe(3)
    log(11)
    expect(await audit.flush()).toMatchObject({ written: 8, dropped: 3 })
    expect(arrived(collector)).toEqual(numbers(1, 11))
    expect(notices.join()).toContain("3 of its records")
    expect(notices.join()).not.toContain("a value that was logged")
  })

  it("F97 a partial success that a proxy calls text is counted all the same", async () => {
    const text = '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"{a value that was logged}"}}'
    const collector = await startCollector(send(200, text, { "content-type": "text/plain" }))
    const { audit, notices, log } = otelLog({ url: collector.url, protocol })
    log(1, 5)
    expect(await audit.flush()).toMatchObject({ complete: false, written: 3, dropped: 2, pending: 0 })
    expect(notices.join()).not.toContain("a value that was logged")
  })

  it("F97 a partial success that rejects nothing is a success", async () => {
    const collector = await startCollector(acknowledgeBut(0))
    const { audit, log } = otelLog({ url: collector.url, protocol })
    log(1, 10)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 10, dropped: 0 })
  })

  it("F102 a 413 halves the batch until its parts are taken, and nothing is lost", async () => {
    const collector = await startCollector((response, request) =>
      (request.records.length > 10 ? send(413) : acknowledge)(response, request)
    )
    const { audit, log } = otelLog({ url: collector.url, protocol })
    log(1, 100)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 100, dropped: 0 })
    expect(arrived(collector)).toEqual(numbers(1, 100))
  })
})

const _exportAlone = (exporter: Exporter, batch: Batch): Effect.Effect<void, ExportError> => {
  const identity: LogIdentity = {
    app: "datatools",
    session: "1a2c3d4e",
    streamKey: "1a2c3d4e5f60718",
    env: {},
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    notice: () => undefined,
    mark: () => new Uint8Array()
  }
  return Effect.scoped(Effect.flatMap(exporter.open(identity), (open) => open.export(batch)))
}

describe("an unknown outcome", () => {
  const broken: readonly { how: string; answer: Answer }[] = [
    { how: "a reset at once", answer: (response) => response.destroy() },
    {
      how: "headers, then a reset",
      answer: (response) => {
        response.writeHead(200, { "content-type": "application/json" }).flushHeaders()
        setImmediate(() => response.destroy())
      }
    },
    {
      how: "half an answer",
      answer: (response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": 20 })
        response.write('{"partial', () => response.destroy())
      }
    },
    {
      how: "headers of a chunked answer, then a reset",
      answer: (response) => {
        response.writeHead(200, { "content-type": "text/plain" }).flushHeaders()
        setImmediate(() => response.destroy())
      }
    },
    { how: "half a JSON", answer: send(200, '{"partialSu', { "content-type": "application/json" }) },
    { how: "JSON that is no answer", answer: send(200, "[1]", { "content-type": "application/json" }) },
    {
      how: "a count that is none",
      answer: send(200, '{"partialSuccess":{"rejectedLogRecords":"many"}}', {
        "content-type": "application/json"
      })
    },
    {
      how: "half a protobuf",
      answer: send(200, new Uint8Array([0x0a, 0x10, 0x08]), { "content-type": "application/x-protobuf" })
    },
    { how: "502", answer: send(502) },
    { how: "500", answer: send(500) }
  ]
  it.each(broken)("F98 after $how the batch is sent again with the same ids", async ({ answer }) => {
    const collector = await startCollector(answer)
    const { audit, log } = otelLog({ url: collector.url })
    log(1, 5)
    expect(await audit.flush()).toMatchObject({ complete: false, pending: 5 })
    collector.answer(acknowledge)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 5, dropped: 0 })
    const [first, second] = collector.requests.map(({ records }) =>
      records.map(({ attributes }) => attributes["log.record.uid"])
    )
    expect(new Set(first).size).toBe(5)
    expect(second).toEqual(first)
  })

  const pages: readonly { what: string; answer: Answer }[] = [
    {
      what: "HTML",
      answer: send(200, "<html>Sign in to the guest network</html>", { "content-type": "text/html" })
    },
    {
      what: "HTML that calls itself JSON",
      answer: send(200, "<html>", { "content-type": "application/json" })
    },
    {
      what: "HTML that calls itself protobuf",
      answer: send(200, "<html></html>", { "content-type": "application/x-protobuf" })
    },
    { what: "text of no type", answer: send(200, "OK") },
    { what: "another program's JSON", answer: send(200, '{"ok":true}', { "content-type": "text/plain" }) },
    {
      what: "more than an acknowledgement, as text",
      answer: send(200, '{"partialSuccess":{},"error":"quota"}', { "content-type": "text/plain" })
    }
  ]
  it.each(pages)("F99 a 200 with $what is a failure", async ({ answer }) => {
    const collector = await startCollector(answer)
    const { audit, log, health } = otelLog({ url: collector.url })
    log(1, 5)
    expect(await audit.flush()).toMatchObject({ complete: false, pending: 5, written: 0 })
    collector.answer(acknowledge)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 5 })
    expect(health().dropped).toBe(0)
  })

  const quiet: readonly { what: string; answer: Answer }[] = [
    { what: "a 204", answer: (response) => void response.writeHead(204).end() },
    { what: "a 200 that says that it is empty", answer: send(200) },
    { what: "an empty protobuf", answer: send(200, "", { "content-type": "application/x-protobuf" }) },
    { what: "an empty chunked text", answer: chunked({ "content-type": "text/plain" }) },
    { what: "an empty chunked JSON", answer: chunked({ "content-type": "application/json" }) },
    { what: "an empty chunked page", answer: chunked({ "content-type": "text/html" }) },
    { what: "nothing, until the connection ends", answer: chunked({ connection: "close" }) },
    { what: "an empty text with its length", answer: send(200, "", { "content-type": "text/plain" }) },
    { what: "an empty 202", answer: send(202, "", { "content-type": "text/plain" }) },
    { what: "a chunked 202", answer: chunked({ "content-type": "text/html" }, 202) },
    { what: "a packed body of nothing", answer: send(200, gzipSync(""), { "content-encoding": "gzip" }) },
    { what: "no body that calls itself packed", answer: send(200, "", { "content-encoding": "gzip" }) },
    { what: "white space", answer: send(200, " \r\n\t\n", { "content-type": "text/plain" }) },
    {
      what: "a protobuf of a line break",
      answer: send(200, "\n", { "content-type": "application/x-protobuf" })
    },
    { what: "{} as text", answer: send(200, "{}\n", { "content-type": "text/plain; charset=utf-8" }) },
    { what: "{} of no type", answer: send(200, "{}") },
    {
      what: "a partial success of nothing, as text",
      answer: send(200, '{ "partialSuccess": { "rejectedLogRecords": "0" } }', {
        "content-type": "text/plain"
      })
    },
    {
      what: "JSON with a charset and a null",
      answer: send(200, '{"partialSuccess":null}', { "content-type": "application/json; charset=utf-8" })
    }
  ]
  it.each(quiet)("$what is an acknowledgement", async ({ answer }) => {
    const collector = await startCollector(answer)
    const { audit, log } = otelLog({ url: collector.url })
    log(1, 5)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 5 })
  })
})

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])(
    "F100 %i is not followed, and the other host never sees us or our key",
    async (status) => {
      const other = await startCollector()
      const collector = await startCollector(send(status, "", { location: other.url }))
      const { audit, notices, log } = otelLog({ url: collector.url, headers: { "x-api-key": "sesame" } })
      log(1, 5)
      expect(await audit.flush()).toMatchObject({ complete: false, pending: 5, dropped: 0 })
      expect(collector.requests.length).toBe(1)
      expect(other.requests.length).toBe(0)
      expect(notices.join()).toContain("a redirect, which is not followed")
    }
  )
})

describe("an answer that takes its time", () => {
  const slow: readonly { how: string; answer: Answer }[] = [
    { how: "never comes", answer: hang },
    {
      how: "stops after its headers",
      answer: (response) => response.writeHead(200, { "content-type": "application/json" }).flushHeaders()
    },
    {
      how: "stops in the middle",
      answer: (response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.write('{"partial')
      }
    }
  ]
  it.each(slow)("F101 one that $how meets the time limit", async ({ answer }) => {
    const collector = await startCollector(answer)
    const { audit, clock, notices, log } = otelLog({ url: collector.url, timeoutMs: 4_000 })
    log(1, 5)
    const flushing = audit.flush({ timeoutMs: 60_000 })
    await collector.until(() => collector.requests.length === 1)
    await clock.asleepFor(4_000)
    clock.advance(4_000)
    expect(await flushing).toMatchObject({ complete: false, pending: 5 })
    expect(notices.join()).toContain("no complete answer within 4000 ms")
    collector.answer(acknowledge)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 5 })
  })

  it("F101 one that never ends is left after 64 KiB", async () => {
    let wasClosed = false
    const collector = await startCollector((response) => {
      const chunk = `"${"x".repeat(8_192)}",`
      response.writeHead(200, { "content-type": "application/json" })
      const more = (): void => {
        while (!wasClosed && response.write(chunk));
      }
      response.on("drain", more).on("close", () => {
        wasClosed = true
      })
      more()
    })
    const { audit, notices, log } = otelLog({ url: collector.url })
    log(1, 5)
    expect(await audit.flush({ timeoutMs: 60_000 })).toMatchObject({ complete: false, pending: 5 })
    expect(notices.join()).toContain("longer than 65536 bytes")
  })

  it.each([
    { bytes: 65_536, written: 1 },
    { bytes: 65_537, written: 0 }
  ])("F101 an answer of $bytes bytes is read: $written", async ({ bytes, written }) => {
    const json = `{"partialSuccess":{"errorMessage":"${"x".repeat(bytes - 38)}"}}`
    expect(json.length).toBe(bytes)
    const collector = await startCollector(send(200, json, { "content-type": "application/json" }))
    const { audit, log } = otelLog({ url: collector.url })
    log(1)
    expect(await audit.flush()).toMatchObject({ written })
  })

  it("F101 an answer that is packed is measured unpacked", async () => {
    const { gzipSync } = await import("node:zlib")
    const bomb = gzipSync(`{"partialSuccess":{"errorMessage":"${"x".repeat(10_000_000)}"}}`)
    const headers = { "content-type": "application/json", "content-encoding": "gzip" }
    const collector = await startCollector(send(200, bomb, headers))
    const { audit, log, notices } = otelLog({ url: collector.url })
    log(1)
    expect(await audit.flush()).toMatchObject({ written: 0, pending: 1 })
    expect(notices.join()).toContain("longer than 65536 bytes")
  })
})

describe("where only people can help", () => {
  it.each([401, 403, 404, 405, 415])(
    "F102 a %i is told once, keeps the events, and is tried again after a minute",
    async (status) => {
      const collector = await startCollector(send(status, "the key sesame is wrong"))
      const { audit, clock, notices, log } = otelLog({
        url: collector.url,
        headers: { authorization: "Bearer sesame" }
      })
      log(1, 5)
      expect(await audit.flush()).toMatchObject({ complete: false, pending: 5, dropped: 0 })
      await clock.asleepFor(60_000)
      clock.advance(59_000)
      expect(collector.requests.length).toBe(1)
      clock.advance(13_000)
      await collector.until(() => collector.requests.length === 2)
      expect(notices.length).toBe(1)
      expect(notices[0]).toContain(`the answer is ${status}`)
      expect(notices.join()).not.toContain("sesame")
      collector.answer(acknowledge)
      expect(await audit.flush()).toMatchObject({ complete: true, written: 5 })
      expect(notices.length).toBe(2)
    }
  )
})

describe("a collector that comes and goes", () => {
  it("F103 for hours: the waits and the requests are bounded, everything arrives once it is there, and the age is told", async () => {
    const collector = await startCollector()
    const moods: readonly [Answer, ...Answer[]] = [
      send(503),
      (response) => response.destroy(),
      send(500),
      acknowledge,
      send(200, "<html>", { "content-type": "text/html" })
    ]
    const { audit, clock, log } = otelLog({ url: collector.url })
    let n = 0
    let oldestAgeMs = 0
    for (let minute = 0; minute < 240; minute++) {
      collector.answer(moods[minute % moods.length] ?? acknowledge)
      log(++n)
      await audit.flush()
      oldestAgeMs = Math.max(oldestAgeMs, audit.health().exporters[0]?.oldestAgeMs ?? 0)
      expect(clock.sleeping[0] ?? 0).toBeLessThanOrEqual(36_000)
      clock.now += 60_000
    }
    collector.answer(acknowledge)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 240, dropped: 0 })
    expect(arrived(collector)).toEqual(numbers(1, 240))
    expect(collector.requests.length).toBeLessThanOrEqual(2 * 240)
    expect(oldestAgeMs).toBeGreaterThanOrEqual(60_000)
  })

  it("F103 what the queue could not hold is counted, and told where it is missing", async () => {
    const collector = await startCollector(send(503))
    const { audit, log, health } = otelLog({ url: collector.url, queue: { eventsMax: 50 } })
    log(1, 10)
    await audit.flush()
    log(11, 100)
    await audit.flush()
    collector.answer(acknowledge)
    log(101)
    const flushed = await audit.flush()
    expect(flushed.pending).toBe(0)
    expect(flushed.written + flushed.dropped).toBe(101)
    expect(flushed.dropped).toBeGreaterThan(0)
    const told = gaps(collector).reduce<number>(
      (sum, gap) => sum + Number((gap as { count: number }).count),
      0
    )
    expect(told).toBe(flushed.dropped)
    expect(arrived(collector).length).toBe(flushed.written)
    expect(health().name).toBe("otel")
  })
})

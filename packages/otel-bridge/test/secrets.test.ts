// Secrets that must never be printed: the values of headers, and a URL's user, password and query. The tests look for them in
// every text that an application or its people can see, in every failure.

import { inspect } from "node:util"
import { createAuditLog, ExportError } from "@daybook/core"
import { replay } from "@daybook/core/replay"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { describe, expect, it } from "vitest"
import { type OtelExporterOptions, otelBridge, otelExporter } from "../src/index.ts"
import { type Answer, acknowledge, send, startCollector } from "./collector.ts"
import { freePort } from "./free-port.ts"
import { otelLog } from "./otel-log.ts"

const secret = "sesame"
/** The same as Basic credentials. */
const encoded = Buffer.from(`user:${secret}`).toString("base64")

const expectNone = (...texts: readonly unknown[]): void => {
  for (const text of texts) {
    const shown = inspect(text, { depth: 20, showHidden: true })
    for (const forbidden of [secret, encoded]) expect(shown).not.toContain(forbidden)
    expect(`${String(text)}${JSON.stringify(text)}`).not.toContain(secret)
  }
}

const secrets = (url: string): readonly OtelExporterOptions[] => [
  { url, headers: { "x-api-key": secret } },
  { url, headers: { authorization: Redacted.make(`Bearer ${secret}`) } },
  { url: url.replace("://", `://user:${secret}@`) },
  { url: `${url}?api_key=${secret}` }
]

const troubles: readonly { what: string; answer: Answer }[] = [
  { what: "an answer that echoes it with 401", answer: send(401, `the key ${secret} is wrong`) },
  { what: "a 400 that echoes it", answer: send(400, secret) },
  { what: "a redirect that carries it", answer: send(307, "", { location: `http://127.0.0.1/?${secret}` }) },
  { what: "a broken connection", answer: (response) => void response.destroy() },
  { what: "a page", answer: send(200, secret, { "content-type": "text/html" }) },
  { what: "nothing wrong", answer: acknowledge }
]

describe.each(troubles)("with $what", ({ answer }) => {
  it.each([0, 1, 2, 3])("a secret of form %i is nowhere", async (form) => {
    const collector = await startCollector(answer)
    const exporter = secrets(collector.url)[form] ?? {}
    const { audit, log, notices, clock } = otelLog(exporter)
    log(1)
    await audit.flush()
    expectNone(notices, audit.health(), otelExporter(exporter), audit)
    expect(collector.requests.length).toBeGreaterThan(0)
    const [sent] = collector.requests
    expect(JSON.stringify([sent?.path, sent?.headers])).toMatch(new RegExp(`${secret}|${encoded}`))
    clock.advance(120_000)
  })
})

it.each([0, 1, 2, 3])(
  "an absent collector shows no secret of form %i, not in the error itself either",
  async (form) => {
    const url = `http://127.0.0.1:${await freePort()}/v1/logs`
    const options = secrets(url)[form] ?? {}
    const { audit, log, notices } = otelLog(options)
    log(1)
    await audit.flush()
    expect(notices.join()).toContain(`Cannot export to "${url}": no connection (ECONNREFUSED)`)
    expectNone(notices, audit.health())
    const errors: unknown[] = []
    const fetch = async (): Promise<Response> => {
      throw new TypeError(`${secret} is in the message`, { cause: new Error(secret) })
    }
    const memory = createAuditLog({
      app: "datatools",
      exporters: [watched(otelExporter({ ...options, fetch }), errors)],
      exitHook: false,
      notice: (line) => errors.push(line)
    })
    memory.log("case", "event")
    await memory.flush()
    expect(errors.some((error) => error instanceof ExportError)).toBe(true)
    expectNone(...errors)
  }
)

it.each([0, 1, 2, 3])("a replay to an absent collector shows no secret of form %i", async (form) => {
  const url = `http://127.0.0.1:${await freePort()}/v1/logs`
  const notices: string[] = []
  const ending = new AbortController()
  const line = JSON.stringify({
    ts: "2026-11-22T09:00:00.000Z",
    category: "case",
    message: secret,
    value: secret
  })
  const result = await replay([line], otelExporter(secrets(url)[form] ?? {}), {
    app: "datatools",
    env: { HTTP_PROXY: `http://user:${secret}@proxy.example`, OTEL_EXPORTER_OTLP_PROTOCOL: secret },
    notice: (text) => {
      notices.push(text)
      if (text.includes("retrying in the background")) ending.abort()
    },
    signal: ending.signal
  })
  expect(result).toMatchObject({ complete: false, lastError: expect.stringContaining("ECONNREFUSED") })
  expect(notices.length).toBe(2)
  expectNone(notices, result)
})

it("invalid headers are refused by name at once", () => {
  const make = (headers: Record<string, string>) => () => otelExporter({ headers })
  expect(make({ "x-key": `${secret}\r\nx: y` })).toThrow(
    'option "headers": "x-key" is not a valid HTTP header'
  )
  for (const value of [`${secret}\n`, `${secret}\u0000`, `${secret}\u20ac`]) {
    try {
      otelExporter({ headers: { key: value } })
      expect.unreachable()
    } catch (error) {
      expectNone(error)
    }
  }
})

it("an invalid URL is refused without being quoted", () => {
  for (const url of [`collector?${secret}`, `ftp://user:${secret}@host/`, `//${secret}`]) {
    try {
      otelExporter({ url })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
      expectNone(error)
    }
  }
})

it.each([
  ["http://collector.example/v1/logs", 1],
  ["http://127.0.0.1.example/v1/logs", 1],
  ["http://127.0.0.1:9/v1/logs", 0],
  ["http://localhost:9/v1/logs", 0],
  ["http://a.localhost:9/v1/logs", 0],
  ["http://[::1]:9/v1/logs", 0],
  ["https://collector.example/v1/logs", 0]
])("%s unencrypted gives %i notices", async (url, times) => {
  const fetch = async (): Promise<Response> => new Response(null, { status: 204 })
  const { audit, log, notices } = otelLog({ url: `${url}?k=${secret}`, fetch })
  log(1)
  expect(await audit.flush()).toMatchObject({ complete: true })
  expect(notices.filter((notice) => notice.includes(`events are sent to "${url}" unencrypted`)).length).toBe(
    times
  )
  expect(notices.length).toBe(times)
  expectNone(notices)
})

/** The same exporter, whose errors are kept. */
const watched = (exporter: ReturnType<typeof otelExporter>, errors: unknown[]): typeof exporter => ({
  ...exporter,
  open: (log) =>
    Effect.map(exporter.open(log), (open) => ({
      export: (batch) => Effect.tapError(open.export(batch), (error) => Effect.sync(() => errors.push(error)))
    }))
})

it.each([
  [() => otelExporter({ headres: {} } as never), 'did you mean "headers"?'],
  [() => otelExporter({ url: "" }), 'option "url" must be a text such as'],
  [() => otelExporter({ headers: secret } as never), 'option "headers" must be an object'],
  [() => otelExporter({ protocol: "grpc" } as never), '"http/protobuf" or "http/json", not a text'],
  [() => otelExporter({ timeoutMs: 0 }), 'option "timeoutMs" must be a number of milliseconds from 1 on'],
  [
    () => otelExporter({ limits: { attributeCount: 1 } } as never),
    'did you mean "limits.attributeCountMax"?'
  ],
  [() => otelExporter({ queue: { eventsMax: 0 } }), 'option "queue.eventsMax" must be a number'],
  [() => otelBridge({ provider: {} } as never), 'there is no option "provider"'],
  [() => otelBridge({ queue: { byteMax: 1 } } as never), 'did you mean "queue.bytesMax"?']
])("an option that is unknown or unusable is refused at once, by its name: %#", (make, text) => {
  expect(make).toThrow(TypeError)
  expect(make).toThrow(text)
  expect(make).not.toThrow(secret)
})

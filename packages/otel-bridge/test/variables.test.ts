// The OTEL_* variables with the specification's precedence, through the log's own environment. The tests look at what a
// collector gets, not at what was parsed. A bad value gives one notice and counts as unset.
import { createAuditLog } from "@daybook/core"
import { resourceFromAttributes } from "@opentelemetry/resources"
import { describe, expect, it } from "vitest"
import { type OtelExporterOptions, otelExporter } from "../src/index.ts"
import { otelVariables, unsupportedVariables } from "../src/otel-variables.ts"
import { otlpSettings } from "../src/otlp-settings.ts"
import { startCollector } from "./collector.ts"
import { otelLog } from "./otel-log.ts"

type Env = Readonly<Record<string, string>>
type Settings = ReturnType<typeof otlpSettings>

const read = (
  env: Env,
  options: OtelExporterOptions = {}
): { settings: Settings; told: readonly string[] } => {
  const told: string[] = []
  const settings = otlpSettings(options, { app: "datatools", env }, (text) => told.push(text))
  return { settings, told }
}

const endpoints: readonly (readonly [env: Env, url: string])[] = [
  [{}, "http://localhost:4318/v1/logs"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://c:4318" }, "https://c:4318/v1/logs"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://c:4318/" }, "https://c:4318/v1/logs"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/base" }, "https://c/base/v1/logs"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/base/" }, "https://c/base/v1/logs"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/base?k=v" }, "https://c/base/v1/logs?k=v"],
  [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://c" }, "https://c/"],
  [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://c/own/path" }, "https://c/own/path"],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "https://general", OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://c/logs" },
    "https://c/logs"
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "https://general", OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "" },
    "https://general/v1/logs"
  ],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "  https://c  " }, "https://c/v1/logs"]
]

const single: readonly (readonly [env: Env, setting: keyof Settings, value: unknown])[] = [
  [{}, "protocol", "http/protobuf"],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, "protocol", "http/json"],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/protobuf" },
    "protocol",
    "http/protobuf"
  ],
  [{}, "compression", "none"],
  [{ OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" }, "compression", "gzip"],
  [
    { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip", OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: "none" },
    "compression",
    "none"
  ],
  [{}, "timeoutMs", 10_000],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: " 2500 " }, "timeoutMs", 2_500],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: "2500", OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: " " }, "timeoutMs", 2_500],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: "2500", OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: "1" }, "timeoutMs", 1],
  [{}, "headers", {}],
  [
    { OTEL_EXPORTER_OTLP_HEADERS: "api-key=k%3D1, X-Tenant = a b ,last=1" },
    "headers",
    { "api-key": "k=1", "x-tenant": "a b", last: "1" }
  ],
  [
    { OTEL_EXPORTER_OTLP_HEADERS: "api-key=general", OTEL_EXPORTER_OTLP_LOGS_HEADERS: "x=1" },
    "headers",
    { x: "1" }
  ],
  [{}, "isDisabled", false],
  [{ OTEL_SDK_DISABLED: "true" }, "isDisabled", true],
  [{ OTEL_SDK_DISABLED: "TRUE" }, "isDisabled", true],
  [{ OTEL_SDK_DISABLED: "false" }, "isDisabled", false],
  [{ OTEL_SDK_DISABLED: "" }, "isDisabled", false],
  [{}, "limits", { attributeCountMax: 128, attributeValueCharsMax: Number.POSITIVE_INFINITY }],
  [
    { OTEL_ATTRIBUTE_COUNT_LIMIT: "10", OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "20" },
    "limits",
    { attributeCountMax: 10, attributeValueCharsMax: 20 }
  ],
  [
    {
      OTEL_ATTRIBUTE_COUNT_LIMIT: "10",
      OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: "30",
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "20",
      OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: "40"
    },
    "limits",
    { attributeCountMax: 30, attributeValueCharsMax: 40 }
  ]
]

const resources: readonly (readonly [env: Env, attributes: object])[] = [
  [{}, { "service.name": "datatools" }],
  [{ OTEL_SERVICE_NAME: "web" }, { "service.name": "web" }],
  [{ OTEL_RESOURCE_ATTRIBUTES: "service.name=named,team=a%2Cb" }, { "service.name": "named", team: "a,b" }],
  [{ OTEL_RESOURCE_ATTRIBUTES: "service.name=named", OTEL_SERVICE_NAME: "web" }, { "service.name": "web" }]
]

const bad: readonly (readonly [name: string, value: string, setting: keyof Settings])[] = [
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "url"],
  ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "ftp://c/", "url"],
  ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "protocol"],
  ["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "HTTP/JSON", "protocol"],
  ["OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "compression"],
  ["OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "timeoutMs"],
  ["OTEL_EXPORTER_OTLP_TIMEOUT", "0", "timeoutMs"],
  ["OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "-5", "timeoutMs"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "no pair", "headers"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "=v", "headers"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "k=%zz", "headers"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "k=a%0D%0Ax-other: b", "headers"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "a b=c", "headers"],
  ["OTEL_RESOURCE_ATTRIBUTES", "k=%E0%A4%A", "resource"],
  ["OTEL_ATTRIBUTE_COUNT_LIMIT", "many", "limits"],
  ["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "-1", "limits"],
  ["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "0", "limits"],
  ["OTEL_SDK_DISABLED", "1", "isDisabled"]
]

describe("settings", () => {
  it.each(endpoints)("%j sends to %s", (env, url) => {
    expect(read(env).settings.url).toBe(url)
  })

  it.each(single)("%j sets %s to %j", (env, setting, value) => {
    const { settings, told } = read(env)
    expect(settings[setting]).toEqual(value)
    expect(told).toEqual([])
  })

  it.each(resources)("%j is the resource %j", (env, attributes) => {
    expect(read(env).settings.resource.attributes).toMatchObject(attributes)
  })

  it.each(bad)(
    "%s=%s is one clear line that does not quote it, and the default holds",
    (name, value, setting) => {
      const { settings, told } = read({ [name]: value })
      expect(told.length).toBe(1)
      expect(told[0]).toContain(`the variable ${name} is ignored: it must be `)
      expect(told[0]).not.toContain(value.length > 3 && value !== "grpc" ? value : "\u0000")
      expect(JSON.stringify(settings[setting])).toBe(JSON.stringify(read({}).settings[setting]))
    }
  )

  it("a bad variable of the signal leaves the general one", () => {
    const env = { OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: "soon", OTEL_EXPORTER_OTLP_TIMEOUT: "77" }
    const { settings, told } = read(env)
    expect(settings.timeoutMs).toBe(77)
    expect(told.length).toBe(1)
  })

  it("options win over every variable, and what they replace is not read", () => {
    const env = {
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "nonsense",
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: "api-key=general",
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: "1",
      OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: "1",
      OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: "1",
      OTEL_SERVICE_NAME: "from-env",
      OTEL_RESOURCE_ATTRIBUTES: "team=env"
    }
    const { settings, told } = read(env, {
      url: "https://mine/v1/logs",
      headers: {},
      protocol: "http/json",
      compression: "none",
      timeoutMs: 5,
      limits: { attributeCountMax: 6, attributeValueCharsMax: 7 },
      resource: { "service.name": "mine" }
    })
    expect(told).toEqual([])
    expect(settings).toMatchObject({
      url: "https://mine/v1/logs",
      headers: {},
      protocol: "http/json",
      compression: "none",
      timeoutMs: 5,
      limits: { attributeCountMax: 6, attributeValueCharsMax: 7 }
    })
    expect(settings.resource.attributes).toMatchObject({ "service.name": "mine", team: "env" })
  })

  it.each([
    ["https://user:pass@c/v1/logs", "user:pass"],
    ["https://us%20er:p%C3%A9%3A@c/v1/logs", "us er:pé:"],
    ["https://user:100%@c/v1/logs", "user:100%"],
    ["https://token@c/v1/logs", "token:"]
  ])("the user and password of %s are Basic credentials, and not in the URL", (url, credentials) => {
    const { settings } = read({}, { url })
    const [, encoded = ""] = settings.headers.authorization?.split("Basic ") ?? []
    expect(Buffer.from(encoded, "base64").toString()).toBe(credentials)
    expect([settings.url, settings.shownUrl]).toEqual(["https://c/v1/logs", "https://c/v1/logs"])
    const own = read({}, { url, headers: { Authorization: "Bearer x" } }).settings
    expect(own.headers.authorization).toBe("Bearer x")
  })

  it("every variable that is read is in a table above", () => {
    const named = [...endpoints, ...single, ...resources].flatMap(([env]) => Object.keys(env))
    const known = Object.values(otelVariables).flatMap(({ names }) => names)
    const tested = [...named, ...bad.map(([name]) => name)]
    expect(known.filter((name) => !tested.includes(name))).toEqual([])
  })
})

describe("a log", () => {
  it("reads them from its own environment: address, encoding, packing, headers, limits, resource", async () => {
    const collector = await startCollector()
    const { audit, log } = otelLog(
      {},
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace("/v1/logs", "/base"),
        OTEL_EXPORTER_OTLP_HEADERS: "api-key=sesame",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
        OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: "3",
        OTEL_SERVICE_NAME: "web"
      }
    )
    log(1)
    expect(await audit.flush()).toMatchObject({ complete: true })
    const [request] = collector.requests
    expect(request?.path).toBe("/base/v1/logs")
    expect(request?.headers).toMatchObject({
      "api-key": "sesame",
      "content-type": "application/json",
      "content-encoding": "gzip",
      "user-agent": "daybook/otel-bridge/0.1.0"
    })
    expect(request?.records[0]).toMatchObject({
      droppedAttributesCount: 1,
      resource: { "service.name": "web" }
    })
  })

  it("waits for a resource that is still being found out", async () => {
    const collector = await startCollector()
    const resource = resourceFromAttributes({ "host.id": Promise.resolve("h1"), "service.name": "mine" })
    const { audit, log } = otelLog({ url: collector.url, resource })
    log(1)
    expect(await audit.flush()).toMatchObject({ complete: true })
    expect(collector.records[0]?.resource).toMatchObject({ "host.id": "h1", "service.name": "mine" })
  })

  it("gzip makes a large batch a small one", async () => {
    const collector = await startCollector()
    const { audit, log } = otelLog({ url: collector.url, compression: "gzip" })
    log(1, 500)
    expect(await audit.flush()).toMatchObject({ complete: true, written: 500 })
    const [{ bytes, unpackedBytes } = { bytes: 0, unpackedBytes: 0 }] = collector.requests
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(unpackedBytes / 4)
  })

  it("with OTEL_SDK_DISABLED=true is without this exporter: nothing is sent, nothing is lost, no notice", async () => {
    const collector = await startCollector()
    const { audit, log, notices } = otelLog({ url: collector.url }, { OTEL_SDK_DISABLED: "true" })
    audit.sessionStart()
    log(1, 10)
    expect(await audit.close()).toMatchObject({ dropped: 0, pending: 0 })
    expect(collector.requests.length).toBe(0)
    expect(notices).toEqual([])
  })

  it.each(unsupportedVariables.flatMap(({ names }) => names))(
    "%s gives one notice with the way out, however often it is opened",
    async (name) => {
      const collector = await startCollector()
      const { audit, log, notices } = otelLog({ url: collector.url }, { [name]: "ca.pem" })
      log(1)
      await audit.flush()
      await audit.close()
      expect(notices.length).toBe(1)
      expect(notices[0]).toContain(name)
      expect(notices[0]).toContain("NODE_EXTRA_CA_CERTS")
    }
  )

  it("two logs of one exporter have each its own environment", async () => {
    const [one, other] = [await startCollector(), await startCollector()]
    const exporter = otelExporter()
    for (const { url } of [one, other]) {
      const env = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: url }
      const audit = createAuditLog({ app: "datatools", exporters: [exporter], env, exitHook: false })
      audit.log("case", "event")
      await audit.close({ timeoutMs: 10_000 })
    }
    expect([one.records.length, other.records.length]).toEqual([1, 1])
  })
})

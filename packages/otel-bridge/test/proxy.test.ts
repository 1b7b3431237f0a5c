// Proxies that the environment names, on Node as it starts: its fetch does not take them, and the people are told so once, where
// a proxy was meant for this collector. conformance/proxy.conformance.mjs sends through real ones on every runtime.
import { expect, it } from "vitest"
import { startCollector } from "./collector.ts"
import { otelLog } from "./otel-log.ts"

const proxy = "http://user:sesame@proxy.example:3128"
const remote = "https://collector.example:4318/v1/logs"

/** The notices of a log that is closed before anything is sent. */
const noticesOf = (url: string, env: Readonly<Record<string, string>>, options = {}): readonly string[] => {
  const { log, audit, notices } = otelLog({ url, ...options }, env)
  log(1)
  void audit.close({ timeoutMs: 0 })
  return notices.filter((line) => line.includes("PROXY") || line.includes("proxy"))
}

const told: readonly { env: Readonly<Record<string, string>>; url: string; name: string }[] = [
  { env: { HTTPS_PROXY: proxy }, url: remote, name: "HTTPS_PROXY" },
  { env: { https_proxy: proxy, HTTPS_PROXY: proxy }, url: remote, name: "https_proxy" },
  { env: { HTTP_PROXY: proxy }, url: remote.replace("https", "http"), name: "HTTP_PROXY" },
  { env: { HTTPS_PROXY: proxy, NO_PROXY: "other.example,example.org" }, url: remote, name: "HTTPS_PROXY" },
  { env: { HTTPS_PROXY: proxy, NO_PROXY: "collector.example:443" }, url: remote, name: "HTTPS_PROXY" }
]
it.each(told)("$name is not followed on Node, and one notice says what to do: $env", ({ env, url, name }) => {
  const notices = noticesOf(url, env)
  expect(notices).toEqual([
    `[daybook] datatools: otel: ignored: ${name}; Node follows it when the process starts with NODE_USE_ENV_PROXY=1 (from 22.21 on); or give the option "fetch"`
  ])
})

const quiet: readonly { env: Readonly<Record<string, string>>; url: string }[] = [
  { env: { HTTP_PROXY: proxy }, url: remote },
  { env: { HTTPS_PROXY: " " }, url: remote },
  { env: { HTTPS_PROXY: proxy, NO_PROXY: "*" }, url: remote },
  { env: { HTTPS_PROXY: proxy, NO_PROXY: "one.example, .Example" }, url: remote },
  { env: { HTTPS_PROXY: proxy, no_proxy: "*.example:4318" }, url: remote },
  { env: { HTTP_PROXY: proxy }, url: "http://localhost:1/v1/logs" },
  { env: { HTTP_PROXY: proxy }, url: "http://127.0.0.1:1/v1/logs" }
]
it.each(quiet)("no proxy is meant for $url by $env, and nothing is told", ({ env, url }) => {
  expect(noticesOf(url, env)).toEqual([])
})

it("an option fetch goes its own way, and nothing is told", async () => {
  const collector = await startCollector()
  const way = (_: string, init: RequestInit): Promise<Response> => fetch(collector.url, init)
  const { log, audit, notices } = otelLog({ url: remote, fetch: way }, { HTTPS_PROXY: proxy })
  log(1, 3)
  expect(await audit.flush()).toMatchObject({ complete: true, written: 3 })
  expect(notices).toEqual([])
})

it('delivery "sdk" follows no proxy, and says so', () => {
  expect(noticesOf(remote, { HTTPS_PROXY: proxy }, { delivery: "sdk" })).toEqual([
    '[daybook] datatools: otel: ignored: HTTPS_PROXY; delivery "sdk" follows no proxy, the default delivery can'
  ])
})

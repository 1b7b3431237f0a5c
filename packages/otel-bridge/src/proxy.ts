// The proxy that the environment names, and whether requests take it. Deno's and Bun's fetch do; Node's does where its process
// was started for it or the application has set a dispatcher. That is a switch for all requests of a process, so it is the
// application's: where it is off, a notice says so.
import { isLoopback } from "./loopback.ts"
import type { Env } from "./otel-variables.ts"

const { process } = globalThis as {
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> }
}

/** The notice about a proxy that the requests of this runtime will not take; `undefined` where all is well. */
export const proxyNotice = (target: URL, env: Env, delivery: "acknowledged" | "sdk"): string | undefined => {
  const name = proxyVariable(target, env)
  if (name === undefined) return undefined
  if (delivery === "sdk") return `ignored: ${name}; delivery "sdk" follows no proxy, the default delivery can`
  if (!isNode || isFollowing()) return undefined
  return `ignored: ${name}; Node follows it when the process starts with NODE_USE_ENV_PROXY=1 (from 22.21 on); or give the option "fetch"`
}

/** The variable that names a proxy for this URL. A collector on the same machine is reached directly. */
const proxyVariable = (target: URL, env: Env): string | undefined => {
  if (isLoopback(target.hostname) || isExempt(target, env.no_proxy || env.NO_PROXY || "")) return undefined
  const names = target.protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"]
  return names.find((name) => (env[name]?.trim() ?? "") !== "")
}

/** `NO_PROXY`: names with everything below them, `*` for all; each may have a port. */
const isExempt = ({ hostname, port, protocol }: URL, list: string): boolean =>
  list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      const [, host = entry, wantedPort] = /^(.+):(\d+)$/.exec(entry) ?? []
      const name = host.replace(/^\*?\./, "")
      const ownPort = port || (protocol === "https:" ? "443" : "80")
      if (wantedPort !== undefined && wantedPort !== ownPort) return false
      return name === "*" || hostname === name || hostname.endsWith(`.${name}`)
    })

const isNode = process?.versions?.node !== undefined && !process.versions.bun && !process.versions.deno

// undici, which is Node's fetch, keeps its dispatcher there; the plain one is called Agent. It is absent before the first fetch.
const isFollowing = (): boolean => {
  const dispatcher = (globalThis as Readonly<Record<symbol, unknown>>)[
    Symbol.for("undici.globalDispatcher.1")
  ]
  return typeof dispatcher === "object" && dispatcher !== null && dispatcher.constructor.name !== "Agent"
}

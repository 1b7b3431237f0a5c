// What an exporter works by: its options, else the environment of its log, else the specification's defaults. Secrets
// end here: what is printed of a URL has no user and no query, and headers go to the request alone.
import type { LogIdentity } from "@daybook/core"
import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources"
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions"
import * as Redacted from "effect/Redacted"
import { otelLimits } from "./limits.ts"
import {
  isHeader,
  type OtelVariable,
  otelVariables,
  parseUrl,
  readVariable,
  unsupportedVariables
} from "./otel-variables.ts"

/** How records are written: OTLP's two encodings over HTTP. */
export type OtlpProtocol = "http/protobuf" | "http/json"

/** Attributes of a resource. */
export type ResourceAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** Header values may be wrapped in Effect's `Redacted`; they are never shown either way. */
export type OtlpHeaders = Readonly<Record<string, string | Redacted.Redacted<string>>>

/** Each wins over the environment; see docs/reference/otel-mapping.md for the variables. */
export interface OtlpOptions {
  /** The whole URL, path included. Default `http://localhost:4318/v1/logs`. User and password become Basic credentials. */
  readonly url?: string | undefined
  /** Sent with each request, instead of the environment's. */
  readonly headers?: OtlpHeaders | undefined
  /** Default "http/protobuf". */
  readonly protocol?: OtlpProtocol | undefined
  /** Default "none". */
  readonly compression?: "gzip" | "none" | undefined
  /** One request with its answer. Default 10 s. */
  readonly timeoutMs?: number | undefined
  /** Merged over the environment's. `service.name` is the log's `app` unless given. */
  readonly resource?: Resource | ResourceAttributes | undefined
  readonly limits?: RecordLimits | undefined
}

/** What the SDK cuts off a record; it says how many attributes it dropped. */
export interface RecordLimits {
  /** Default 128. */
  readonly attributeCountMax?: number | undefined
  /** Characters of an attribute's text. Default: no limit. */
  readonly attributeValueCharsMax?: number | undefined
}

export interface OtlpSettings {
  /** Without user and password. */
  readonly url: string
  /** The same without its query: what people are shown. */
  readonly shownUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly protocol: OtlpProtocol
  readonly compression: "gzip" | "none"
  readonly timeoutMs: number
  readonly resource: Resource
  readonly limits: Required<{ readonly [Name in keyof RecordLimits]: number }>
  readonly isDisabled: boolean
}

/** @throws TypeError for options that can never work. Quotes no header and no URL. */
export const checkOtlpOptions = ({ url, headers, timeoutMs }: OtlpOptions): void => {
  if (url !== undefined && parseUrl(url) === undefined) {
    throw new TypeError('otelExporter: option "url" must be a whole URL of http or https')
  }
  for (const [name, value] of headerPairs(headers)) {
    if (!isHeader(name, value)) {
      throw new TypeError(
        `otelExporter: option "headers": ${JSON.stringify(name)} is no header that HTTP can carry`
      )
    }
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new TypeError('otelExporter: option "timeoutMs" must be more than 0')
  }
}

/** `tell` gets one line for each thing that people should know. */
export const otlpSettings = (
  options: OtlpOptions,
  { app, env }: Pick<LogIdentity, "app" | "env">,
  tell: (text: string) => void
): OtlpSettings => {
  const variables = otelVariables
  const read = <Value>(variable: OtelVariable<Value>): Value | undefined => readVariable(variable, env, tell)
  const given = options.url === undefined ? undefined : parseUrl(options.url)
  const target = given ?? read(variables.url) ?? new URL("http://localhost:4318/v1/logs")
  const headers = headersOf(
    options.headers === undefined ? read(variables.headers) : headerPairs(options.headers),
    target
  )
  const url = withoutUser(target)
  const shownUrl = shown(target)
  if (target.protocol === "http:" && !isLoopback(target.hostname)) {
    tell(`events go to "${shownUrl}" unencrypted: use https`)
  }
  return {
    url: url.href,
    shownUrl,
    headers,
    protocol: options.protocol ?? read(variables.protocol) ?? "http/protobuf",
    compression: options.compression ?? read(variables.compression) ?? "none",
    timeoutMs: options.timeoutMs ?? read(variables.timeoutMs) ?? otelLimits.timeoutMs,
    resource: resourceOf(options.resource, app, read(variables.serviceName), read(variables.resource)),
    limits: {
      attributeCountMax:
        options.limits?.attributeCountMax ??
        read(variables.attributeCountMax) ??
        otelLimits.attributeCountMax,
      attributeValueCharsMax:
        options.limits?.attributeValueCharsMax ??
        read(variables.attributeValueCharsMax) ??
        otelLimits.attributeValueCharsMax
    },
    isDisabled: read(variables.disabled) ?? false
  }
}

/** Tells of variables that ask for what fetch cannot do. */
export const tellUnsupported = (env: LogIdentity["env"], tell: (text: string) => void): void => {
  for (const { names, instead } of unsupportedVariables) {
    const set = names.filter((name) => (env[name] ?? "") !== "")
    if (set.length > 0) tell(`not followed: ${set.join(", ")}; ${instead}`)
  }
}

const headerPairs = (headers: OtlpHeaders = {}): readonly (readonly [string, string])[] =>
  Object.entries(headers).map(([name, value]) => [
    name,
    Redacted.isRedacted(value) ? Redacted.value(value) : value
  ])

const headersOf = (
  pairs: Iterable<readonly [string, string]> | undefined,
  { username, password }: URL
): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = Object.create(null)
  if (username !== "" || password !== "") headers.authorization = `Basic ${basic(username, password)}`
  for (const [name, value] of pairs ?? []) headers[name.toLowerCase()] = value
  return headers
}

// fetch refuses a URL with user and password, and quotes both in its error.
const basic = (username: string, password: string): string => {
  const bytes = new TextEncoder().encode(`${unescaped(username)}:${unescaped(password)}`)
  return btoa(String.fromCharCode(...bytes))
}

// A lone "%" stays in a URL as it is.
const unescaped = (text: string): string => text.replace(/(?:%[0-9a-fA-F]{2})+/g, (hex) => decodedOr(hex))

const decodedOr = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const withoutUser = (target: URL): URL => {
  const url = new URL(target)
  url.username = ""
  url.password = ""
  return url
}

const shown = ({ origin, pathname }: URL): string => origin + pathname

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)

const resourceOf = (
  given: OtlpOptions["resource"],
  app: string,
  serviceName: string | undefined,
  fromEnv: ReadonlyMap<string, string> | undefined
): Resource => {
  const named = serviceName === undefined ? {} : { [ATTR_SERVICE_NAME]: serviceName }
  const environment = { [ATTR_SERVICE_NAME]: app, ...Object.fromEntries(fromEnv ?? []), ...named }
  const merged = defaultResource().merge(resourceFromAttributes(environment))
  if (given === undefined) return merged
  return merged.merge(isResource(given) ? given : resourceFromAttributes({ ...given }))
}

const isResource = (given: Resource | ResourceAttributes): given is Resource =>
  "getRawAttributes" in given && typeof given.getRawAttributes === "function"

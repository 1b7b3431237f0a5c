// The settings of an exporter: its options, else the environment of its log, else OTLP's defaults. Secrets stay inside: a URL
// is shown without user and query, and headers are never shown.
import { checkOptions, type LogIdentity, type OptionRules, optionRule } from "@daybook/core"
import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources"
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions"
import * as Redacted from "effect/Redacted"
import { otelLimits } from "./limits.ts"
import { isLoopback } from "./loopback.ts"
import {
  isHeader,
  type OtelVariable,
  otelVariables,
  parseUrl,
  readVariable,
  unsupportedVariables
} from "./otel-variables.ts"

/** OTLP's two encodings over HTTP. */
export type OtlpProtocol = "http/protobuf" | "http/json"

/** Attributes of a resource. */
export type ResourceAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** Values may be wrapped in Effect's `Redacted`. They are never shown either way. */
export type OtlpHeaders = Readonly<Record<string, string | Redacted.Redacted<string>>>

/** Each option overrides its variable; docs/reference/otel-mapping.md lists the variables. */
export interface OtlpOptions {
  /** The complete URL with its path. Default `http://localhost:4318/v1/logs`. User and password become Basic credentials. */
  readonly url?: string | undefined
  /** Sent with each request. They replace the headers of the environment. */
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

/** Limits of a record. The SDK cuts the rest, and counts the attributes that it dropped. */
export interface RecordLimits {
  /** Default 128. */
  readonly attributeCountMax?: number | undefined
  /** Characters of an attribute's text. Default: no limit. */
  readonly attributeValueCharsMax?: number | undefined
}

export interface OtlpSettings {
  /** Without user and password. */
  readonly url: string
  /** Without the query too: for notices and errors. */
  readonly shownUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly protocol: OtlpProtocol
  readonly compression: "gzip" | "none"
  readonly timeoutMs: number
  readonly resource: Resource
  readonly limits: Required<{ readonly [Name in keyof RecordLimits]: number }>
  readonly isDisabled: boolean
}

/** What each option must be. Values that need a second look are judged by `checkOtlpOptions`. */
export const otlpRules: OptionRules = {
  url: optionRule.text("https://collector.example/v1/logs"),
  headers: optionRule.object("an object of names and values"),
  protocol: optionRule.oneOf("http/protobuf", "http/json"),
  compression: optionRule.oneOf("gzip", "none"),
  timeoutMs: optionRule.numberFrom(1, "milliseconds", true),
  resource: optionRule.object("a Resource, or an object of attributes"),
  limits: optionRule.object("an object of limits")
}

const limitRules: OptionRules = {
  attributeCountMax: optionRule.numberFrom(0, "attributes", true),
  attributeValueCharsMax: optionRule.numberFrom(1, "characters", true)
}

/** @throws TypeError for options that can never work. It quotes no header value and no URL. */
export const checkOtlpOptions = ({ url, headers, limits }: OtlpOptions): void => {
  if (limits !== undefined) checkOptions("otelExporter", limits, limitRules, "limits")
  if (url !== undefined && parseUrl(url) === undefined) {
    throw new TypeError('otelExporter: option "url" must be a complete http or https URL')
  }
  for (const [name, value] of headerPairs(headers)) {
    if (!isHeader(name, value)) {
      throw new TypeError(
        `otelExporter: option "headers": ${JSON.stringify(name)} is not a valid HTTP header`
      )
    }
  }
}

/** `tell` gets one notice for each problem. */
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
    tell(`events are sent to "${shownUrl}" unencrypted; use https`)
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

/** Gives a notice of each variable that fetch cannot honour. */
export const tellUnsupported = (env: LogIdentity["env"], tell: (text: string) => void): void => {
  for (const { names, instead } of unsupportedVariables) {
    const set = names.filter((name) => (env[name] ?? "") !== "")
    if (set.length > 0) tell(`ignored: ${set.join(", ")}; ${instead}`)
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

// A "%" without two hex digits stays as it is.
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

// The OTEL_* variables that apply to an exporter of logs over OTLP/HTTP, with the specification's precedence: a variable for logs
// comes before the general one, an empty one is unset, a bad one gives a notice and counts as unset. Values are never quoted: a
// secret may be in the wrong variable. otlp-settings.ts puts options before variables.

/** A log's environment: `LogIdentity.env`. */
export type Env = Readonly<Record<string, string | undefined>>

/** What a setting is read from. */
export interface OtelVariable<Value> {
  /** In the order of precedence. */
  readonly names: readonly string[]
  /** What a good value is, for the notice about a bad one. */
  readonly form: string
  /** `undefined` for a bad value. `name` says which of the variables it is. */
  parse(text: string, name: string): Value | undefined
}

const variable = <Value>(
  names: readonly string[],
  form: string,
  parse: OtelVariable<Value>["parse"]
): OtelVariable<Value> => ({ names, form, parse })

const generalEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
const ofLogs = (name: string): readonly string[] => [
  `OTEL_EXPORTER_OTLP_LOGS_${name}`,
  `OTEL_EXPORTER_OTLP_${name}`
]

/** A URL of http or https, else `undefined`. */
export const parseUrl = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === "http:" || url?.protocol === "https:" ? url : undefined
}

const parseEndpoint = (text: string, name: string): URL | undefined => {
  const url = parseUrl(text)
  if (url !== undefined && name === generalEndpoint)
    url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/logs`
  return url
}

/** A header's name and value as HTTP takes them. Line breaks would make two headers of one. */
export const isHeader = (name: string, value: string): boolean =>
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

/** `key=value,key=value`, the values percent-encoded: the form of W3C Baggage without its properties. */
const parsePairs = (text: string): ReadonlyMap<string, string> | undefined => {
  const pairs = new Map<string, string>()
  for (const pair of text.split(",").filter((part) => part.trim() !== "")) {
    const equals = pair.indexOf("=")
    const key = decoded(pair.slice(0, Math.max(0, equals)))
    const value = decoded(pair.slice(equals + 1))
    if (key === undefined || key === "" || value === undefined) return undefined
    pairs.set(key, value)
  }
  return pairs
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.trim())
  } catch {
    return undefined
  }
}

const parseHeaders = (text: string): ReadonlyMap<string, string> | undefined => {
  const pairs = parsePairs(text)
  return pairs !== undefined && [...pairs].every(([name, value]) => isHeader(name, value)) ? pairs : undefined
}

const parseWhole = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)
const parsePositive = (text: string): number | undefined => parseWhole(text) || undefined

const oneOf =
  <const Word extends string>(...words: readonly Word[]) =>
  (text: string): Word | undefined =>
    words.find((word) => word === text)

const limit = (name: string): readonly string[] => [
  `OTEL_LOGRECORD_ATTRIBUTE_${name}`,
  `OTEL_ATTRIBUTE_${name}`
]

/** The variables that are read. docs/reference/otel-mapping.md says what each sets. */
export const otelVariables = {
  disabled: variable(
    ["OTEL_SDK_DISABLED"],
    '"true" or "false"',
    (text) => ({ true: true, false: false })[text.toLowerCase()]
  ),
  url: variable(
    ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", generalEndpoint],
    "a URL of http or https",
    parseEndpoint
  ),
  headers: variable(ofLogs("HEADERS"), '"name=value,name=value", percent-encoded', parseHeaders),
  protocol: variable(
    ofLogs("PROTOCOL"),
    '"http/protobuf" or "http/json"; "grpc" is not supported',
    oneOf("http/protobuf", "http/json")
  ),
  compression: variable(ofLogs("COMPRESSION"), '"gzip" or "none"', oneOf("gzip", "none")),
  timeoutMs: variable(ofLogs("TIMEOUT"), "milliseconds, from 1 on", parsePositive),
  serviceName: variable(["OTEL_SERVICE_NAME"], "text", (text) => text),
  resource: variable(["OTEL_RESOURCE_ATTRIBUTES"], '"name=value,name=value", percent-encoded', parsePairs),
  attributeCountMax: variable(limit("COUNT_LIMIT"), "a whole number", parseWhole),
  attributeValueCharsMax: variable(limit("VALUE_LENGTH_LIMIT"), "a whole number from 1 on", parsePositive)
}

/** Variables that apply and cannot be followed, each with the way out. */
export const unsupportedVariables: readonly {
  readonly names: readonly string[]
  readonly instead: string
}[] = [
  {
    names: [...ofLogs("CERTIFICATE"), ...ofLogs("CLIENT_CERTIFICATE"), ...ofLogs("CLIENT_KEY")],
    instead:
      'fetch takes its certificates from the runtime: set NODE_EXTRA_CA_CERTS, give the option "fetch", or use delivery: "sdk"'
  }
]

/** A setting's value by its variables, or `undefined`. What is wrong with them goes to `tell`. */
export const readVariable = <Value>(
  { names, form, parse }: OtelVariable<Value>,
  env: Env,
  tell: (text: string) => void
): Value | undefined => {
  for (const name of names) {
    const text = env[name]?.trim() ?? ""
    const value = text === "" ? undefined : parse(text, name)
    if (value !== undefined) return value
    if (text !== "") tell(`the variable ${name} is ignored: it must be ${form}`)
  }
  return undefined
}

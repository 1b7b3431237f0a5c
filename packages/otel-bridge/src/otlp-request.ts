// Records as the bytes of one OTLP request, with its headers. OpenTelemetry's serializers encode, the runtime compresses,
// otlp-post.ts sends.
import { JsonLogsSerializer, ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer"
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs"
import type { OtlpProtocol, OtlpSettings } from "./otlp-settings.ts"
import { isPage } from "./page.ts"
import { scope } from "./version.ts"

/** The media type of each encoding. An answer has the same one. */
export const mediaTypes: Readonly<Record<OtlpProtocol, string>> = {
  "http/protobuf": "application/x-protobuf",
  "http/json": "application/json"
}

export interface OtlpRequest {
  readonly body: Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

/** Encodes, and compresses if the settings ask for it and the runtime can. */
export const makeRequest = async (
  records: readonly ReadableLogRecord[],
  settings: OtlpSettings
): Promise<OtlpRequest> => {
  const plain = makePlainRequest(records, settings)
  if (settings.compression !== "gzip" || !canCompress()) return plain
  return { body: await gzip(plain.body), headers: { ...plain.headers, "content-encoding": "gzip" } }
}

/** The same, synchronously and uncompressed. */
export const makePlainRequest = (
  records: readonly ReadableLogRecord[],
  { protocol, headers }: OtlpSettings
): OtlpRequest => {
  const serializer = protocol === "http/json" ? JsonLogsSerializer : ProtobufLogsSerializer
  return {
    body: new Uint8Array(serializer.serializeRequest([...records]) ?? []),
    headers: { ...agent, ...headers, "content-type": mediaTypes[protocol] }
  }
}

/** False on runtimes without `CompressionStream`. */
export const canCompress = (): boolean => "CompressionStream" in globalThis

const gzip = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

// OTLP asks for a user agent. In a page this header would cause a CORS preflight.
const agent: Readonly<Record<string, string>> = isPage
  ? {}
  : { "user-agent": `${scope.name.replace("@", "")}/${scope.version}` }

// Records as the bytes of one OTLP request, and what its headers say of them: the encodings are OpenTelemetry's own,
// packing is the runtime's. Sending is otlp-post.ts's business.
import { JsonLogsSerializer, ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer"
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs"
import type { OtlpProtocol, OtlpSettings } from "./otlp-settings.ts"
import { isPage } from "./page.ts"
import { scope } from "./version.ts"

/** Each encoding's media type. An answer has the same. */
export const mediaTypes: Readonly<Record<OtlpProtocol, string>> = {
  "http/protobuf": "application/x-protobuf",
  "http/json": "application/json"
}

export interface OtlpRequest {
  readonly body: Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

/** Encodes, and compresses where the runtime can and it is asked for. */
export const makeRequest = async (
  records: readonly ReadableLogRecord[],
  settings: OtlpSettings
): Promise<OtlpRequest> => {
  const plain = makePlainRequest(records, settings)
  if (settings.compression !== "gzip" || !canCompress()) return plain
  return { body: await gzip(plain.body), headers: { ...plain.headers, "content-encoding": "gzip" } }
}

/** The same at once: compressing takes time. */
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

// The specification wants one. In a page it would make the browser ask the collector's leave for it first.
const agent: Readonly<Record<string, string>> = isPage
  ? {}
  : { "user-agent": `${scope.name.replace("@", "")}/${scope.version}` }

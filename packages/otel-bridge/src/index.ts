// The entry of `@daybook/otel-bridge`: events to a collector, or into the host's own pipeline; the span that is active at a
// call.
export { type OtelBridgeOptions, otelBridge } from "./otel-bridge.ts"
export { type OtelExporterOptions, otelExporter } from "./otel-exporter.ts"
export type { Fetch } from "./otlp-post.ts"
export type {
  OtlpHeaders,
  OtlpOptions,
  OtlpProtocol,
  RecordLimits,
  ResourceAttributes
} from "./otlp-settings.ts"
export { otelTraceSource } from "./trace-source.ts"

// Delivery by OpenTelemetry's own OTLPLogExporter, for hosts that want its behaviour: JSON only, four retries of its own, any
// 2xx is a success. Loaded only when it is asked for, because on Node it brings an HTTP client.
import { ExportError } from "@daybook/core"
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http"
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Send } from "./log-records.ts"
import type { OtlpSettings } from "./otlp-settings.ts"

type Options = NonNullable<ConstructorParameters<typeof OTLPLogExporter>[0]>

/** Shut down with its scope. */
export const openSdkDelivery = (settings: OtlpSettings): Effect.Effect<Send, never, Scope.Scope> => {
  const { url, headers, timeoutMs: timeoutMillis, compression } = settings
  // `compression` is an enum of a package that we do not depend on.
  const options = { url, headers: { ...headers }, timeoutMillis, compression } as unknown as Options
  const exporter = Effect.acquireRelease(
    Effect.sync(() => new OTLPLogExporter(options)),
    (open) => Effect.ignore(Effect.tryPromise(() => open.shutdown()))
  )
  return Effect.map(exporter, (open) => (records) => send(open, records, settings))
}

const send = (
  exporter: OTLPLogExporter,
  records: readonly ReadableLogRecord[],
  { shownUrl }: OtlpSettings
): Effect.Effect<void, ExportError> =>
  Effect.callback((resume) => {
    exporter.export([...records], ({ code, error }) => {
      // 0 is the SDK's SUCCESS.
      if (code === 0) return resume(Effect.void)
      const status = error !== undefined && "code" in error ? ` (${String(error.code)})` : ""
      const reason = `Cannot export to "${shownUrl}": OpenTelemetry's exporter failed${status}`
      resume(Effect.fail(new ExportError({ reason, retryable: true, outcome: "unknown" })))
    })
  })

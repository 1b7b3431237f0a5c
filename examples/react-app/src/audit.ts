// The log of this page and its two destinations: the page's own memory, for the diagnostics panel and the download, and a
// collector. Components get the log from the provider, not from here.
import { createAuditLog, recentExporter } from "@daybook/core"
import { otelExporter } from "@daybook/otel-bridge"

import { collectorPath } from "./collector-path.ts"

/** On this page's own origin, because a collector may not allow other origins; the server forwards it. */
const collectorUrl = new URL(collectorPath, location.origin).href

export const recent = recentExporter()

export const audit = createAuditLog({
  app: "datatools",
  exporters: [recent, otelExporter({ url: collectorUrl })]
})

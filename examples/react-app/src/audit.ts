// The log of this page and where its lines go: to the page's own memory, for the diagnostics panel and the download, to a
// collector, and to day files of the server. Components get the log from the provider, not from here.
import { createAuditLog, recentExporter } from "@daybook/core"
import { otelExporter } from "@daybook/otel-bridge"
import { collectorPath } from "./collector-path.ts"
import { pageTrail } from "./page-trail.ts"

/** On this page's own origin, because a collector may not allow other origins; the server forwards it. */
const collectorUrl = new URL(collectorPath, location.origin).href

export const recent = recentExporter()

export const audit = createAuditLog({
  app: "datatools",
  exporters: [
    recent,
    otelExporter({ url: collectorUrl }),
    ...(pageTrail === undefined ? [] : [pageTrail.exporter])
  ]
})

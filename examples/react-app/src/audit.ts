// The one log of this page and the two places that it writes to: the page's own memory, for the diagnostics panel and the
// download, and a collector. Components get it from the provider, not from here.
import { createAuditLog, recentExporter } from "@daybook/core"
import { otelExporter } from "@daybook/otel-bridge"

import { collectorPath } from "./collector-path.ts"

/** In this page's own origin, because a collector need not let pages of other origins in; the server passes it on. */
const collectorUrl = new URL(collectorPath, location.origin).href

export const recent = recentExporter()

export const audit = createAuditLog({
  app: "datatools",
  exporters: [recent, otelExporter({ url: collectorUrl })]
})

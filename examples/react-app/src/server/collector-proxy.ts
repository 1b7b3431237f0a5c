// Forwards the app's path for events to a collector. A page may send to its own origin; a collector on another origin would have
// to allow it (CORS), and rotel does not. In production a gateway does the same in a line or two.
import type { ProxyOptions } from "vite"
import { collectorPath } from "../collector-path.ts"

/** `url` is the collector's address, without a path. */
export const collectorProxy = (url: string): Record<string, ProxyOptions> => ({
  [collectorPath]: {
    target: url,
    // Without a collector the answer is 503, and the log tries again later; vite alone would answer 500.
    configure: (proxy) => {
      proxy.on("error", (_error, _request, response) => {
        if ("writeHead" in response && !response.headersSent) response.writeHead(503).end()
      })
    }
  }
})

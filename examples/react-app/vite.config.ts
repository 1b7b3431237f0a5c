// How the app is built and served: from the packages' sources, so that they need no build, and with the collector behind the
// app's own origin.
import { findPackageJSON } from "node:module"
import { dirname, join } from "node:path"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"
import { collectorProxy } from "./src/server/collector-proxy.ts"

// The package exports its code and not its files.
const datasets = dirname(findPackageJSON("vega-datasets", import.meta.url) ?? "")
const proxy = collectorProxy("http://127.0.0.1:4318")

export default defineConfig({
  plugins: [react()],
  resolve: {
    // Setting conditions replaces the defaults, so those are listed again after ours.
    conditions: ["@daybook/source", "module", "browser", "development|production"],
    alias: { "vega-datasets/data": join(datasets, "data") }
  },
  // A sample stays a file of its own, however small: it is fetched on demand.
  // One script of more than half a megabyte before compression, twice that in development.
  build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 1_500 },
  server: { proxy },
  preview: { proxy }
})

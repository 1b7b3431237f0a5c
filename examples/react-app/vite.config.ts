// How the app is built and served: from the packages' sources, so that nothing has to be built before it, and with the
// collector behind the app's own origin.
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
  // A sample is a file of its own, however small: it is fetched when somebody asks for it.
  // One script: more than half of a megabyte before compression, and twice that for development.
  build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 1_500 },
  server: { proxy },
  preview: { proxy }
})

// The campaigns of deliveries: real processes that are killed, disks that fill up and lose power, and databases that die, with
// databases and a collector as far ends. They take minutes, so they are a run of their own and no part of the unit tests.

import { defineConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

// biome-ignore lint/style/noDefaultExport: this is how vitest reads a configuration.
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["faults/**/*.test.ts"],
    globalSetup: "../otel-bridge/faults/provide-collector.ts",
    fileParallelism: false,
    hookTimeout: 120_000
  }
})

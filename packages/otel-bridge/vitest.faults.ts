// The large runs of this package: a hundred thousand events through real collectors, which are killed on the way, and a
// real browser. They take their time, so they are a run of their own and no part of the unit tests.

import { defineConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

// biome-ignore lint/style/noDefaultExport: this is how vitest reads a configuration.
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["faults/**/*.test.ts"],
    globalSetup: "faults/provide-collector.ts",
    fileParallelism: false,
    testTimeout: 300_000
  }
})

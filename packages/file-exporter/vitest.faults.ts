// The fault campaign of the file exporter: real processes on disks that fail, hang and lose power. It needs root, a
// tracer, mounts and minutes, so it is a run of its own, one file after the other, and no part of the unit tests.

import { defineConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

// biome-ignore lint/style/noDefaultExport: this is how vitest reads a configuration.
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ["faults/**/*.test.ts"], fileParallelism: false, hookTimeout: 60_000 }
})

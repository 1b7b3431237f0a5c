// A server of pages that is killed for real, with a page in Chromium: it takes a minute, so it is a run of its own and no part of the
// package's tests.

import { defineConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

// biome-ignore lint/style/noDefaultExport: this is how vitest reads a configuration.
export default defineConfig({ ...shared, test: { ...shared.test, include: ["faults/**/*.test.ts"] } })

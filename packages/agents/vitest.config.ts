// The tests in faults/ need the file exporter, which the package itself does not know. They take seconds, so they run with the others.

import { defineConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ["test/**/*.test.ts", "faults/**/*.test.ts"] }
})

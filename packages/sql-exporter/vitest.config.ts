// Starts the real servers once for all test files of the package.

import { defineConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

export default defineConfig({
  ...shared,
  test: { ...shared.test, globalSetup: "test/provide-servers.ts" }
})

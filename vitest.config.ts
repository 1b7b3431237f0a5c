// The tests of the repository's own scripts. Each package has its own vitest.config.ts beside its tests.

import { defineConfig, mergeConfig } from "vitest/config"
import shared from "./vitest.shared.ts"

export default mergeConfig(shared, defineConfig({ test: { include: ["scripts/test/**/*.test.ts"] } }))

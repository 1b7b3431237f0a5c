// Each test starts the program, some of them six times: a busy machine needs longer for that than for anything else.

import { defineConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

export default defineConfig({ ...shared, test: { ...shared.test, testTimeout: 60_000 } })

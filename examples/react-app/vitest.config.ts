// A browser, a collector and a server for each test: on a busy machine that takes its time, one file after the other.
import { defineConfig, mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

export default mergeConfig(
  shared,
  defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false } })
)

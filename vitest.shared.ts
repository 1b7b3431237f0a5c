// What every vitest run of the repository shares: tests run against TypeScript source, in forked processes, and end
// with a plain total line. A package's own vitest.config.ts only says what differs there.

import { defineConfig } from "vitest/config"
import { PlainTotal } from "./vitest.reporter.ts"

/** Setting conditions replaces vite's defaults, so those are listed again after ours. */
const sourceConditions = (host: "browser" | "node") => [
  "@daybook/source",
  "module",
  host,
  "development|production"
]

export default defineConfig({
  resolve: { conditions: sourceConditions("browser") },
  ssr: { resolve: { conditions: sourceConditions("node") } },
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
    pool: "forks",
    isolate: true,
    testTimeout: 20_000,
    reporters: ["default", new PlainTotal()]
  }
})

// Builds the official collector before the first test, unless it is built already: the build takes minutes, which belong to no
// test's time limit. All tests learn once whether there is one.
import type { TestProject } from "vitest/node"
import { type OfficialCollector, officialCollector } from "../../../scripts/official-collector.ts"

declare module "vitest" {
  interface ProvidedContext {
    readonly officialCollector: OfficialCollector
  }
}

export const setup = async (project: TestProject): Promise<void> => {
  const found = await officialCollector()
  if ("missing" in found) console.log(`official collector: its tests are skipped: ${found.missing}`)
  project.provide("officialCollector", found)
}

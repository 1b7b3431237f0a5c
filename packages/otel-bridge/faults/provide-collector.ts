// Builds the official collector before the first test, where that was not done before: it may take minutes, which are no
// test's own. Whether there is one is told to all tests once.
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

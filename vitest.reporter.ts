// Ends a vitest run with the plain total line, whatever the terminal can do. Vitest's own reporter
// describes the run; this one only counts, and a file or hook that broke outside a test counts as one failure.

import type { Reporter, TestModule } from "vitest/node"
import { addTotals, noTests, type Total, totalLine } from "./scripts/total.ts"

function moduleTotal(module: TestModule): Total {
  const states = [...module.children.allTests()].map((test) => test.result().state)
  const passed = states.filter((state) => state === "passed").length
  const failed = states.filter((state) => state === "failed").length
  const brokeOutsideTests = module.state() === "failed" && failed === 0
  return { passed, failed: brokeOutsideTests ? 1 : failed, skipped: states.length - passed - failed }
}

export class PlainTotal implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const unhandled = { ...noTests, failed: unhandledErrors.length }
    console.log(totalLine(modules.map(moduleTotal).reduce(addTotals, unhandled)))
  }
}

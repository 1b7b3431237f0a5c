// Writes docs/reference/otel-mapping.md: what of a line stands where in an OpenTelemetry log record, and which variables
// apply. Everything comes from the tables that packages/otel-bridge works by; how the page looks is in
// scripts/otel-mapping/.
// Usage: tsx scripts/otel-mapping.ts [--check]   (--check writes nothing, and fails when the page is out of date)

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { headAttributes } from "../packages/otel-bridge/src/otel-mapping.ts"
import { otelMappingPage } from "./otel-mapping/page.ts"
import { outOfDate } from "./requirements/problems.ts"

const pagePath = "docs/reference/otel-mapping.md"
const pageFile = join(import.meta.dirname, "..", pagePath)

function main(isCheck: boolean): void {
  const page = otelMappingPage()
  const onDisk = existsSync(pageFile) ? readFileSync(pageFile, "utf8") : undefined
  const problems = isCheck ? outOfDate(pagePath, onDisk, page) : []
  for (const problem of problems) console.log(problem)
  if (!isCheck) {
    mkdirSync(dirname(pageFile), { recursive: true })
    writeFileSync(pageFile, page)
  }
  console.log(`otel mapping: ${headAttributes.length} attributes of the log, ${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

main(process.argv.includes("--check"))

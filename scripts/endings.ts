// Writes docs/internals/endings.md: how a process can end, and what is promised then on each runtime. The promises are
// conformance/endings.mjs, which a conformance test asserts; how the page looks is in scripts/endings/.
// Usage: tsx scripts/endings.ts [--check]   (--check writes nothing, and fails when the page is out of date)

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { endings, untestedEndings } from "../conformance/endings.mjs"
import { endingsPage } from "./endings/page.ts"
import { outOfDate } from "./requirements/problems.ts"

const pagePath = "docs/internals/endings.md"
const pageFile = join(import.meta.dirname, "..", pagePath)

function main(isCheck: boolean): void {
  const page = endingsPage(endings, untestedEndings)
  const onDisk = existsSync(pageFile) ? readFileSync(pageFile, "utf8") : undefined
  const problems = isCheck ? outOfDate(pagePath, onDisk, page) : []
  for (const problem of problems) console.log(problem)
  if (!isCheck) writeFileSync(pageFile, page)
  console.log(`endings: ${endings.length} endings, ${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

main(process.argv.includes("--check"))

// Writes docs/internals/exactly-once.md: by what React or a browser shows one opening or one error several times, and what
// is recorded then. The rows are packages/react-hooks/test/exactly-once/rows.ts, which two tests assert; how the page looks
// is in scripts/exactly-once/.
// Usage: tsx scripts/exactly-once.ts [--check]   (--check writes nothing, and fails when the page is out of date)

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rows } from "../packages/react-hooks/test/exactly-once/rows.ts"
import { exactlyOncePage } from "./exactly-once/page.ts"
import { outOfDate } from "./requirements/problems.ts"

const pagePath = "docs/internals/exactly-once.md"
const pageFile = join(import.meta.dirname, "..", pagePath)

function main(isCheck: boolean): void {
  const page = exactlyOncePage(rows)
  const onDisk = existsSync(pageFile) ? readFileSync(pageFile, "utf8") : undefined
  const problems = isCheck ? outOfDate(pagePath, onDisk, page) : []
  for (const problem of problems) console.log(problem)
  if (!isCheck) writeFileSync(pageFile, page)
  console.log(`exactly once: ${rows.length} rows, ${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

main(process.argv.includes("--check"))

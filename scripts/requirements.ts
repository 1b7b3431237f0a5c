// Writes docs/internals/requirements.md: every requirement in a sentence, and the tests whose names carry its id. What
// the rows say, how names are read and how the page looks is in scripts/requirements/; here are only the files.
// Usage: tsx scripts/requirements.ts [--check]   (--check writes nothing, and fails when the page is out of date)

import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { join, sep } from "node:path"
import { requirementsPage, shownRows } from "./requirements/page.ts"
import { outOfDate, unknownIds } from "./requirements/problems.ts"
import { rowGroups } from "./requirements/rows.ts"
import { type NamedTest, namedTests, testFiles } from "./requirements/test-names.ts"

const root = join(import.meta.dirname, "..")
const pagePath = "docs/internals/requirements.md"
const pageFile = join(root, pagePath)

function readTests(): readonly NamedTest[] {
  return globSync([...testFiles], { cwd: root })
    .map((path) => path.split(sep).join("/"))
    .sort()
    .flatMap((path) => namedTests({ path, text: readFileSync(join(root, path), "utf8") }))
}

function main(isCheck: boolean): void {
  const tests = readTests()
  const page = requirementsPage(rowGroups, tests)
  const onDisk = existsSync(pageFile) ? readFileSync(pageFile, "utf8") : undefined
  const unknown = unknownIds(rowGroups, tests)
  const problems = isCheck && unknown.length === 0 ? outOfDate(pagePath, onDisk, page) : unknown

  for (const problem of problems) console.log(problem)
  if (problems.length === 0 && !isCheck) writeFileSync(pageFile, page)
  const { rows, shown } = shownRows(rowGroups, tests)
  console.log(`requirements: ${rows} rows, ${shown} shown, ${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

main(process.argv.includes("--check"))

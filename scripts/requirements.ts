// Checks that docs/internals/requirements.md and the tests agree: every id that a test file names has a row there, and
// every row lists the files that name its id. The sentences of the rows are written by hand.
// Usage: tsx scripts/requirements.ts [--write]   (--write puts the right lists of files into the page)

import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join, sep } from "node:path"
import { checkPage } from "./requirements/shown-by.ts"
import type { SourceFile } from "./tidy/source-file.ts"

const root = join(import.meta.dirname, "..")
const pagePath = "docs/internals/requirements.md"

const testFiles = [
  "packages/*/test/**/*.test.{ts,tsx}",
  "packages/*/faults/**/*.test.ts",
  "packages/*/src/testing/*cases.ts",
  "examples/*/test/**/*.test.{ts,tsx}",
  "conformance/*.mjs",
  "scripts/test/*-guide*.test.ts"
]

const read = (path: string): SourceFile => ({ path, text: readFileSync(join(root, path), "utf8") })

function main(write: boolean): void {
  const page = read(pagePath)
  const tests = globSync(testFiles, { cwd: root }).map((path) => read(path.split(sep).join("/")))
  if (write) {
    const right = checkPage(page, tests).page
    if (right !== page.text) writeFileSync(join(root, pagePath), right)
  }
  const { rows, shown, problems } = checkPage(write ? read(pagePath) : page, tests)
  for (const problem of problems) console.log(problem)
  console.log(`requirements: ${rows} rows, ${shown} shown, ${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

main(process.argv.includes("--write"))

// House style as a program: reads every file that git tracks or would track, and says of each problem where it is,
// what is wrong and what to do instead. The rules are in scripts/tidy/.

import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { problemsOf } from "./tidy/rules.ts"
import type { SourceFile } from "./tidy/source-file.ts"

const root = join(import.meta.dirname, "..")

function readTree(): readonly SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8"
  })
  const paths = [...new Set(listed.split("\0"))].filter((path) => path !== "" && existsSync(join(root, path)))
  const isBinary = ({ text }: SourceFile) => text.includes("\0")
  return paths
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))
    .filter((file) => !isBinary(file))
}

const files = readTree()
const problems = problemsOf(files)
for (const { path, line, rule, message } of problems) console.log(`${path}:${line} ${rule}: ${message}`)
console.log(`tidy: ${files.length} files, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

// House style as a program: reads every file that git tracks or would track, and says of each problem where it is,
// what is wrong and what to do instead. The rules are in scripts/tidy/, one file a group; what a linter can see by
// itself is configured in biome.json and .oxlintrc.json and not checked again here.

import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { floors } from "./tidy/floors.ts"
import { machineTraces } from "./tidy/machine-traces.ts"
import { openings } from "./tidy/openings.ts"
import type { Rule, SourceFile } from "./tidy/source-file.ts"
import { declaredNames, fileNames } from "./tidy/words.ts"

const rules: readonly Rule[] = [floors, openings, fileNames, declaredNames, machineTraces]

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
const problems = files.flatMap((file) => rules.flatMap((rule) => rule(file)))
for (const { path, line, rule, message } of problems) console.log(`${path}:${line} ${rule}: ${message}`)
console.log(`tidy: ${files.length} files, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

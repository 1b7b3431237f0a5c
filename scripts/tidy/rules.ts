// All rules of tidy. A rule of one file sees that file alone; a rule of the tree sees all files.
// What a linter can check is set in biome.json and .oxlintrc.json instead.

import { circles } from "./circles.ts"
import { floors } from "./floors.ts"
import { machineTraces } from "./machine-traces.ts"
import { namedFiles } from "./named-files.ts"
import { openings } from "./openings.ts"
import type { Problem, Rule, SourceFile, TreeRule } from "./source-file.ts"
import { declaredNames, fileNames, plainWords } from "./words.ts"

const rules: readonly Rule[] = [floors, openings, fileNames, declaredNames, plainWords, machineTraces]
const treeRules: readonly TreeRule[] = [circles, namedFiles]

export function problemsOf(files: readonly SourceFile[]): readonly Problem[] {
  return [
    ...files.flatMap((file) => rules.flatMap((rule) => rule(file))),
    ...treeRules.flatMap((rule) => rule(files))
  ]
}

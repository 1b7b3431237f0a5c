// The built packages that a run measures: when they were built last. A run during which somebody builds them again has
// measured two things, and stands for neither. Building them is not done here.

import { globSync, statSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")

/** The newest time of change of any built module, in ms; 0 when nothing is built. */
export const builtAtMs = (): number =>
  Math.max(
    0,
    ...globSync("packages/*/dist/**/*.js", { cwd: root }).map((path) => statSync(join(root, path)).mtimeMs)
  )

// When the built packages changed last. A run during which the packages are built again has measured two versions, and its
// results count for neither.

import { globSync, statSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")

/** The newest time of change of any built module, in ms; 0 when nothing is built. */
export const builtAtMs = (): number =>
  Math.max(
    0,
    ...globSync("packages/*/dist/**/*.js", { cwd: root }).map((path) => statSync(join(root, path)).mtimeMs)
  )

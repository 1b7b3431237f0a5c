// What can be wrong between rows, tests and page, each problem told in one line: where, what, and what to do instead.
// None of it reads a file.

import type { RowGroup } from "./row-group.ts"
import type { NamedTest } from "./test-names.ts"

/** The ids that names of tests carry and no row has. */
export function unknownIds(groups: readonly RowGroup[], tests: readonly NamedTest[]): readonly string[] {
  const known = new Set(groups.flatMap(({ rows }) => rows.map(({ id }) => id)))
  return tests.flatMap(({ path, name, ids }) =>
    ids
      .filter((id) => !known.has(id))
      .map(
        (id) =>
          `${path}: the test "${name}" names ${id}, which is no requirement. Correct the id, or add its row in scripts/requirements/.`
      )
  )
}

/** Whether the page on disk, undefined when there is none, is another one than it should be. */
export function outOfDate(path: string, onDisk: string | undefined, page: string): readonly string[] {
  if (onDisk === page) return []
  const what = onDisk === undefined ? "is missing" : "is out of date"
  return [`${path} ${what}. Run \`npm run docs\` and commit what it writes.`]
}

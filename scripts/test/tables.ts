// Tables of pages, for tests that hold a page against data.
import { expect } from "vitest"

/** The rows of the table with that head, as lists of cells. */
export const tableOf = (page: string, ...head: readonly string[]): readonly (readonly string[])[] => {
  const at = page.indexOf(`| ${head.join(" | ")} |\n`)
  expect(at, head.join()).toBeGreaterThan(-1)
  const [, , ...after] = page.slice(at).split("\n")
  const lines = after.slice(
    0,
    after.findIndex((line) => !line.startsWith("|"))
  )
  const cells = lines.map((line) => line.slice(2, -2).split(" | "))
  expect(cells.length, head.join()).toBeGreaterThan(0)
  for (const row of cells) expect(row, row.join(" | ")).toHaveLength(head.length)
  return cells
}

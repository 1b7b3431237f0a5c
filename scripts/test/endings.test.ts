// The page of endings: a row for each promise with the runtimes that share it, and below the table what no test shows.

import { describe, expect, it } from "vitest"
import { endings, untestedEndings } from "../../conformance/endings.mjs"
import { type Ending, endingsPage } from "../endings/page.ts"
import { idsIn } from "../requirements/test-names.ts"

const kept = { kept: "all", endsWith: 7, tells: false, records: false } as const
const lost = { kept: "flushed", endsWith: "SIGKILL", tells: true, records: false } as const

const planted = (on: Ending["on"]): Ending => ({ name: "F1 a", run: "a", how: "`a()`", on, times: 1 })

/** The rows of the table, as lists of cells. */
const rowsOf = (page: string): readonly (readonly string[])[] =>
  page
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2)
    .map((line) => line.slice(2, -2).split(" | "))

describe("the page of endings", () => {
  it("gives runtimes with one promise one row", () => {
    const page = endingsPage([planted({ node: kept, deno: lost, bun: { ...kept } })], [])
    expect(rowsOf(page)).toEqual([
      ["`a()`", "Node, Bun", "every event", "exit code 7", "nothing", "`F1 a`"],
      ["`a()`", "Deno", "what `flush` answered for", "SIGKILL", "how many events are missing", "`F1 a`"]
    ])
  })

  it("promises nothing where nothing is tested, and says why", () => {
    const page = endingsPage(
      [planted({ node: kept, deno: kept, bun: { untested: "it has none" } })],
      [{ how: "a power cut", why: "no test can" }]
    )
    expect(rowsOf(page).map(([, on]) => on)).toEqual(["Node, Deno"])
    expect(page).toContain("\n- a power cut: no test can.\n- `a()`, on Bun: it has none.\n")
  })

  it("has six cells in each row, and a test with ids in each", () => {
    const rows = rowsOf(endingsPage(endings, untestedEndings))
    expect(rows.length).toBeGreaterThanOrEqual(endings.length)
    for (const cells of rows) {
      expect(cells, cells.join()).toHaveLength(6)
      expect(idsIn(cells.at(-1) ?? ""), cells.join()).not.toEqual([])
    }
  })
})

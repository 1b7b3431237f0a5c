import { describe, expect, it } from "vitest"
import { judge } from "../src/gates.ts"
import { gateTable } from "../src/report/gate-table.ts"
import { sections } from "../src/report/sections.ts"
import { Results } from "../src/results.ts"

const measured = (): Results => {
  const results = new Results()
  for (const [round, [ours, theirs]] of (
    [
      [100, 1_000],
      [300, 1_000],
      [110, 1_000]
    ] as const
  ).entries()) {
    results.add("producer small", "daybook", round, { nsPerCall: ours })
    results.add("producer small", "pino-async", round, { nsPerCall: theirs })
  }
  return results
}

describe("judge", () => {
  it("takes the median of the ratios, not the worst round", () => {
    const [row] = judge(measured(), ["producer"])
    expect(row).toMatchObject({ spread: { median: 0.11, min: 0.1, max: 0.3, rounds: 3 }, verdict: "met" })
  })

  it("says so where nothing was measured, and where there is nothing yet to measure", () => {
    const verdicts = judge(measured(), ["producer", "bundle"]).map(({ verdict }) => verdict)
    expect(verdicts).toEqual([
      "met",
      ...Array.from({ length: 5 }, () => "not measured"),
      ...Array.from({ length: 3 }, () => "not built yet")
    ])
  })

  it("does not meet a bound that the median misses", () => {
    const results = new Results()
    results.add("day", "daybook", 0, { recentMs: 20.1 })
    expect(judge(results, ["day"])).toMatchObject([{ verdict: "NOT MET" }])
  })

  it("meets a bound that the median touches", () => {
    const results = new Results()
    results.add("day", "daybook", 0, { recentMs: 20 })
    expect(judge(results, ["day"])).toMatchObject([{ verdict: "met" }])
  })
})

describe("Results", () => {
  it("come back from the file as they were, rounds that failed included", () => {
    const results = new Results()
    results.add("producer small", "daybook", 1, { nsPerCall: 1 })
    const again = Results.fromPlain(JSON.parse(JSON.stringify(results.toPlain())))
    expect(again.values("producer small", "daybook", "nsPerCall")).toEqual([undefined, 1])
  })
})

describe("the tables", () => {
  it("show a gate with its target, what was measured, the rounds and the verdict", () => {
    const [, , row] = gateTable(judge(measured(), ["producer"])).split("\n")
    expect(row).toMatch(/producer ns\/call, small \/ A +≤ ×0\.200 +×0\.110 +0\.100–0\.300 +3 +met/)
  })

  it("show libraries beside each other, with their ratio to A", () => {
    const [section] = sections(measured(), true)
    expect(section?.text).toMatch(/Daybook +110 +×0\.110/)
    expect(section?.text).toMatch(/pino async \(A\) +1,000 +×1\.00/)
  })

  it("scale the figure of a cell that ran at another hour by what A took there", () => {
    const results = measured()
    for (const [library, nsPerCall] of [
      ["logtape", 5_000],
      ["pino-async", 2_500]
    ] as const)
      results.add("producer peers", library, 0, { nsPerCall })
    const [section] = sections(results, true)
    expect(section?.text).toMatch(/LogTape stream +2,000 +×2\.00/)
  })
})

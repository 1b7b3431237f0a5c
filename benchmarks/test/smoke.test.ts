// The whole benchmark, tiny: every measure, every library, every table. Times are not checked; events are counted, and a
// library that loses events, or a measure that breaks, fails here.

import { beforeAll, describe, expect, it } from "vitest"
import { measureNames, type Report, report, runBench } from "../src/bench.ts"
import { gates } from "../src/gates.ts"
import { libraryNames } from "../src/libraries/catalogue.ts"
import { readOptions } from "../src/options.ts"
import { smallEventsChart } from "../src/report/charts.ts"
import { renderSvg } from "../src/report/render-svg.ts"
import { Results } from "../src/results.ts"

/** About 60 processes, two at a time. */
const smokeMs = 240_000

/** What a smoke run leaves out of the shapes, what is not built yet, and what needs a server that may not be there. */
const isLeftOut = (label: string): boolean =>
  label.includes(", tool /") || label.startsWith("browser: ") || label.includes(" into PostgreSQL")

describe("npm run bench -- --smoke", () => {
  let results = new Results()
  let told: Report = { rows: [], sections: [], text: "" }

  beforeAll(async () => {
    const options = readOptions(["--smoke"], measureNames)
    results = await runBench(options, () => undefined)
    told = report(results, options)
  }, smokeMs)

  it("breaks nowhere, and loses nothing that must not be lost", () => {
    expect(results.failures).toEqual([])
  })

  it("has a row for every gate, each measured unless it is left out or not built", () => {
    const { rows } = told
    expect(rows.map(({ label }) => label)).toEqual(gates.map(({ label }) => label))
    const missing = rows.filter(({ verdict }) => verdict === "not measured").map(({ label }) => label)
    expect(missing.filter((label) => !isLeftOut(label))).toEqual([])
  })

  it("touches every library", () => {
    const touched = new Set(results.cellNames().flatMap((cell) => results.libraries(cell)))
    expect([...libraryNames].filter((name) => !touched.has(name))).toEqual([])
  })

  it("says in every table what it has to say", () => {
    expect(told.sections.map(({ title }) => title)).toEqual([
      "Small events",
      "Other shapes",
      "Durable events, by number of waiters",
      "The longest call, by what it was given as",
      "A tool call, CPU",
      "Overload: 50,000 events/s into 2 MB/s, without waiting",
      "Exit: how many of the last 1,000 events are there",
      "A large day",
      "The command line",
      "A delivery into a database, beside a bare loop",
      "From a commit to its row",
      "A delivery at rest, of many users' files",
      "Import",
      "The first event of a process",
      "In a browser",
      "How Daybook's cost grows"
    ])
    expect(told.text).toContain("A smoke run")
  })

  it("delivers into PostgreSQL, or says that it is not there", () => {
    const isMeasured = results.numbers("delivery postgres", "daybook", "cpuRatio").length === 1
    expect(isMeasured).not.toBe(told.text.includes("PostgreSQL was skipped"))
  })

  it("keeps every event of Daybook's however the process ends", () => {
    const exits = told.rows.filter(({ measure }) => measure === "exit")
    expect(exits.map(({ verdict }) => verdict)).toEqual(exits.map(() => "met"))
  })

  it("accounts for every event under overload", () => {
    expect(results.numbers("overload small", "daybook", "unaccounted")).toEqual([0])
  })

  it("draws charts", () => {
    const { option, width, height } = smallEventsChart(results)
    expect(renderSvg(option, width, height)).toMatch(/^<svg [\s\S]*Daybook[\s\S]*<\/svg>\n$/)
  })
})

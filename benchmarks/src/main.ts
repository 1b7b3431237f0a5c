// `npm run bench`: runs the measures, prints the targets and the tables, and leaves the numbers in results/ and the charts beside
// the page that shows them. Everything runs from the built packages, as users run them.

import { measureNames, report, runBench } from "./bench.ts"
import { builtAtMs } from "./built-packages.ts"
import { readOptions } from "./options.ts"
import { writeCharts } from "./report/charts.ts"
import { loadResults, saveResults } from "./report/results-file.ts"

const options = readOptions(process.argv.slice(2), measureNames)
const { isReportOnly, scale, runtime, only, libraries } = options

/** In a terminal, one line that changes in place; nothing where the output goes to a file. */
const onProgress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

const builtMs = builtAtMs()
const results = isReportOnly ? loadResults() : await runBench(options, onProgress)
onProgress("")
const { rows, text } = report(results, options)
console.log(text)

const isSameBuild = builtAtMs() === builtMs
if (!isSameBuild)
  console.log(
    "\nThe packages were built again during this run: its figures are of both builds, and of neither."
  )

// A part of a run must not stand for the whole.
const isAll = scale !== "smoke" && only === undefined && libraries === undefined && runtime === "node"
const isWhole = isAll && isSameBuild
if (!isReportOnly) console.log(`\nNumbers: ${saveResults(results, rows, options, isWhole)}`)
if (isWhole) for (const file of writeCharts(results)) console.log(`Chart: ${file}`)
process.exitCode = results.failures.length === 0 && isSameBuild ? 0 : 1

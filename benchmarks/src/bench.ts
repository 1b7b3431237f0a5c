// One whole run: the measures that were asked for, and the report on their results. Prints nothing and writes nothing, so that
// a test can run it as the command line does.

import { type GateRow, judge } from "./gates.ts"
import type { Context } from "./measure.ts"
import { measures } from "./measures/catalogue.ts"
import type { Options } from "./options.ts"
import { gateTable } from "./report/gate-table.ts"
import { type Section, sections } from "./report/sections.ts"
import type { Results } from "./results.ts"
import { runRounds } from "./rounds.ts"

export const measureNames: readonly string[] = measures.map(({ name }) => name)

/** On Deno and Bun only Daybook's own cost is measured, beside JSON.stringify's. */
const elsewhere = { measures: ["producer", "throughput", "seals", "linearity", "day", "import"] }
const librariesElsewhere = ["daybook", "daybook-untyped", "daybook-unsealed", "stringify"] as const

export interface Report {
  /** Empty on Deno and Bun, which have no gates. */
  readonly rows: readonly GateRow[]
  readonly sections: readonly Section[]
  readonly text: string
}

export const runBench = (options: Options, onProgress: (text: string) => void): Promise<Results> => {
  const { scale, runtime, only, rounds } = options
  const context: Context = { scale, runtime }
  const isNode = runtime === "node"
  const chosen = measures.filter(
    ({ name }) => (only === undefined || only.includes(name)) && (isNode || elsewhere.measures.includes(name))
  )
  return runRounds(
    chosen.flatMap((measure) => measure.cells(context)),
    context,
    {
      rounds,
      libraries: options.libraries ?? (isNode ? undefined : librariesElsewhere),
      atOnce: scale === "smoke" ? 2 : 1,
      onProgress
    }
  )
}

/** The report on a run, as text and as rows. */
export const report = (results: Results, { scale, runtime, only }: Options): Report => {
  const isNode = runtime === "node"
  const rows = isNode ? judge(results, only ?? measureNames) : []
  const parts = sections(results, isNode)
  const text = [
    ...(rows.length === 0 ? [] : [gateTable(rows), verdictLine(rows)]),
    ...(scale === "smoke"
      ? ["A smoke run: it shows that everything works, and its figures mean nothing."]
      : []),
    ...parts.map((part) => `\n${part.title}\n\n${part.text}`),
    ...failureLines(results)
  ]
  return { rows, sections: parts, text: text.join("\n") }
}

const verdictLine = (rows: readonly GateRow[]): string => {
  const verdicts = ["met", "NOT MET", "not measured", "not built yet"] as const
  const counted = verdicts.map(
    (verdict) => [rows.filter((row) => row.verdict === verdict).length, verdict] as const
  )
  const parts = counted.filter(([count]) => count > 0).map(([count, verdict]) => `${count} ${verdict}`)
  return `\n${parts.join(", ")}. A: pino with an asynchronous destination; W: pino with its worker.`
}

const failureLines = ({ failures }: Results): readonly string[] =>
  failures.length === 0
    ? []
    : ["\nBroken:", ...failures.map(({ cell, library, message }) => `${cell}, ${library}: ${message}`)]

// The options of the command line: which measures, which libraries, how many rounds, how much, on which runtime. Unknown names
// are errors that list the known ones.

import { parseArgs } from "node:util"
import { isLibraryName, type LibraryName, libraryNames } from "./libraries/catalogue.ts"
import type { Scale } from "./measure.ts"
import { type Runtime, runtimes } from "./run-child.ts"

export interface Options {
  readonly scale: Scale
  readonly rounds: number
  /** All, when absent. */
  readonly only: readonly string[] | undefined
  readonly libraries: readonly LibraryName[] | undefined
  readonly runtime: Runtime
  /** Measures nothing, and reports the last whole run again. */
  readonly isReportOnly: boolean
}

const usage =
  "npm run bench -- [--smoke | --full | --report] [--rounds N] [--only measure,...] [--libraries name,...] [--runtime node|deno|bun]"

/** Measures that a run of another measure includes. */
const aliases: Readonly<Record<string, string>> = {
  cpu: "throughput",
  memory: "throughput",
  "end-to-end": "throughput"
}

/** @throws Error that lists the known names. */
export const readOptions = (args: readonly string[], measures: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      smoke: { type: "boolean" },
      full: { type: "boolean" },
      report: { type: "boolean" },
      rounds: { type: "string" },
      only: { type: "string" },
      libraries: { type: "string" },
      runtime: { type: "string" }
    }
  })
  const { smoke = false, full = false, report = false, rounds, only, libraries, runtime = "node" } = values
  const count = rounds === undefined ? (smoke ? 1 : 5) : Number(rounds)
  if (!Number.isInteger(count) || count < 1) throw new Error(`--rounds must be 1 or more\n${usage}`)
  const isRuntime = (name: string): name is Runtime => runtimes.some((known) => known === name)
  if (!isRuntime(runtime)) throw new Error(`--runtime must be one of ${runtimes.join(", ")}\n${usage}`)
  return {
    scale: smoke ? "smoke" : full ? "full" : "normal",
    rounds: count,
    only:
      only === undefined
        ? undefined
        : [...new Set(listed(only).map((name) => known(aliases[name] ?? name, measures)))],
    libraries: libraries === undefined ? undefined : listed(libraries).map(toLibrary),
    runtime,
    isReportOnly: report
  }
}

const listed = (text: string): readonly string[] => text.split(",").filter((name) => name !== "")

const known = (name: string, names: readonly string[]): string => {
  if (names.includes(name)) return name
  throw new Error(`no measure ${JSON.stringify(name)}; there are ${names.join(", ")}\n${usage}`)
}

const toLibrary = (name: string): LibraryName => {
  if (isLibraryName(name)) return name
  throw new Error(`no library ${JSON.stringify(name)}; there are ${libraryNames.join(", ")}\n${usage}`)
}

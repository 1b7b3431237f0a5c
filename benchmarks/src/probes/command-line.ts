// The command line as people start it: how long a start takes beside Node's own, and how long the errors of a large day take
// beside grep, with the memory that it needs. Each start is a process of its own, and the two sides take turns.

import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import type { Job, Sample } from "../job.ts"
import { median } from "../statistics.ts"

const program = join(import.meta.dirname, "../../../packages/cli/dist/daybook.js")
const starts = 9
const searches = 3

/** Wall-clock time in ms. Output goes nowhere: a terminal or a pipe would be measured, too. */
const timeOf = (command: string, args: readonly string[]): number => {
  const startMs = performance.now()
  const { status, stderr } = spawnSync(command, args, {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8"
  })
  // grep ends with 1 when it finds nothing.
  if (status !== 0 && !(command === "grep" && status === 1))
    throw new Error(`${command} ended with ${status}: ${stderr}`)
  return performance.now() - startMs
}

const inTurns = (count: number, one: () => number, other: () => number): readonly [number, number] => {
  const times: [number[], number[]] = [[], []]
  for (let turn = 0; turn < count; turn++) {
    times[0].push(one())
    times[1].push(other())
  }
  return [median(times[0]), median(times[1])]
}

/** Writes the peak to stderr when the process ends. */
const tellsPeak = `process.on("exit", () => process.stderr.write(String(process.resourceUsage().maxRSS)))`

export const commandLine = async ({ dir }: Job): Promise<Sample> => {
  const { execPath } = process
  const [nodeMs, helpMs] = inTurns(
    starts,
    () => timeOf(execPath, ["--eval", "0"]),
    () => timeOf(execPath, [program, "--help"])
  )
  const files = readdirSync(dir)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => join(dir, name))
  const query = [program, "query", "--json", "--level", "error", dir]
  const [grepMs, queryMs] = inTurns(
    searches,
    () => timeOf("grep", ['"level":"error"', ...files]),
    () => timeOf(execPath, query)
  )
  const { stderr } = spawnSync(
    execPath,
    [`--import=data:text/javascript,${encodeURIComponent(tellsPeak)}`, ...query],
    {
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8"
    }
  )
  return {
    nodeMs,
    helpMs,
    startRatio: helpMs / nodeMs,
    grepMs,
    queryMs,
    queryRatio: queryMs / grepMs,
    queryPeakBytes: Number(stderr) * 1_024
  }
}

// The file of results: every sample of every round, the verdicts, and the machine. A whole run replaces latest.json; any other run
// writes part.json, which git ignores.

import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { cpus, release, totalmem, type } from "node:os"
import { dirname, join, relative } from "node:path"
import type { GateRow } from "../gates.ts"
import type { Options } from "../options.ts"
import { type PlainResults, Results } from "../results.ts"

const root = join(import.meta.dirname, "../..")
const latestFile = join(root, "results/latest.json")
const partFile = join(root, "results/part.json")

interface ResultsFile {
  readonly results: PlainResults
}

const git = (...args: readonly string[]): string => {
  try {
    return execFileSync("git", args, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    }).trim()
  } catch {
    return ""
  }
}

const machine = () => {
  const [cpu] = cpus()
  return {
    cpu: cpu?.model ?? "?",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`
  }
}

const versions = () => {
  const text = readFileSync(join(root, "package.json"), "utf8")
  const { dependencies } = JSON.parse(text) as { readonly dependencies: Readonly<Record<string, string>> }
  return { node: process.versions.node, ...dependencies }
}

/** Writes it and returns its path. */
export const saveResults = (
  results: Results,
  gates: readonly GateRow[],
  { scale, rounds, runtime }: Options,
  isWhole: boolean
): string => {
  const file = isWhole ? latestFile : partFile
  const data = {
    at: new Date().toISOString(),
    scale,
    rounds,
    runtime,
    commit: git("rev-parse", "HEAD"),
    hasLocalChanges: git("status", "--porcelain") !== "",
    machine: machine(),
    versions: versions(),
    gates,
    failures: results.failures,
    results: results.toPlain()
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(data, null, 1)}\n`)
  return relative(process.cwd(), file)
}

/** The results of the last whole run. @throws Error when there is none. */
export const loadResults = (): Results =>
  Results.fromPlain((JSON.parse(readFileSync(latestFile, "utf8")) as ResultsFile).results)

// Runs the program as a person would, in a process of its own, and reads its output and its files. Each run has its own home and
// environment, so nothing of the machine's leaks in and nothing is written outside of the given directory.

import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** For a hook that runs the program; a busy machine starts it slowly. */
export const hookTimeoutMs = 30_000

export type Line = Readonly<Record<string, unknown>>

const root = join(import.meta.dirname, "..")
const program = ["--conditions=@daybook/source", "--import", "tsx", join(root, "src/main.ts")]

export const runProgram = (
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {}
): Promise<Ended> =>
  new Promise((resolve) => {
    const { PATH = "" } = process.env
    const options = { cwd: root, env: { PATH, HOME: home, TMPDIR: home, ...env } }
    execFile(process.execPath, [...program, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1
      resolve({ code, stdout, stderr })
    })
  })

/** A directory that is gone after the test. */
export const tempDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "data-tools-test-"))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

export const write = (dir: string, name: string, content: string | Uint8Array): string => {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}

/** The day files of a directory: one, or two when a run saw midnight. */
export const dayFiles = (dir: string): readonly string[] =>
  (existsSync(dir) ? readdirSync(dir) : [])
    .filter((name) => /^datatools-\d{4}-\d{2}-\d{2}\.jsonl$/.test(name))
    .sort()
    .map((name) => join(dir, name))

export const rawLog = (dir: string): string =>
  dayFiles(dir)
    .map((file) => readFileSync(file, "utf8"))
    .join("")

/** The events in the order of the file, without the lines that the log writes about itself. */
export const readEvents = (dir: string): readonly Line[] =>
  rawLog(dir)
    .split("\n")
    .filter((text) => text !== "")
    .map((text): Line => JSON.parse(text))
    .filter((line) => line.seq !== undefined)

export const ofCategory = (lines: readonly Line[], category: string): readonly Line[] =>
  lines.filter((line) => line.category === category)

/** The CSV files of the package whose data the demo shows. */
export const vegaFile = (name: string): string => {
  const manifest = findPackageJSON("vega-datasets", import.meta.url)
  if (manifest === undefined) throw new Error("vega-datasets is not installed")
  return join(dirname(manifest), "data", name)
}

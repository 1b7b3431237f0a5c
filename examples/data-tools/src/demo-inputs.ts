// The files of the demo: every CSV file of the package vega-datasets, the files in broken/, and one that is missing. The demo
// logs into a directory of its own, so it never writes into a real log.

import { randomBytes } from "node:crypto"
import { readdirSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"

export interface DemoInputs {
  /** All of them, sorted by name, so that good and broken files alternate. */
  readonly paths: readonly string[]
  readonly realCount: number
  readonly brokenCount: number
}

const realPackage = "vega-datasets"
const brokenDir = join(import.meta.dirname, "..", "broken")

/** @throws Error when the package is not installed or the folder broken/ is missing. */
export const demoInputs = (): DemoInputs => {
  const manifest = findPackageJSON(realPackage, import.meta.url)
  if (manifest === undefined) throw new Error(`Cannot find the package ${realPackage}: run npm ci`)
  const real = csvFilesIn(join(dirname(manifest), "data"))
  const broken = csvFilesIn(brokenDir)
  const paths = [...real, ...broken, join(brokenDir, "never-uploaded.csv")]
  return { paths: paths.toSorted(byName), realCount: real.length, brokenCount: broken.length }
}

/** The path of a new directory. The log creates it, so a full disk stops the log and not the demo. */
export const demoLogDir = (): string => resolve(tmpdir(), `datatools-demo-${randomBytes(4).toString("hex")}`)

const csvFilesIn = (dir: string): readonly string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith(".csv"))
    .map((name) => join(dir, name))

const byName = (left: string, right: string): number => (basename(left) < basename(right) ? -1 : 1)

// The whole test run: every task of turbo.json that checks something, their output made readable, and one plain total
// at the end. The tasks do the checking and each prints `N passed, N failed`; here they are only started and added up.
// Usage: npm test [-- --faults] [--force]   (--faults: the fault campaigns too; --force: nothing from turbo's cache)

import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { chromiumPath } from "../vitest.chromium.ts"
import { databasePackages } from "./database-servers.ts"
import { installMissing } from "./debian-packages.ts"
import { addTotals, noTests, readTotal, totalLine } from "./total.ts"

const tasks = ["typecheck", "lint", "tidy", "docs:check", "unit", "slow", "conformance"]
/** Afterwards: a test that cuts the power must not run beside others. */
const faultTasks = ["test:faults"]

const withFaults = process.argv.includes("--faults")
const given = process.argv.slice(2).filter((arg) => arg !== "--faults")

const options = [
  "--continue=dependencies-successful",
  "--log-order=grouped",
  "--log-prefix=none",
  "--output-logs=full"
]

/** What turbo and npm say about themselves; the headings and the last lines of this run say enough. */
const noise = [
  /^\s*• /,
  /^cache (hit|miss|bypass)/,
  /^npm error/,
  /^> (?!\S+@\S+ \S+$)/,
  /^\s*(Tasks|Cached|Time|Failed): /,
  /^\S*\s*(WARNING|ERROR) {2}(command|run) /
]

const heading = /^> (\S+)@\S+ (\S+)$/
const brokenTask = /^(\S+)#(\S+): +ERROR +command /

const plain = process.stdout.isTTY ? {} : { NO_COLOR: "1" }
const quiet = { DO_NOT_TRACK: "1", TURBO_NO_UPDATE_NOTIFIER: "1", npm_config_loglevel: "error" }

let total = noTests
let afterBlank = true
const broken: string[] = []

async function follow(output: Readable): Promise<void> {
  for await (const line of createInterface({ input: output })) {
    total = addTotals(total, readTotal(line) ?? noTests)
    const [, owner, task] = brokenTask.exec(line) ?? []
    if (task !== undefined) broken.push(owner === "//" ? task : `${owner} ${task}`)

    const isBlank = line.trim() === ""
    if (noise.some((pattern) => pattern.test(line)) || (isBlank && afterBlank)) continue
    console.log(line.replace(heading, "── $1 $2"))
    afterBlank = isBlank
  }
}

function hasChromium(): boolean {
  try {
    return chromiumPath() !== ""
  } catch {
    // Where it cannot be installed either, the tests in a page say what to install.
    return false
  }
}

async function run(names: readonly string[]): Promise<number> {
  const turbo = spawn("turbo", ["run", ...names, ...options, ...given], {
    env: { ...process.env, ...plain, ...quiet },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const ended = new Promise<number>((resolve, reject) => {
    turbo.on("error", reject)
    turbo.on("close", (code) => resolve(code ?? 1))
  })
  const [code] = await Promise.all([ended, follow(turbo.stdout), follow(turbo.stderr)])
  return code
}

if (!hasChromium()) installMissing({ chromium: "chromium" }, "test")
if (withFaults) installMissing(databasePackages, "test")

const codes = [await run(tasks)]
if (withFaults) codes.push(await run(faultTasks))

// A task that broke before it could count, or a run that counted nothing, is a failure too.
if (total.failed === 0 && (codes.some((code) => code !== 0) || total.passed === 0))
  total = { ...total, failed: 1 }
if (broken.length > 0) console.log(`failed: ${broken.join(", ")}`)
console.log(totalLine(total))
process.exitCode = total.failed === 0 ? 0 : 1

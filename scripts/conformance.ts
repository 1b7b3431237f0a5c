// Runs conformance/ against the built packages on every runtime the project promises: *.conformance.mjs on Node 24,
// Node 22, Deno and Bun, and *.workerd.mjs on workerd. Each file gets a process of its own, and results are read from
// JUnit files, the one format all of them write alike. The type check builds the packages beforehand.
// Usage: tsx scripts/conformance.ts [part of a file name …]

import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { readJunit } from "./conformance/junit.ts"
import { addTotals, noTests, type Total, totalLine } from "./total.ts"

interface Runtime {
  readonly name: string
  readonly binary: string
  /** The files that run there. */
  readonly ending: ".conformance.mjs" | ".workerd.mjs"
  readonly args: (file: string, junit: string) => readonly string[]
}

const root = join(import.meta.dirname, "..")
const modules = join(root, "node_modules")

/** Where package-lock.json brings both Nodes; elsewhere Node 22 is left out and Node 24 is the one that runs this. */
const bringsNode = process.platform === "linux" && ["x64", "arm64"].includes(process.arch)

/** A file that hangs is ended after this long and counts as failed. */
const fileTimeoutMs = 300_000

const nodeArgs: Runtime["args"] = (file, junit) => [
  "--test",
  "--test-reporter=spec",
  "--test-reporter-destination=stdout",
  "--test-reporter=junit",
  `--test-reporter-destination=${junit}`,
  file
]

function runtimes(): readonly Runtime[] {
  const node24 = bringsNode ? join(modules, `node-linux-${process.arch}/bin/node`) : process.execPath
  const ending: Runtime["ending"] = ".conformance.mjs"
  const node22 = join(modules, `node22-linux-${process.arch}/bin/node`)
  return [
    { name: "node 24", binary: node24, ending, args: nodeArgs },
    ...(bringsNode ? [{ name: "node 22", binary: node22, ending, args: nodeArgs }] : []),
    {
      name: "deno",
      binary: join(modules, ".bin/deno"),
      ending,
      args: (file, junit) => ["test", "-A", "--no-check", `--junit-path=${junit}`, file]
    },
    {
      name: "bun",
      binary: join(modules, ".bin/bun"),
      ending,
      // Bun alone gives each test 5 s; here the file's limit is the limit.
      args: (file, junit) => [
        "test",
        `--timeout=${fileTimeoutMs}`,
        "--reporter=junit",
        `--reporter-outfile=${junit}`,
        `./${file}`
      ]
    },
    // workerd runs no tests: Node starts it through miniflare, and runs the tests against it.
    { name: "workerd", binary: node24, ending: ".workerd.mjs", args: nodeArgs }
  ]
}

/** One file on one runtime; whatever goes wrong outside its tests counts as one failure. */
function runFile(runtime: Runtime, file: string, junit: string): Total {
  rmSync(junit, { force: true })
  const run = spawnSync(runtime.binary, runtime.args(file, junit), {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: fileTimeoutMs
  })
  const count = existsSync(junit) ? readJunit(readFileSync(junit, "utf8")) : noTests
  const ranNothing = count.passed + count.failed + count.skipped === 0
  if (run.status === 0 && count.failed === 0 && !ranNothing) return count

  console.log(`\n${file} on ${runtime.name}:\n${run.stdout}${run.stderr}`)
  if (run.error !== undefined) console.log(`${run.error.message} (a file may run ${fileTimeoutMs} ms)`)
  else if (ranNothing) console.log("no test ran")
  return { ...count, failed: Math.max(count.failed, 1) }
}

function runAll(runtime: Runtime, wanted: readonly string[], junit: string): Total {
  if (!existsSync(runtime.binary)) {
    console.log(`${relative(root, runtime.binary)} is missing. Run \`npm ci\` without --omit=optional.`)
    return { ...noTests, failed: 1 }
  }
  return filesOf(runtime, wanted)
    .map((file) => runFile(runtime, file, junit))
    .reduce(addTotals, noTests)
}

function filesOf({ ending }: Runtime, wanted: readonly string[]): readonly string[] {
  return readdirSync(join(root, "conformance"))
    .filter((name) => name.endsWith(ending))
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
    .sort()
    .map((name) => `conformance/${name}`)
}

function main(wanted: readonly string[]): void {
  const used = runtimes().filter((runtime) => filesOf(runtime, wanted).length > 0)
  if (used.length === 0) console.log("no conformance file has that name")

  const scratch = mkdtempSync(join(tmpdir(), "daybook-conformance-"))
  const counts = used.map((runtime) => {
    const count = runAll(runtime, wanted, join(scratch, "junit.xml"))
    console.log(`conformance on ${runtime.name}: ${totalLine(count)}`)
    return count
  })
  rmSync(scratch, { recursive: true })

  const total = counts.reduce(addTotals, noTests)
  console.log(totalLine(total))
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
}

main(process.argv.slice(2))

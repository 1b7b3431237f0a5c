// Runs a fixture in a process of its own, on the runtime that runs the test, and returns how it ended. Every child has a hard
// limit, so a hang is a failed test.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"

const { versions } = process

/** "node", "deno" or "bun". */
export const runtime = versions.bun !== undefined ? "bun" : versions.deno !== undefined ? "deno" : "node"

export const isNode24 = runtime === "node" && versions.node.startsWith("24.")

export const runArgs = runtime === "deno" ? ["run", "--no-check", "-A"] : []
const limitMs = 30_000

/** A child must not take itself for a test, nor use the log directory of the person who runs it. */
export const cleanEnv = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_TEST|NODE_OPTIONS|.*_AUDIT_)/.test(name))
  )

/**
 * Runs `fixtures/<fixture>` to its end. A child that is still there after 30 s is killed and has a `signal`.
 * `through` is a command that runs the rest of its arguments; `permissions` are arguments of the runtime instead of all.
 */
export const runFixture = (fixture, args, env = {}, through = [], permissions = runArgs) =>
  new Promise((resolve, reject) => {
    const file = join(import.meta.dirname, "fixtures", fixture)
    const [command, ...rest] = [...through, process.execPath, ...permissions, file, ...args.map(String)]
    const child = spawn(command, rest, {
      env: { ...cleanEnv(), NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      killSignal: "SIGKILL"
    })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (text) => {
      stdout += text
    })
    child.stderr.on("data", (text) => {
      stderr += text
    })
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
  })

/** Calls `run` for 0, 1, … `count` - 1, a few at a time. */
export const repeat = async (count, run) => {
  let next = 0
  const lane = async () => {
    while (next < count) await run(next++)
  }
  // All lanes end first, so that no child writes any more when a failure is reported.
  const lanes = await Promise.allSettled(Array.from({ length: availableParallelism() + 1 }, lane))
  for (const { status, reason } of lanes) if (status === "rejected") throw reason
}

/** Calls `use` with a fresh directory, which is removed afterwards. */
export const withDir = async (use) => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-conformance-"))
  try {
    return await use(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The names of the files in a log directory, oldest day first, without what the log keeps there for itself. */
export const namesIn = (dir) =>
  (existsSync(dir) ? readdirSync(dir) : []).filter((name) => name !== ".daybook").sort()

/**
 * The texts of all lines in a log directory, oldest day first. Each must be UTF-8, and ended; a last line that is not
 * is left out where it may be torn. None without a directory. `app`: of one log's files only.
 */
export const linesOf = (dir, { mayBeTorn = false, app = "" } = {}) =>
  namesIn(dir).flatMap((name) => {
    assert.match(name, /^[a-z]+-\d{4}-\d\d-\d\d\.jsonl$/)
    if (!name.startsWith(app)) return []
    const bytes = readFileSync(join(dir, name))
    const end = bytes.lastIndexOf("\n") + 1
    assert.ok(mayBeTorn || end === bytes.length, "the last line is ended")
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end))
    return text
      .split("\n")
      .slice(0, -1)
      .filter((line) => !line.includes(',"category":"seal",'))
  })

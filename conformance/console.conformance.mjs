// What a process writes with consoleExporter: everything on stderr, each event once and in order though the process ends at once,
// colours on a real terminal only, and no death where the reader has gone.
import assert from "node:assert/strict"
import { spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import process from "node:process"
import test from "node:test"
import { runFixture, runtime } from "./child-run.mjs"

const numbersIn = (text) => [...text.matchAll(/ n=(\d+)/g)].map(([, n]) => Number(n))
const upTo = (count) => Array.from({ length: count }, (_, n) => n)
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/

for (const how of ["exit", "flush"]) {
  test(`1,000 events, then process.exit (${how}): all on stderr, once and in order, plain`, async () => {
    const { code, stdout, stderr } = await runFixture("console.mjs", [1_000, how])
    assert.deepEqual([code, stdout], [0, ""])
    assert.deepEqual(numbersIn(stderr), upTo(1_000))
    assert.doesNotMatch(stderr, controls)
    assert.match(
      stderr.split("\n")[0],
      /^\d\d:\d\d:\d\d\.\d{3} info {2}case {7}\\u001b\[2J\\u202e first {2}n=0$/
    )
  })
}

test("FORCE_COLOR colours it without a terminal, and NO_COLOR wins", async () => {
  const { stderr: colored } = await runFixture("console.mjs", [2, "exit"], { NO_COLOR: "", FORCE_COLOR: "1" })
  assert.ok(colored.includes("\u001b[31merror"), colored)
  const { stderr: plain } = await runFixture("console.mjs", [2, "exit"], { NO_COLOR: "1", FORCE_COLOR: "1" })
  assert.doesNotMatch(plain, controls)
})

test("a reader of stderr that has gone ends nothing", async () => {
  const file = join(import.meta.dirname, "fixtures/console.mjs")
  const args = runtime === "deno" ? ["run", "--no-check", "-A", file] : [file]
  const child = spawn(process.execPath, [...args, "2000", "flush"], { stdio: ["ignore", "ignore", "pipe"] })
  child.stderr.destroy()
  const code = await new Promise((resolve) => child.on("exit", resolve))
  assert.equal(code, 0)
})

// util-linux's `script` gives the process a terminal of its own.
const hasScript = spawnSync("script", ["--version"]).status === 0
test("colours it on a terminal", {
  skip: hasScript ? false : "the command script is not installed"
}, async () => {
  const file = join(import.meta.dirname, "fixtures/console.mjs")
  const command = [
    process.execPath,
    ...(runtime === "deno" ? ["run", "--no-check", "-A"] : []),
    file,
    "2",
    "exit"
  ]
  const run = (env) =>
    spawnSync("script", ["-qec", command.join(" "), "/dev/null"], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "", TERM: "xterm-256color", ...env },
      stdio: ["ignore", "pipe", "inherit"]
    }).stdout
  assert.ok(run({}).includes("\u001b[31merror"))
  assert.ok(!run({ TERM: "dumb" }).includes("\u001b["))
  assert.ok(!run({ NO_COLOR: "1" }).includes("\u001b["))
})

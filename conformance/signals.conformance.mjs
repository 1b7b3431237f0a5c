// Signals: the process ends as it would without us, whoever listens beside us and whenever they registered, and nothing that
// was logged is lost. What happens without a log is run first, and with one the same must happen.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { cpSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import test from "node:test"
import { cleanEnv, linesOf, runArgs, runtime, withDir } from "./child-run.mjs"

const limitMs = 30_000

/** Runs the fixture, sends `signals` one after the other, each when the text before it was said, and returns how it ended. */
const run = (args, steps) =>
  new Promise((resolve, reject) => {
    const file = join(import.meta.dirname, "fixtures", "signals.mjs")
    const child = spawn(process.execPath, [...runArgs, file, ...args], {
      env: { ...cleanEnv(), NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      killSignal: "SIGKILL"
    })
    let stdout = ""
    let stderr = ""
    const left = [...steps]
    child.stdout.on("data", (text) => {
      stdout += text
      // Not child.kill, after which Deno reports the signal as the end, whatever the end was.
      while (left.length > 0 && stdout.includes(left[0].after)) process.kill(child.pid, left.shift().signal)
    })
    child.stderr.on("data", (text) => {
      stderr += text
    })
    child.on("error", reject)
    child.on("close", (code, signal) =>
      resolve({ end: signal ?? code, said: stdout.trim().split("\n"), stderr })
    )
  })

/** Logs of this name in a directory: the messages, in order. */
const messagesOf = (dir, app) => linesOf(dir, { app }).map((line) => JSON.parse(line).message)

const many = Array(100).fill("one of many")

/** Without a log, then with one: the same end, the same words, and every event on disk. */
const expectSame = async ({ signal = "SIGTERM", listeners, steps, logged, copies = 1 }) => {
  const sent = steps ?? [{ after: "ready", signal }]
  const bare = await run(["-", signal, listeners], sent)
  await withDir(async (dir) => {
    const logs = join(dir, "logs")
    const copy = copies > 1 ? [copyOfCore(dir)] : []
    const ours = await run([logs, signal, listeners, ...copy], sent)
    assert.deepEqual({ end: ours.end, said: ours.said }, { end: bare.end, said: bare.said }, ours.stderr)
    assert.deepEqual(messagesOf(logs, "first"), [...many, ...logged], ours.stderr)
    if (copies > 1) assert.deepEqual(messagesOf(logs, "second"), [...many, ...logged], ours.stderr)
  })
  return bare
}

/** Another copy of core, as another package of an application may bring it. */
const copyOfCore = (dir) => {
  const root = join(import.meta.dirname, "..")
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"))
  const copy = join(dir, "core")
  for (const part of ["package.json", "dist"])
    cpSync(join(root, "packages/core", part), join(copy, part), { recursive: true })
  return copy
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  test(`F43 ${signal} that only we listen to ends the process, with all events`, () =>
    expectSame({ signal, listeners: "", logged: [] }))
}

for (const listeners of ["once", "on and off", "later once", "later on and off", "signal-exit+once"]) {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    test(`F43 ${signal} is the application's: ${listeners}`, async () => {
      const { end, said } = await expectSame({ signal, listeners, logged: ["done"] })
      assert.equal(end, 0)
      assert.ok(said.includes("shut down"), said.join())
    })
  }
}

for (const listeners of ["signal-exit", "later signal-exit", "signal-exit 3", "signal-exit+signal-exit 3"]) {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    const skip =
      runtime === "deno" && listeners.includes("+")
        ? "two versions raise the signal one after the other, and Deno may end at the first"
        : false
    test(`F43 ${signal} where only the package signal-exit listens beside us: ${listeners}`, {
      skip
    }, async () => {
      const { end, said } = await expectSame({ signal, listeners, logged: [] })
      assert.equal(end, signal)
      assert.ok(said.includes("signal-exit ran"), said.join())
    })
  }
}

// Without us the package sees that the once has gone, and ends the process in the middle of its shutdown.
test("F43 a shutdown by a once comes to its end, also where the package signal-exit listens", () =>
  withDir(async (dir) => {
    const { end, said } = await run(
      [dir, "SIGTERM", "once+later signal-exit"],
      [{ after: "ready", signal: "SIGTERM" }]
    )
    assert.equal(end, 0)
    assert.ok(said.includes("shut down"), said.join())
    assert.deepEqual(messagesOf(dir, "first"), [...many, "done"])
  }))

test("F43 two copies of core in one process do not wait for each other", () =>
  expectSame({ listeners: "", logged: [], copies: 2 }))

test("F43 two copies of core leave a shutdown to the application, and keep what it logs", () =>
  expectSame({ listeners: "once", logged: ["done"], copies: 2 }))

for (const listeners of ["hangs once", "later hangs once", "signal-exit+hangs once"]) {
  // Deno takes no signal's default action any more once it was listened for: the process hangs without us, too.
  const skip = runtime === "deno" ? "Deno ignores a signal whose listener has gone" : false
  test(`F43 the second signal of a kind ends a process that hangs: ${listeners}`, { skip }, async () => {
    const steps = [
      { after: "ready", signal: "SIGINT" },
      { after: "hanging", signal: "SIGINT" }
    ]
    const { end } = await expectSame({ signal: "SIGINT", listeners, steps, logged: [] })
    assert.equal(end, "SIGINT")
  })
}

test("F43 a second signal is the application's where it goes on listening, and a third", async () => {
  const steps = [
    { after: "ready", signal: "SIGINT" },
    { after: "hanging", signal: "SIGINT" },
    { after: "hanging\nhanging", signal: "SIGTERM" }
  ]
  const { end, said } = await expectSame({ signal: "SIGINT", listeners: "hangs", steps, logged: [] })
  assert.equal(end, "SIGTERM")
  assert.equal(said.filter((word) => word === "hanging").length, 2)
})

// The end of a process: whatever ends it, 1,000 of 1,000 events are in the file, in order and once, and the exit code
// or signal is the one that the runtime would have given without us. Each ending is a child process, many times over.
import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import test from "node:test"
import { isNode24, linesOf, repeat, runFixture, runtime, withDir } from "./child-run.mjs"

const runs = isNode24 ? 20 : 5
const thousand = Array.from({ length: 1_000 }, (_, index) => index + 1)

/** The thousand that are in a directory, which must be the first ones, in order and once; and the other lines. */
const readThousand = (dir, told) => {
  const events = linesOf(dir).map((line) => JSON.parse(line))
  const load = events.filter(({ category }) => category === "load")
  const wanted = thousand.slice(0, load.length).join()
  assert.equal(load.map(({ n }) => n).join(), wanted, `in order and once; ${told}`)
  assert.equal(load.map(({ seq }) => seq).join(), wanted)
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length, "no id twice")
  return { count: load.length, others: events.filter(({ category }) => category !== "load") }
}

/**
 * Runs one ending in a directory that is made for it, below `dir`. The exit hook has 500 ms; on a machine that is starved
 * they may run out. Then it must say truly how many events are missing, and the run is made again.
 */
const runOnce = async (dir, below, ...args) => {
  for (let attempt = 1; ; attempt++) {
    const own = join(dir, String(attempt))
    mkdirSync(own, { recursive: true })
    const logs = join(own, ...below)
    const child = await runFixture("thousand-events.mjs", [logs, ...args])
    const told = `exit code ${child.code}, ${child.signal}: ${child.stderr}`
    const { count, others } = readThousand(logs, told)
    const lost = Number(/(\d+) events could not be written/.exec(child.stderr)?.[1] ?? 0)
    if (lost === 0 || attempt === 5) {
      assert.equal(count, 1_000, told)
      return { child, told, others }
    }
    // An exception that nobody caught is an event too, and the last one.
    assert.ok(lost === 1_000 - count || lost === 1_001 - count, `${count} written; ${told}`)
  }
}

/** Runs one ending `count` times; `judge` gets the lines beside the thousand, and the child. */
const expectEnding = async (
  ending,
  count,
  judge,
  { turnsOf = () => 0, signal = "SIGTERM", below = [] } = {}
) => {
  const bare = await runFixture("thousand-events.mjs", ["-", ending, 0, signal])
  await withDir((dir) =>
    repeat(count, async (run) => {
      const { child, told, others } = await runOnce(
        join(dir, String(run)),
        below,
        ending,
        turnsOf(run),
        signal
      )
      assert.deepEqual([child.code, child.signal], [bare.code, bare.signal], `how it ended; ${told}`)
      judge(others, child)
    })
  )
}

const nothingElse = (others) => assert.deepEqual(others, [])

/** What nobody caught is recorded before the last write. */
const oneUncaught = (others) => {
  assert.equal(others.length, 1, "lines beside the thousand")
  const { level, message, exc_type, exc_message } = others[0]
  assert.deepEqual(
    { level, message, exc_type, exc_message },
    {
      level: "error",
      message: "uncaught: RangeError: on purpose",
      exc_type: "RangeError",
      exc_message: "on purpose"
    }
  )
}

test("F42 process.exit keeps all events and its exit code", () => expectEnding("exit", runs, nothingElse))

// The directory does not exist either: the hook makes it.
test("F42 process.exit in the tick of the logging, before the file was ever opened, keeps all events", () =>
  expectEnding("exit at once", runs, nothingElse, { below: ["made", "by", "the hook"] }))

test("F42 an uncaught exception is recorded, and all events with it", () =>
  expectEnding("throw", runs, oneUncaught))

// Bun tells no listener of a rejection before the process ends, so there is nothing to record there.
test("F42 an unhandled rejection is recorded, and all events with it", () =>
  expectEnding("reject", runs, runtime === "bun" ? nothingElse : oneUncaught))

test("F42 the natural end of the process keeps all events", () => expectEnding("end", runs, nothingElse))

test("F42 process.exit at any moment of a write under way loses nothing and repeats nothing", async () => {
  const states = new Set()
  const collect = (others, { stdout }) => {
    nothingElse(others)
    states.add(stdout.trim())
  }
  await expectEnding("exit in flight", runs, collect, { turnsOf: (run) => run })
  assert.ok(states.has("writing"), `one of the runs met a write under way: ${[...states].join(", ")}`)
})

// Where the moment is missed, the run shows nothing: then it is tried again.
test("F42 process.exit between a write and its confirmation repeats nothing", async () => {
  const confirmed = new Set()
  const collect = (others, { stdout }) => {
    nothingElse(others)
    confirmed.add(stdout.trim())
  }
  await expectEnding("exit on a landed write", runs, collect)
  for (let more = 0; more < 50 && !confirmed.has("0"); more++) {
    await expectEnding("exit on a landed write", 1, collect)
  }
  assert.ok(
    confirmed.has("0"),
    `one of the runs met bytes that nobody had confirmed: ${[...confirmed].join(", ")}`
  )
})

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  test(`F43 ${signal} keeps all events, and ends the process as it would without us`, () =>
    expectEnding("signal", 5, nothingElse, { signal }))
}

test("F43 a signal that the application handles is the application's alone", () =>
  expectEnding("signal that the application handles", 5, nothingElse))

// Node takes ignored signals back when it starts, so there a SIGHUP ends the process with or without us.
test("F43 an ignored SIGHUP stays ignored, as under nohup", { skip: runtime === "node" }, () =>
  withDir(async (dir) => {
    const ignoringHangup = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]
    const { code, signal, stdout } = await runFixture("nohup.mjs", [dir], {}, ignoringHangup)
    assert.deepEqual({ code, signal, stdout }, { code: 0, signal: null, stdout: "alive\n" })
  })
)

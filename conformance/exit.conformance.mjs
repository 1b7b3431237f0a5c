// The end of a process: the file holds what endings.mjs promises for that ending and this runtime, and the process ends as it
// would without us. Each ending is a child process, many times over.
import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import test from "node:test"
import { isNode24, linesOf, repeat, runFixture, runtime, withDir } from "./child-run.mjs"
import { endings } from "./endings.mjs"

const firstHalf = 500
const everything = 1_000

const runEnding = ({ run, shell, env }, dir, turns) =>
  runFixture(
    "thousand-events.mjs",
    [dir, run, turns],
    env,
    shell === undefined ? [] : ["sh", "-c", `${shell}; exec "$@"`, "sh"]
  )

const endOf = ({ code, signal }) => signal ?? code

/**
 * The lines of a directory, which must be in order and once: each continues where the one before it ended, or is the
 * gap mark between. Only a process that was cut off may leave half a line behind.
 */
const readLines = (dir, { mayBeTorn }, told) => {
  const lines = linesOf(dir, { mayBeTorn }).map((line) => JSON.parse(line))
  let next = 1
  for (const { seq, category, count, first_seq, last_seq } of lines) {
    const isGap = category === "gap"
    assert.equal(isGap ? first_seq : seq, next, `in order and once; ${told}`)
    next = (isGap ? last_seq : seq) + 1
    if (isGap) assert.equal(last_seq - first_seq + 1, count)
  }
  assert.equal(new Set(lines.map(({ id }) => id)).size, lines.length, "no id twice")
  return lines
}

/** The number of missing events by the last of our lines on stderr; 0 without such a line. */
const lossTold = (stderr) => {
  const ours = stderr.split("\n").filter((line) => line.startsWith("[daybook]"))
  if (ours.length === 0) return 0
  const [, lost] = / (\d+) events could not be written before the process ended$/.exec(ours.at(-1)) ?? []
  assert.ok(lost, stderr)
  return Number(lost)
}

/** An uncaught error is recorded before the last write. */
const oneUncaught = ({ level, message, exc_type, exc_message }) => {
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

/**
 * Runs one ending in a directory that is made for it, below `dir`, and returns what it printed. The exit hook has
 * 500 ms; on a machine that is starved they may run out. Then it must report the right number of missing events, and if
 * none should be missing, the run is repeated.
 */
const runOnce = async (ending, { kept, endsWith, tells, records }, dir, turns) => {
  for (let attempt = 1; ; attempt++) {
    const own = join(dir, String(attempt))
    mkdirSync(own, { recursive: true })
    const logs = join(own, "made", "by", "the log")
    const child = await runEnding(ending, logs, turns)
    const told = `ended with ${endOf(child)}: ${child.stderr}`
    assert.equal(endOf(child), endsWith, told)

    const lines = readLines(logs, { mayBeTorn: kept === "flushed" && !tells }, told)
    const load = lines.filter(({ category }) => category === "load")
    for (const { n, seq } of load) assert.equal(n, seq)
    const lost = lossTold(child.stderr)
    const wanted = everything + (records ? 1 : 0)
    if (tells || lost > 0) assert.equal(lost, wanted - lines.length, told)

    if (kept === "all" && lost > 0 && attempt < 5) continue
    if (kept === "all") {
      assert.equal(load.length, everything, told)
      assert.equal(lines.length, wanted, "lines beside the thousand")
      if (records) oneUncaught(lines.at(-1))
    } else {
      assert.equal(load[firstHalf - 1]?.n, firstHalf, told)
      assert.equal(lost > 0, tells, told)
    }
    return child.stdout.trim()
  }
}

const expectEnding = async (ending, promised) => {
  const bare = await runEnding(ending, "-", 0)
  assert.equal(endOf(bare), promised.endsWith, `without us; ${bare.stderr}`)

  const met = new Set()
  const runAt = (turns) =>
    withDir((dir) =>
      repeat(turns.length, async (index) => {
        met.add(await runOnce(ending, promised, join(dir, String(index)), turns[index]))
      })
    )
  const times = isNode24 ? ending.times : Math.min(5, ending.times)
  await runAt(Array.from({ length: times }, (_, turns) => turns))
  // A run that missed the moment shows nothing, so it is repeated.
  const isMet = () => ending.met === undefined || met.has(ending.met)
  for (let more = 0; more < 50 && !isMet(); more++) await runAt([more % 20])
  assert.ok(isMet(), `one of the runs met "${ending.met}": ${[...met].join(", ")}`)
}

for (const ending of endings) {
  const promised = ending.on[runtime]
  test(ending.name, { skip: promised.untested ?? false }, () => expectEnding(ending, promised))
}

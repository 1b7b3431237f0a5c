// Places where no file can be written: the application is not held up, stderr gets one line with true numbers, waiting events are
// written when the place is good again, and the process ends by itself. Each place is a child process with a time limit from
// outside, because the typical failure is an endless wait.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import test from "node:test"
import { linesOf, runFixture, withDir } from "./child-run.mjs"

const thousand = Array.from({ length: 1_000 }, (_, index) => index + 1).join()
const hasFifos = spawnSync("mkfifo", ["--version"]).error === undefined
const hasFull = existsSync("/dev/full")

/** What the one line on stderr must say of each place, and why a machine may lack that place. */
const places = [
  { id: "F17", kind: "a device", says: /Cannot make the directory .*EEXIST/, needs: hasFull, canMend: false },
  {
    id: "F17",
    kind: "a directory below a file",
    says: /Cannot make the directory .*not a directory \(ENOTDIR\)/
  },
  { id: "F29", kind: "a FIFO", says: /Cannot append to .*not a regular file/, needs: hasFifos },
  {
    id: "F17",
    kind: "a directory in the file's place",
    says: /Cannot append to .*is a directory \(EISDIR\)/
  },
  {
    id: "F55",
    kind: "a link to a full device",
    says: /Cannot append to .*symbolic link \(ELOOP\)/,
    needs: hasFull
  },
  { id: "F55", kind: "a link to somebody's file", says: /Cannot append to .*symbolic link \(ELOOP\)/ },
  { id: "F55", kind: "a second name of somebody's file", says: /Cannot append to .*has 2 names/ }
]

const toSkip = ({ needs = true }) => (needs ? false : "this machine has no mkfifo command or no /dev/full")

/** Runs the fixture to its end, which it must reach by itself. */
const use = async (scratch, ...args) => {
  const { code, signal, stdout, stderr } = await runFixture("hostile-place.mjs", [scratch, ...args])
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr)
  return { ...JSON.parse(stdout), told: stderr.split("\n").filter((line) => line !== "") }
}

/** The identity of the five counts, with the expected values of three of them. */
const expectCounts = ({ accepted, written, handedOver, dropped, pending }, wanted) => {
  assert.deepEqual({ written, dropped, pending }, wanted)
  assert.equal(accepted, written + handedOver + dropped + pending)
  assert.equal(accepted, 1_000)
}

const allWait = { written: 0, dropped: 0, pending: 1_000 }
const allWritten = { written: 1_000, dropped: 0, pending: 0 }

const expectTheirsUntouched = (scratch) => {
  const theirs = join(scratch, "theirs")
  if (existsSync(theirs)) assert.equal(readFileSync(theirs, "utf8"), "theirs\n")
}

for (const place of places) {
  const { id, kind, says, canMend = true } = place

  test(
    `${id} S0.1 ${kind}: the log takes 1,000 events, stderr gets one line, and the process ends`,
    { skip: toSkip(place) },
    () =>
      withDir(async (scratch) => {
        const { logged, flushed, health, closed, told } = await use(scratch, kind)
        expectCounts(logged, allWait)
        expectCounts(flushed, allWait)
        expectCounts(closed, allWait)
        assert.equal(flushed.complete, false)
        assert.equal(closed.complete, false)
        assert.equal(health.state, "degraded")
        assert.match(health.lastError, says)
        assert.equal(told.length, 2, told.join("\n"))
        assert.match(told[0], says)
        assert.match(told[0], /^\[daybook\] place: file: .*; 1000 events waiting/)
        assert.match(told[1], /^\[daybook\] place: 1000 events could not be written before the process ended/)
        expectTheirsUntouched(scratch)
      })
  )

  if (!canMend) continue
  test(
    `${id} S0.22 ${kind} that becomes good: nothing is lost, and stderr gets one line`,
    { skip: toSkip(place) },
    () =>
      withDir(async (scratch) => {
        const { flushed, mended, closed, told } = await use(scratch, kind, "mend")
        expectCounts(flushed, allWait)
        expectCounts(mended, allWritten)
        expectCounts(closed, allWritten)
        assert.equal(mended.complete, true)
        assert.equal(closed.complete, true)
        assert.equal(told.length, 2, told.join("\n"))
        assert.match(told[0], says)
        assert.match(told[1], /^\[daybook\] place: file: works again; 0 events were dropped meanwhile$/)
        const dir =
          kind === "a directory below a file" ? join(scratch, "logs", "below") : join(scratch, "logs")
        assert.equal(
          linesOf(dir)
            .map((line) => JSON.parse(line).n)
            .join(),
          thousand
        )
        expectTheirsUntouched(scratch)
      })
  )
}

test("S0.11 a directory that is missing is made with its parents, for the owner only, without a notice", () =>
  withDir(async (scratch) => {
    const { flushed, closed, told } = await use(scratch, "a missing directory")
    expectCounts(flushed, allWritten)
    expectCounts(closed, allWritten)
    assert.deepEqual(told, [])
    const modes = ["logs", "logs/some", "logs/some/levels", "logs/some/levels/down"].map(
      (path) => statSync(join(scratch, path)).mode & 0o777
    )
    assert.deepEqual(modes, [0o700, 0o700, 0o700, 0o700])
    assert.equal(linesOf(join(scratch, "logs/some/levels/down")).length, 1_000)
  }))

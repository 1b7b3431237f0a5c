// Clocks that are wrong for one start: nothing is deleted by it, then or when the clock is right again; and with a clock
// that is right, old days go. Each start is a process of its own, on each runtime. packages/file-exporter tests the rules.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import test from "node:test"
import { namesIn, runFixture, withDir } from "./child-run.mjs"

const dayMs = 24 * 60 * 60 * 1_000
const noon = Date.parse("2026-03-05T12:00:00Z")
const dateOf = (ms) => new Date(ms).toISOString().slice(0, 10)
const fileOf = (ms) => `clocks-${dateOf(ms)}.jsonl`

const start = async (dir, atMs, days = "") => {
  const { code, stdout, stderr } = await runFixture(
    "wrong-clock.mjs",
    [dir, new Date(atMs).toISOString(), days],
    {
      TZ: "UTC"
    }
  )
  assert.equal(code, 0, stderr)
  assert.deepEqual(JSON.parse(stdout), { complete: true }, stderr)
  return stderr
}

const years = ["2099-01-01", "2036-03-05", "2023-03-05", "2000-01-01", "1970-01-01"]

test("S0.24 F64 one start on a wrong clock deletes nothing, then or later, and its own line stays", () =>
  withDir(async (dir) => {
    const days = [0, 1, 2, 3].map((day) => noon + day * dayMs)
    for (const at of days) await start(dir, at, 3)
    for (const [index, year] of years.entries()) {
      const before = namesIn(dir)
      await start(dir, Date.parse(`${year}T12:00:00Z`), 3)
      await start(dir, days[3] + (index + 1) * 60_000, 3)
      const here = namesIn(dir)
      assert.deepEqual(
        before.filter((name) => !here.includes(name)),
        []
      )
      assert.match(readFileSync(join(dir, `clocks-${year}.jsonl`), "utf8"), /one of a start/)
    }
  }))

test("S0.24 with a clock that is right, a folder has today and the days before it that are kept, and no notice", () =>
  withDir(async (dir) => {
    for (let day = 0; day < 8; day++) assert.equal(await start(dir, noon + day * dayMs, 3), "")
    assert.deepEqual(
      namesIn(dir),
      [4, 5, 6, 7].map((day) => fileOf(noon + day * dayMs))
    )
  }))

test("S0.24 a start that asks for nothing keeps what another one asked for", () =>
  withDir(async (dir) => {
    for (let day = 0; day < 3; day++) await start(dir, noon + day * dayMs, 30)
    for (let day = 9; day < 11; day++) await start(dir, noon + day * dayMs)
    assert.equal(namesIn(dir).length, 5)
  }))

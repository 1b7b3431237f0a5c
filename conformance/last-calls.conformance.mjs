// What is logged when the process is ending already, and how long all logs of a process together hold up its end.
import assert from "node:assert/strict"
import test from "node:test"
import { linesOf, runFixture, withDir } from "./child-run.mjs"

const tryOut = (what, messages, said = "") =>
  withDir(async (dir) => {
    const { code, stdout, stderr } = await runFixture("last-calls.mjs", [dir, what])
    assert.deepEqual({ code, stderr, said: stdout.trim() }, { code: 0, stderr: "", said })
    const lines = linesOf(dir, { app: "last" }).map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.map(({ message }) => message),
      messages
    )
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      messages.map((_, index) => index + 1)
    )
  })

test("F42 an event that an exit listener behind ours logs is kept", () =>
  tryOut("exit listener behind ours", ["before", "in an exit listener", "and one more"]))

test("F42 the first event of all is kept, though an exit listener logs it", () =>
  tryOut("first event in an exit listener", ["in an exit listener"]))

test("F42 the first event of all is kept, though an exit listener logs it at the natural end", () =>
  tryOut("first event at the natural end", ["in an exit listener"]))

test("F42 forty logs that hang share the process's 500 ms, and hold up no other log", () =>
  tryOut("many hanging logs", ["between those that hang"], "waited 500 ms at most"))

// A process that may read and write its files and ask for nothing else: neither its environment nor who it is. Only Deno has
// such permissions; the other runtimes run the same program without them.
import assert from "node:assert/strict"
import { join } from "node:path"
import test from "node:test"
import { runFixture, runtime, withDir } from "./child-run.mjs"

test("F16 without leave to ask for its environment or its user, a log writes, seals, and reads back", async () => {
  await withDir(async (base) => {
    const dir = join(base, "logs")
    const few = ["run", "--no-check", "--no-prompt", "--allow-read", `--allow-write=${base}`]
    const permissions = runtime === "deno" ? few : []
    const { code, stdout, stderr } = await runFixture("few-permissions.mjs", [dir], {}, [], permissions)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" })
    const { found, ...rest } = JSON.parse(stdout)
    assert.deepEqual(rest, {
      complete: true,
      written: 2,
      notices: [],
      messages: ["second", "first"],
      verdict: "intact",
      problems: []
    })
    if (runtime === "deno") assert.equal(found, "temp")
  })
})

// The bytes of text, escapes and numbers, made inside workerd: each case of text-cases.mjs runs there by its name and is reported
// here. There is no case of the local date: a worker's is always UTC.
import assert from "node:assert/strict"
import test, { after } from "node:test"
import { bundle, startWorker } from "./workerd/start-worker.mjs"

const { code } = await bundle({ file: "format.worker.mjs", files: { "node:test": "declared-tests.mjs" } })
// For the assertions of the cases; core itself needs no flag.
const worker = await startWorker(code, { flags: ["nodejs_compat"] })
after(() => worker.stop())

for (const name of await worker.ask("/")) {
  test(name, async () => {
    const { failure } = await worker.ask(`/?name=${encodeURIComponent(name)}`)
    assert.equal(failure, null)
  })
}

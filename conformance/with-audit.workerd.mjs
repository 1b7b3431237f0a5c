// `withAudit` around the entries of a worker, on workerd: what an entry logs or throws is sent under `waitUntil`, after the response.
// The example of its documentation runs here as it is written.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { transformWithOxc } from "vite"
import { delivered, kinds, withWorker } from "./workerd/bench.mjs"
import { bundle } from "./workerd/start-worker.mjs"

const { code } = await bundle({ file: "requests.worker.mjs" })

for (const { kind, options } of kinds) {
  describe(kind, () => {
    const onWorkerd = (use) => () => withWorker(code, options, use)

    test(
      "withAudit lets the response go first, and holds the request until its events have left",
      onWorkerd(async (worker, receiver) => {
        receiver.set("hold")
        assert.deepEqual(await worker.ask("/audited?log=a&log=b"), {})
        await receiver.until(() => receiver.batches.length === 1)
        receiver.set(200)
        receiver.batches[0].answer(200)
        assert.deepEqual(await worker.ask("/?flush=10000"), { flush: delivered(2) })
        assert.deepEqual(receiver.accepted, { a: 1, b: 1 })
      })
    )

    test(
      "S0.10 withAudit records what an entry throws, throws it on, and sends it with what came before",
      onWorkerd(async (worker, receiver) => {
        const { status } = await worker.get("/audited?log=a&throw=on%20purpose")
        assert.equal(status, 500)
        await receiver.until(() => receiver.batches.length === 1)
        const [a, error] = receiver.batches[0].lines
        assert.equal(a.message, "a")
        assert.deepEqual(
          { level: error.level, category: error.category, message: error.message, type: error.exc_type },
          { level: "error", category: "error", message: "fetch: RangeError: on purpose", type: "RangeError" }
        )
      })
    )

    test(
      "withAudit around scheduled and queue sends their events",
      onWorkerd(async (worker, receiver) => {
        const entries = await worker.entries()
        const scheduled = await entries.scheduled({ cron: "0 5 * * *" })
        assert.equal(scheduled.outcome, "ok")
        await receiver.until(() => receiver.batches.length === 1)
        const queued = await entries.queue("jobs", [
          { id: "1", timestamp: new Date(), attempts: 1, body: "one" },
          { id: "2", timestamp: new Date(), attempts: 1, body: "two" }
        ])
        assert.equal(queued.outcome, "ok")
        await receiver.until(() => receiver.batches.length === 2)
        assert.deepEqual(receiver.accepted, { "queued one": 1, "queued two": 1, "scheduled 0 5 * * *": 1 })
      })
    )
  })
}

const exampleIn = (source) => {
  const [, block = ""] = /@example\n \* ```ts\n([\s\S]*?) \* ```/.exec(source) ?? []
  return block.replace(/^ \* ?/gm, "")
}

test("the example in the documentation of withAudit does what it says", async () => {
  const source = join(import.meta.dirname, "../packages/core/src/api/with-audit.ts")
  const { code: example } = await transformWithOxc(exampleIn(readFileSync(source, "utf8")), "example.ts")
  const { code } = await bundle({
    entry: example,
    files: { "./exporter.ts": "example-exporter.mjs" }
  })
  await withWorker(code, {}, async (worker, receiver) => {
    const ordered = await worker.get("/?order=7")
    assert.equal(await ordered.text(), "thanks for 7")
    await receiver.until(() => receiver.batches.length === 1)
    const refused = await worker.get("/")
    assert.equal(refused.status, 500)
    await receiver.until(() => receiver.batches.length === 2)
    assert.deepEqual(receiver.accepted, { "Order placed": 1, "worker: TypeError: no order": 1 })
    assert.equal(receiver.batches[0].lines[0].order, "7")
  })
})

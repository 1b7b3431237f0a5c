// The top of a worker's module, where workerd allows no random numbers, no timers and no I/O: a log can be made there. A log that
// is used there records nothing, throws nothing, and counts the events that it dropped.
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { kinds, withWorker } from "./workerd/bench.mjs"
import { bundle } from "./workerd/start-worker.mjs"

const { code } = await bundle({ file: "module-scope.worker.mjs" })

for (const { kind, options } of kinds) {
  describe(kind, () => {
    test("S3.8 S0.1 a log that is used at the top of a module throws nothing, and counts what it dropped", () =>
      withWorker(code, options, async (worker, receiver) => {
        const { forbidden, threw, settled, complete, health } = await worker.ask("/")
        assert.match(forbidden.random, /^Disallowed operation called within global scope/)
        assert.match(forbidden.timer, /^Disallowed operation called within global scope/)
        assert.deepEqual(threw, {})
        assert.deepEqual(settled, {
          flush: true,
          room: "nothing",
          timed: "done",
          commit: "Refused",
          close: true
        })
        assert.equal(complete, true)
        assert.deepEqual(receiver.accepted, { "in a request": 1 })
        const { accepted, written, dropped, pending, droppedBy } = health
        assert.deepEqual(
          { accepted, written, dropped, pending },
          { accepted: 3, written: 1, dropped: 2, pending: 0 }
        )
        assert.equal(droppedBy.defect, 2)
      }))
  })
}

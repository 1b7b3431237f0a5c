// A log on workerd lives over many requests; timers, promises and connections end with the request that began them. Whatever a
// request leaves behind: a later flush delivers it, every wait has a limit, and no request works on another one's time. The receiver
// is outside of workerd, on loopback.
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { delivered, kinds, waiting, withWorker } from "./workerd/bench.mjs"
import { bundle } from "./workerd/start-worker.mjs"

const { code, imports } = await bundle({ file: "requests.worker.mjs" })

const idsOf = ({ lines }) => lines.map(({ id }) => id)
const messagesOf = (batches) => batches.flatMap(({ lines }) => lines.map(({ message }) => message))

/** Asks the worker until `condition` holds for its exporter's health. */
const untilHealth = async (worker, condition) => {
  for (let asked = 0; asked < 10_000; asked++) {
    const { health } = await worker.ask("/?health")
    if (condition(health)) return
  }
  assert.fail("the exporter never came into that state")
}

test("the bundle of a worker with a log imports nothing", () => {
  assert.deepEqual(imports, [])
})

for (const { kind, options } of kinds) {
  describe(kind, () => {
    const onWorkerd = (use) => () => withWorker(code, options, use)

    test(
      "S0.4 S0.7 one session for all requests, and its start line names the runtime",
      onWorkerd(async (worker, receiver) => {
        await worker.ask("/?session&log=a")
        assert.deepEqual(await worker.ask("/?session&log=b&flush=10000"), { flush: delivered(3) })
        const lines = receiver.batches.flatMap((batch) => batch.lines)
        assert.deepEqual(
          lines.map(({ seq, message }) => [seq, message]),
          [
            [1, "Session started"],
            [2, "a"],
            [3, "b"]
          ]
        )
        assert.equal(lines[0].runtime, "workerd")
        assert.equal(lines[0].platform, "Cloudflare-Workers")
        assert.equal(new Set(lines.map(({ session }) => session)).size, 1)
        for (const { ts } of lines) assert.ok(Math.abs(Date.parse(ts) - Date.now()) < 3_600_000, ts)
      })
    )

    test(
      "what a request logged without a flush leaves with the next request's",
      onWorkerd(async (worker, receiver) => {
        await worker.ask("/?log=a")
        await worker.ask("/?log=b")
        assert.deepEqual(receiver.batches, [])
        assert.deepEqual(await worker.ask("/?log=c&flush=10000"), { flush: delivered(3) })
        assert.deepEqual(messagesOf(receiver.batches), ["a", "b", "c"])
      })
    )

    test(
      "S0.29 F98 an export that outlasts its flush is stopped, counted as pending, and sent again with the same ids",
      onWorkerd(async (worker, receiver) => {
        receiver.set("hold")
        assert.deepEqual(await worker.ask("/?log=a&flush=200"), { flush: waiting(1) })
        const [first] = receiver.batches
        await receiver.until(() => first.isClosed)
        receiver.set(200)
        assert.deepEqual(await worker.ask("/?log=b&flush=10000"), { flush: delivered(2) })
        const [, second] = receiver.batches
        assert.deepEqual(idsOf(second).slice(0, 1), idsOf(first))
        assert.deepEqual(receiver.accepted, { a: 1, b: 1 })
      })
    )

    test(
      "F98 an export whose request ended under it blocks no other request, and is sent again with the same ids",
      onWorkerd(async (worker, receiver) => {
        receiver.set("hold")
        await worker.ask("/?expect&log=a&forgetFlush&begun")
        await receiver.until(() => receiver.batches[0]?.isClosed === true)
        receiver.set(200)
        assert.deepEqual(await worker.ask("/?log=b&flush=10000"), { flush: delivered(2) })
        const [first, second] = receiver.batches
        assert.deepEqual(idsOf(second).slice(0, 1), idsOf(first))
        assert.deepEqual(receiver.accepted, { a: 1, b: 1 })
        assert.deepEqual(await worker.ask("/?log=c&flush=10000"), { flush: delivered(3) })
      })
    )

    test(
      "S0.30 a request that ends while its writer waits to try again leaves the next flush its attempt",
      onWorkerd(async (worker, receiver) => {
        receiver.set(503)
        await worker.ask("/?forgetCommit=a&state=degraded")
        receiver.set(200)
        assert.deepEqual(await worker.ask("/?log=b&flush=10000"), { flush: delivered(2) })
        assert.deepEqual(receiver.accepted, { a: 1, b: 1 })
      })
    )

    test(
      "S0.22 S0.30 over failing requests nothing is lost, and trouble and recovery give one notice each",
      onWorkerd(async (worker, receiver) => {
        receiver.set(503)
        for (const count of [1, 2, 3]) {
          assert.deepEqual(await worker.ask(`/?log=${count}&flush=10000`), { flush: waiting(count) })
        }
        receiver.set(200)
        assert.deepEqual(await worker.ask("/?flush=10000"), { flush: delivered(3) })
        assert.deepEqual(receiver.accepted, { 1: 1, 2: 1, 3: 1 })
        await untilHealth(worker, () => worker.told.includes("works again"))
        const told = worker.told.split("\n").filter((line) => line.includes("[daybook]"))
        assert.equal(told.length, 2, worker.told)
        assert.match(told[0], /edge: post: Cannot post a batch: it answers 503; 1 events waiting/)
        assert.match(told[1], /edge: post: works again; 0 events were dropped meanwhile/)
      })
    )

    test(
      "F47 a flush waits for the export that another request has under way, and does its own work then",
      onWorkerd(async (worker, receiver) => {
        receiver.set("hold")
        const first = worker.ask("/?log=a&flush=20000")
        await receiver.until(() => receiver.batches.length === 1)
        const second = worker.ask("/?log=b&flush=20000")
        await untilHealth(worker, ({ pending }) => pending === 2)
        receiver.set(200)
        receiver.batches[0].answer(200)
        assert.equal((await first).flush.complete, true)
        assert.deepEqual(await second, { flush: delivered(2) })
        assert.deepEqual(messagesOf(receiver.batches), ["a", "b"])
        assert.equal(receiver.openMost, 1)
      })
    )

    // 1,500 ms are five times the silence after which a request counts as dead; this one shows that it is alive.
    test(
      "S0.29 F26 a flush beside an export that goes on answers at its limit, and begins no second one",
      onWorkerd(async (worker, receiver) => {
        receiver.set("hold")
        const first = worker.ask("/?log=a&flush=20000")
        await receiver.until(() => receiver.batches.length === 1)
        assert.deepEqual(await worker.ask("/?log=b&flush=1500"), { flush: waiting(2) })
        assert.equal(receiver.batches.length, 1)
        receiver.set(200)
        receiver.batches[0].answer(200)
        assert.equal((await first).flush.complete, true)
        assert.deepEqual(await worker.ask("/?flush=10000"), { flush: delivered(2) })
        assert.deepEqual(receiver.accepted, { a: 1, b: 1 })
      })
    )

    test(
      "fifty requests at once, each event arrives once and one export at a time",
      onWorkerd(async (worker, receiver) => {
        const names = Array.from({ length: 50 }, (_, index) => `event ${index}`)
        await Promise.all(names.map((name) => worker.ask(`/audited?log=${encodeURIComponent(name)}`)))
        assert.deepEqual(await worker.ask("/?flush=10000"), { flush: delivered(50) })
        assert.deepEqual(receiver.accepted, Object.fromEntries(names.sort().map((name) => [name, 1])))
        assert.equal(receiver.openMost, 1)
      })
    )

    test(
      "commits of several requests succeed, each in its own, also when one request ended under its export",
      onWorkerd(async (worker, receiver) => {
        receiver.set("hold")
        await worker.ask("/?expect&forgetCommit=forgotten&begun")
        await receiver.until(() => receiver.batches[0]?.isClosed === true)
        receiver.set(200)
        const receipts = await Promise.all(["a", "b", "c"].map((name) => worker.ask(`/?commit=${name}`)))
        assert.deepEqual(
          receipts.map(({ commit }) => commit.durability),
          ["remote", "remote", "remote"]
        )
        assert.deepEqual(receipts.map(({ commit }) => commit.seq).sort(), [2, 3, 4])
        assert.deepEqual(receiver.accepted, { a: 1, b: 1, c: 1, forgotten: 1 })
      })
    )

    test(
      "a request that waits for room makes it",
      onWorkerd(async (worker) => {
        assert.deepEqual(await worker.ask("/?many=40&hasRoom"), { hasRoom: false })
        assert.deepEqual(await worker.ask("/?room&hasRoom&flush=10000"), {
          hasRoom: true,
          flush: delivered(40)
        })
      })
    )

    test(
      "S0.26 F48 close delivers and ends the log, and a later request's event is counted",
      onWorkerd(async (worker, receiver) => {
        await worker.ask("/?log=a")
        assert.deepEqual(await worker.ask("/?log=b&close=10000"), { close: delivered(2) })
        const { health } = await worker.ask("/?log=late&health")
        assert.equal(health.state, "closed")
        assert.equal(health.droppedBy.closed, 1)
        assert.deepEqual(receiver.accepted, { a: 1, b: 1 })
      })
    )
  })
}

test("S0.15 where workerd gives a worker its variables, they switch its log", () => {
  const variables = { EDGE_AUDIT_ENABLED: "0" }
  return withWorker(code, { flags: ["nodejs_compat"], bindings: variables }, async (worker, receiver) => {
    assert.deepEqual(await worker.ask("/?log=a&flush=10000"), { flush: delivered(0) })
    assert.deepEqual(receiver.batches, [])
  })
})

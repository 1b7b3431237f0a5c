// A worker and a receiver for one test on workerd, started and stopped together, and the counts that tests compare.
import assert from "node:assert/strict"
import { startReceiver } from "./receiver.mjs"
import { startWorker } from "./start-worker.mjs"

/**
 * The workerds that a log must live on. As of 2024-10 a promise goes on in the request that waits for it; before, in the
 * one that settled it. With `nodejs_compat`, Effect carries an asynchronous context from fiber to fiber.
 */
export const kinds = [
  { kind: "workerd", options: {} },
  { kind: "workerd with nodejs_compat", options: { flags: ["nodejs_compat"] } },
  { kind: "workerd of 2023", options: { date: "2023-06-01" } }
]

/** Runs `use` with a worker and a receiver; both are stopped afterwards. */
export const withWorker = async (code, options, use) => {
  const receiver = await startReceiver()
  const worker = await startWorker(code, {
    ...options,
    bindings: { ...options.bindings, RECEIVER: receiver.url }
  })
  try {
    await use(worker, receiver)
    // workerd's message when a request touches another one's promise, timer or connection.
    assert.doesNotMatch(worker.told, /different request/)
  } finally {
    await worker.stop()
    await receiver.close()
  }
}

/** The numbers of a flush after which everything has been delivered. */
export const delivered = (count) => ({
  complete: true,
  accepted: count,
  written: count,
  dropped: 0,
  pending: 0
})

/** The numbers of a flush after which everything still waits. */
export const waiting = (count) => ({
  complete: false,
  accepted: count,
  written: 0,
  dropped: 0,
  pending: count
})

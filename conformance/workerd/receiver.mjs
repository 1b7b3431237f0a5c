// The far end of the workers under test: an HTTP receiver on loopback, outside of workerd. It keeps every batch, and answers as a
// test says: accept, refuse, or hold until the test releases it. Nothing here waits for time.
import { createServer } from "node:http"

const sum = (map, key, by) => map.set(key, (map.get(key) ?? 0) + by)

/** Starts a receiver. A batch has `lines`, `isClosed` once its connection is gone, and `answer(status)`. */
export const startReceiver = async () => {
  const batches = []
  const watchers = new Set()
  const look = () => {
    for (const watcher of [...watchers]) watcher()
  }
  /** Resolves as soon as `condition` holds; it is checked whenever something came or went. */
  const until = (condition) =>
    new Promise((resolve) => {
      const watcher = () => {
        if (!condition()) return
        watchers.delete(watcher)
        resolve()
      }
      watchers.add(watcher)
      watcher()
    })

  let status = 200
  let open = 0
  let openMost = 0
  const take = (text, response) => {
    const batch = {
      lines: text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
      isAccepted: false,
      isClosed: false,
      answer: (given) => {
        batch.isAccepted = given === 200
        response.writeHead(given).end()
      }
    }
    batches.push(batch)
    open += 1
    openMost = Math.max(openMost, open)
    response.on("close", () => {
      open -= 1
      batch.isClosed = true
      look()
    })
    if (status !== "hold") batch.answer(status)
    look()
  }

  const server = createServer((request, response) => {
    const chunks = []
    request.on("data", (chunk) => chunks.push(chunk))
    request.on("end", () => take(Buffer.concat(chunks).toString("utf8"), response))
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    batches,
    until,
    /** From now on: 200, another status, or "hold". */
    set: (next) => {
      status = next
    },
    /** The most requests that were open at the same time. */
    get openMost() {
      return openMost
    },
    /** How often each message was accepted. */
    get accepted() {
      const counts = new Map()
      for (const { isAccepted, lines } of batches) {
        for (const { message } of isAccepted ? lines : []) sum(counts, message, 1)
      }
      return Object.fromEntries([...counts].sort())
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

// An OTLP/HTTP receiver in a process of its own, on 127.0.0.1 only. It takes logs as JSON, counts the records, and answers at once,
// or at first as slowly as a given rate of bytes. Prints its port when it listens; GET /count returns the count.

import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const [bytesPerSecondText = "0", slowUntilText = "0"] = process.argv.slice(2)
const bytesPerSecond = Number(bytesPerSecondText)
const slowUntilMs = Number(slowUntilText)

/** Every record of a batch has exactly one. */
const recordKey = Buffer.from('"observedTimeUnixNano":')
let records = 0

const countRecords = (body: Buffer): number => {
  let count = 0
  for (let at = body.indexOf(recordKey); at !== -1; at = body.indexOf(recordKey, at + recordKey.length))
    count += 1
  return count
}

const server = createServer((request, response) => {
  if (request.url === "/count") {
    response.end(String(records))
    return
  }
  const parts: Buffer[] = []
  request.on("data", (part: Buffer) => parts.push(part))
  request.on("end", () => {
    const body = Buffer.concat(parts)
    const answer = (): void => {
      records += countRecords(body)
      response.setHeader("content-type", "application/json")
      response.end("{}")
    }
    const isSlow = bytesPerSecond > 0 && Date.now() < slowUntilMs
    if (isSlow) setTimeout(answer, (body.length / bytesPerSecond) * 1_000)
    else answer()
  })
})

server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${port}\n`)
})

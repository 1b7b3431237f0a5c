// Our own collector on loopback. It takes requests apart and answers as the test says: well, badly, or never. What it
// acknowledged and what it only received are kept apart.
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"
import { onTestFinished } from "vitest"
import { decodeRequest, encodeAnswer, type PlainRecord } from "./plain-record.ts"

export interface Request {
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  /** The length as it came, and unpacked. */
  readonly bytes: number
  readonly unpackedBytes: number
  readonly records: readonly PlainRecord[]
}

/** Answers one request. */
export type Answer = (response: ServerResponse, request: Request) => void

export interface Collector {
  readonly url: string
  /** Every request, in order. */
  readonly requests: readonly Request[]
  /** The records of acknowledged requests, in order. */
  readonly records: readonly PlainRecord[]
  /** Sets the answers from now on: one after the other, the last one for ever. */
  answer(...answers: readonly [Answer, ...Answer[]]): void
  /** Resolves as soon as `isMet`; checked after each request and each end of an answer. */
  until(isMet: () => boolean): Promise<void>
  /** Ends what hangs. */
  release(): void
}

/** Responses that acknowledge their request. */
const acknowledging = new WeakSet<ServerResponse>()

/** Acknowledges in the request's own encoding. */
export const acknowledge: Answer = (response, { headers }) => {
  acknowledging.add(response)
  const isJson = headers["content-type"] === "application/json"
  send(200, isJson ? '{"partialSuccess":{}}' : encodeAnswer({}), {
    "content-type": isJson ? "application/json" : "application/x-protobuf"
  })(response, noRequest)
}

/** Acknowledges all records except for `rejected`. */
export const acknowledgeBut =
  (rejected: number): Answer =>
  (response, { headers }) => {
    acknowledging.add(response)
    const partialSuccess = { rejectedLogRecords: rejected, errorMessage: "a value that was logged" }
    const isJson = headers["content-type"] === "application/json"
    const inJson = JSON.stringify({
      partialSuccess: { ...partialSuccess, rejectedLogRecords: String(rejected) }
    })
    send(200, isJson ? inJson : encodeAnswer({ partialSuccess }), {
      "content-type": isJson ? "application/json" : "application/x-protobuf"
    })(response, noRequest)
  }

/** A complete answer. */
export const send =
  (status: number, body: string | Uint8Array = "", headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers }).end(body)

/** No answer until it is released. */
export const hang: Answer = () => undefined

const noRequest: Request = { path: "", headers: {}, bytes: 0, unpackedBytes: 0, records: [] }

/** Stops with the test that started it. */
export const startCollector = async (first: Answer = acknowledge): Promise<Collector> => {
  const requests: Request[] = []
  const records: PlainRecord[] = []
  const looks = new Set<() => void>()
  let answers: readonly Answer[] = [first]
  const look = (): void => {
    for (const one of [...looks]) one()
  }
  const take = (request: Request | undefined, response: ServerResponse): void => {
    if (request === undefined) return
    const [next = acknowledge, ...rest] = answers
    if (rest.length > 0) answers = rest
    requests.push(request)
    next(response, request)
    if (acknowledging.has(response)) records.push(...request.records)
    look()
  }
  const server = createServer((incoming, response) => {
    read(incoming).then(
      (request) => take(request, response),
      (error) => void response.writeHead(400).end(String(error))
    )
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`,
    requests,
    records,
    answer: (...next) => {
      answers = next
    },
    until: (isMet) =>
      new Promise((resolve) => {
        const one = (): void => {
          if (!isMet()) return
          looks.delete(one)
          resolve()
        }
        looks.add(one)
        one()
      }),
    release: () => server.closeAllConnections()
  }
}

/** `undefined` when the client went away before it had sent all. */
const read = async (incoming: IncomingMessage): Promise<Request | undefined> => {
  const parts: Buffer[] = []
  try {
    for await (const part of incoming) parts.push(part as Buffer)
  } catch {
    return undefined
  }
  const bytes = Buffer.concat(parts)
  const { headers, url: path = "" } = incoming
  const unpacked = headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes
  const records = unpacked.length === 0 ? [] : decodeRequest(unpacked, headers["content-type"] ?? "")
  return { path, headers, bytes: bytes.length, unpackedBytes: unpacked.length, records }
}

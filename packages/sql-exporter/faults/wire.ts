// A connection to a server that the test may cut at a chosen message: between what is sent and its answer nothing else can be.

import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import { freePort } from "../../otel-bridge/test/free-port.ts"

/** The `when`th message to the server in which this text is. */
export interface Cut {
  readonly text: string
  readonly when: number
  /** The server gets the message, or it does not. Its answer is kept back in either case. */
  readonly isSent: boolean
}

export interface Wire {
  /** The server's URL, by way of the wire. */
  readonly url: string
  /** Resolves at that moment, once: until all connections are cut, nothing passes on that one. */
  until(cut: Cut): Promise<void>
  /** Ends all connections, as they end when a machine is gone. */
  cut(): void
}

interface Waiting extends Cut {
  seen: number
  readonly reached: () => void
}

export const wireTo = async (url: string): Promise<Wire> => {
  const { hostname, port: target } = new URL(url)
  const port = await freePort()
  const sockets = new Set<Socket>()
  let waiting: Waiting | undefined

  const server = createServer((client) => {
    const upstream = connect(Number(target), hostname)
    let held: Waiting | undefined
    for (const [from, to] of [
      [client, upstream],
      [upstream, client]
    ] as const) {
      sockets.add(from)
      from.on("error", () => undefined)
      from.on("close", () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    client.on("data", (bytes) => {
      if (waiting !== undefined && bytes.includes(waiting.text) && ++waiting.seen === waiting.when) {
        held = waiting
        waiting = undefined
        if (!held.isSent) return held.reached()
      }
      upstream.write(bytes)
    })
    upstream.on("data", (bytes) => {
      if (held === undefined) client.write(bytes)
      else held.reached()
    })
  })
  server.listen(port, hostname)
  await once(server, "listening")
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    server.close()
    cut()
  })
  return {
    url: url.replace(`:${target}/`, `:${port}/`),
    until: (fatal) =>
      new Promise((reached) => {
        waiting = { ...fatal, seen: 0, reached }
      }),
    cut
  }
}

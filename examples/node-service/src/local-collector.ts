// A collector on this machine while a demo runs. It is rotel, a real collector, which decodes our requests by its own code and
// sends them on to a small receiver here, so that the demo can show what arrived. Where rotel is not installed (it exists for
// Linux on x64 only), the receiver is the collector.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import { setTimeout } from "node:timers/promises"
import { gunzipSync } from "node:zlib"
import { type ReceivedEvent, type ReceivedSpan, readLogs, readSpans } from "./otlp-request.ts"

export type { ReceivedEvent } from "./otlp-request.ts"

/** What a collector received. */
export interface Received {
  readonly spans: readonly ReceivedSpan[]
  readonly events: readonly ReceivedEvent[]
}

export interface LocalCollector {
  /** The address for OTLP over HTTP, without a path. */
  readonly url: string
  /** What it is, for people. */
  readonly name: string
  /** Stops it; before that it sends on what it still holds. */
  stop(): Promise<Received>
}

/** `onEvent` is called for each log record that arrives behind the collector. */
export const startLocalCollector = async (
  onEvent: (event: ReceivedEvent) => void = () => undefined
): Promise<LocalCollector> => {
  const spans: ReceivedSpan[] = []
  const events: ReceivedEvent[] = []
  const take = async (request: IncomingMessage): Promise<void> => {
    const body = await buffer(request)
    const bytes = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body
    if (request.url === "/v1/traces") spans.push(...readSpans(bytes))
    else {
      const arrived = readLogs(bytes)
      events.push(...arrived)
      arrived.forEach(onEvent)
    }
  }
  const receiver = createServer((request, response) => {
    take(request).then(
      () => response.writeHead(200, { "content-type": "application/x-protobuf" }).end(),
      () => response.writeHead(400).end()
    )
  })
  const receiverUrl = await listening(receiver)
  const rotel = await startRotel(receiverUrl)
  return {
    url: rotel?.url ?? receiverUrl,
    name: rotel === undefined ? "a small receiver, because rotel is not installed here" : "rotel",
    stop: async () => {
      await rotel?.stop()
      receiver.closeAllConnections()
      receiver.close()
      return { spans, events }
    }
  }
}

const listening = async (server: Server): Promise<string> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Rotel {
  readonly url: string
  stop(): Promise<void>
}

const startsMax = 3

const startRotel = async (target: string): Promise<Rotel | undefined> => {
  const platform = `rotel-${process.platform}-${process.arch}`
  const binary = join(import.meta.dirname, "../../../node_modules/@streamfold", platform, "bin/rotel-agent")
  if (!existsSync(binary)) return undefined
  for (let start = 1; start <= startsMax; start += 1) {
    const rotel = await tryRotel(binary, target)
    if (rotel !== undefined) return rotel
  }
  throw new Error(`Cannot start rotel: it ended at once, ${startsMax} times`)
}

/** `undefined` when it ended at once: another process may have taken the port meanwhile. */
const tryRotel = async (binary: string, target: string): Promise<Rotel | undefined> => {
  const dir = mkdtempSync(join(tmpdir(), "demo-collector-"))
  const [http, grpc] = [await freeAddress(), await freeAddress()]
  const args = [
    ...["start", "--pid-file", join(dir, "pid"), "--log-file", join(dir, "log")],
    ...["--otlp-http-endpoint", http, "--otlp-grpc-endpoint", grpc],
    ...["--exporter", "otlp", "--otlp-exporter-protocol", "http", "--otlp-exporter-endpoint", target],
    "--disable-batching"
  ]
  const child = spawn(binary, args, { stdio: "ignore" })
  // The collector must not outlive this process, however it ends.
  const end = (): void => {
    child.kill("SIGKILL")
    rmSync(dir, { recursive: true, force: true })
  }
  process.once("exit", end)
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit")
      child.kill("SIGTERM")
      await ended
    }
    process.off("exit", end)
    end()
  }
  const url = `http://${http}`
  if (await isAnswering(url, child)) return { url, stop }
  await stop()
  return undefined
}

const freeAddress = async (): Promise<string> => {
  const server = createServer()
  const { host } = new URL(await listening(server))
  server.close()
  await once(server, "close")
  return host
}

const isAnswering = async (url: string, child: ChildProcess): Promise<boolean> => {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      await fetch(url)
      return true
    } catch {
      await setTimeout(10)
    }
  }
  return false
}

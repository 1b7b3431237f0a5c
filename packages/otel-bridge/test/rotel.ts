// rotel, a real collector written in Rust, between the exporter and our receiver: it decodes our requests by its own code and
// sends them on as protobuf. Where it is not installed, tests are skipped with a reason.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { freePort } from "./free-port.ts"

const binary = join(
  import.meta.dirname,
  "../../../node_modules/@streamfold",
  `rotel-${process.platform}-${process.arch}`,
  "bin/rotel-agent"
)

/** The reason for `test.skip` where it is not installed. */
export const notInstalled: string | undefined = existsSync(binary)
  ? undefined
  : "the optional package @streamfold/rotel-linux-x64 is not installed on this machine"

export interface Rotel {
  readonly url: string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
}

/** Sends on to `target`, the base URL of an OTLP/HTTP receiver, one request for each that it gets. */
export const startRotel = async (target: string): Promise<Rotel> => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-rotel-"))
  const [http, grpc] = [await freePort(), await freePort()]
  const args = [
    ...["start", "--pid-file", join(dir, "pid"), "--log-file", join(dir, "log")],
    ...["--otlp-http-endpoint", `127.0.0.1:${http}`, "--otlp-grpc-endpoint", `127.0.0.1:${grpc}`],
    ...["--exporter", "otlp", "--otlp-exporter-protocol", "http", "--otlp-exporter-endpoint", target],
    ...["--otlp-exporter-compression", "none", "--disable-batching"]
  ]
  let child: ChildProcess | undefined
  const rotel: Rotel = {
    url: `http://127.0.0.1:${http}/v1/logs`,
    start: async () => {
      const started = spawn(binary, args, { stdio: "ignore" })
      child = started
      await answering(http, () => started.exitCode === null)
    },
    kill: async () => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, "exit")
      child.kill("SIGKILL")
      await ended
    }
  }
  onTestFinished(async () => {
    await rotel.kill()
    rmSync(dir, { recursive: true })
  })
  await rotel.start()
  return rotel
}

// Asked until it answers. The test's own time limit bounds the wait.
const answering = async (port: number, isAlive: () => boolean): Promise<void> => {
  while (isAlive()) {
    try {
      await fetch(`http://127.0.0.1:${port}/`)
      return
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  throw new Error("the collector ended as it started")
}

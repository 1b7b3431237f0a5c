// The official OpenTelemetry Collector as a process: started, killed and started again on one port. Where it cannot be built,
// tests are skipped with the reason. official-config.ts has its configurations, record-files.ts reads what it has written.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { inject, onTestFinished, type TestContext } from "vitest"
import { freePort } from "../test/free-port.ts"
import { type OfficialOptions, officialConfig } from "./official-config.ts"
import { RecordFiles } from "./record-files.ts"

export interface Official {
  readonly url: string
  readonly files: RecordFiles
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port, with a new file. */
  start(): Promise<void>
}

/** Skips the test where there is no collector. */
export const startOfficial = async (test: TestContext, options: OfficialOptions): Promise<Official> => {
  const found = inject("officialCollector")
  if ("missing" in found) return test.skip(found.missing)
  const dir = mkdtempSync(join(tmpdir(), "daybook-official-"))
  const files = new RecordFiles(dir)
  const port = await freePort()
  let child: ChildProcess | undefined
  let starts = 0
  const official: Official = {
    url: `http://127.0.0.1:${port}/v1/logs`,
    files,
    start: async () => {
      starts += 1
      const config = join(dir, "config.yaml")
      writeFileSync(config, officialConfig(options, port, dir, join(dir, `records-${starts}.jsonl`)))
      const started = spawn(found.binary, [`--config=${config}`], { stdio: ["ignore", "ignore", "pipe"] })
      child = started
      await ready(started)
    },
    kill: async () => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, "exit")
      child.kill("SIGKILL")
      await ended
    }
  }
  onTestFinished(async () => {
    await official.kill()
    files.close()
    rmSync(dir, { recursive: true })
  })
  await official.start()
  return official
}

/** Its log is read to the end, so that it never blocks on a full pipe. */
const ready = (child: ChildProcess): Promise<void> =>
  new Promise((succeed, fail) => {
    const told: string[] = []
    if (child.stderr === null) return fail(new Error("the collector has no stderr"))
    createInterface({ input: child.stderr }).on("line", (line) => {
      told.push(line)
      if (line.includes("Everything is ready")) succeed()
    })
    child.on("exit", () => fail(new Error(`the collector ended as it started: ${told.join("\n")}`)))
  })

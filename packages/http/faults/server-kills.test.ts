// A server that is killed ten times while a page goes on: what its files hold in the end is each event once.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readRecent } from "@daybook/file-exporter"
import { expect, it, onTestFinished, vi } from "vitest"
import { inOrder, openBrowser, openLogPage, startPageServer, upTo } from "../test/page/page-bench.ts"

const soon = { timeout: 60_000, interval: 50 }
const script = join(import.meta.dirname, "kill-server.ts")

const startServer = async (dir: string): Promise<{ readonly child: ChildProcess; readonly port: number }> => {
  const child = spawn(process.execPath, ["--conditions=@daybook/source", script, dir], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  const [line] = (await once(child.stdout ?? child, "data")) as [Buffer]
  return { child, port: Number(String(line).trim()) }
}

const recordedIn = async (dir: string): Promise<readonly number[]> => {
  const numbers: number[] = []
  for await (const row of readRecent({ app: "shop", dir, limit: Number.POSITIVE_INFINITY }))
    if ("kind" in row && row.kind === "event") numbers.push((row.head.origin as { readonly n: number }).n)
  return inOrder(numbers)
}

it("F32 a server that is killed ten times has each event of a page once, in its files", {
  timeout: 240_000
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-kills-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const front = await startPageServer()
  let { child, port } = await startServer(dir)
  front.forwardTo = port
  const page = await openLogPage(await openBrowser(), front)
  await page.evaluate(
    "window.last = 0; let n = 1; setInterval(() => { if (n <= last) { fill(20, n); n += 20 } }, 40)"
  )
  let unanswered = 0
  for (let kill = 0; kill < 10; kill++) {
    const { requests } = front
    await page.evaluate("last += 500")
    // Each time at another moment of a request: when it has come, when its body was handed over, or after answers.
    await vi.waitFor(() => expect(front.requests).toBeGreaterThan(requests + (kill % 2)), {
      ...soon,
      interval: 1 + kill
    })
    const ended = once(child, "exit")
    child.kill("SIGKILL")
    await ended
    unanswered = front.unanswered
    ;({ child, port } = await startServer(dir))
    front.forwardTo = port
    await page.evaluate("window.dispatchEvent(new Event('online'))")
  }
  await page.waitForFunction(
    "audit.health().exporters[0].accepted === 5_000 && audit.health().exporters[0].pending === 0",
    undefined,
    {
      timeout: 60_000
    }
  )
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  await ended
  expect(unanswered).toBeGreaterThan(0)
  expect(await recordedIn(dir)).toEqual(upTo(5_000))
})

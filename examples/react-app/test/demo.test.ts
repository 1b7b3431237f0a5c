// The demo as a person starts and ends it: it shows the address of the app and the records of the collector, and leaves nothing behind.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { launchChromium } from "../../../vitest.page.ts"
import { temporaryDir, waitMs } from "./open-app.ts"

const root = join(import.meta.dirname, "..")

interface Demo {
  readonly output: () => string
  readonly url: Promise<string>
  /** True while a process of the demo is left. */
  isAlive(): boolean
  /** What a terminal does on Ctrl-C: every process of the group gets it. */
  end(signal: NodeJS.Signals): Promise<number | null>
  readonly dir: string
}

const startDemo = (...imports: readonly string[]): Demo => {
  const dir = temporaryDir()
  const args = ["tsx", ...imports].flatMap((module) => ["--import", module])
  const program = ["--conditions=@daybook/source", ...args, join(root, "src/server/main.ts")]
  const env = { PATH: process.env.PATH ?? "", HOME: dir, TMPDIR: dir }
  // A process group of its own, so that its children can be found afterwards.
  const child = spawn(process.execPath, program, { cwd: root, env, detached: true })
  const ended = once(child, "exit")
  const isAlive = (): boolean => {
    try {
      return process.kill(-(child.pid ?? 0), 0)
    } catch {
      return false
    }
  }
  onTestFinished(() => {
    if (isAlive()) process.kill(-(child.pid ?? 0), "SIGKILL")
  })
  let output = ""
  const url = new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString()
      const found = /➜ {2}(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Ctrl-C/.exec(output)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on("data", take)
    child.stderr.on("data", take)
    child.on("exit", () => reject(new Error(`the demo ended:\n${output}`)))
  })
  return {
    dir,
    url,
    output: () => output,
    isAlive,
    end: async (signal) => {
      process.kill(-(child.pid ?? 0), signal)
      const [code] = await ended
      return code
    }
  }
}

const openIn = async (url: string): Promise<void> => {
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByRole("button", { name: "Stock prices" }).click()
  await page.getByText("1 file added.").waitFor({ state: "attached" })
}

/** As if its optional package had not been installed. */
const withoutRotel = `
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
const { existsSync } = fs
fs.existsSync = (path) => !String(path).includes("rotel") && existsSync(path)
syncBuiltinESMExports()
`

describe("npm run demo:web", () => {
  for (const [signal, code] of [
    ["SIGINT", 0],
    ["SIGTERM", 143]
  ] as const) {
    it(`shows the app and each record that the collector gets, and ends with ${signal}, leaving nothing`, async () => {
      const demo = startDemo()
      await openIn(await demo.url)
      await expect.poll(demo.output, waitMs).toMatch(/^ {2}collector {2}upload {5}Uploaded stocks\.csv$/m)
      expect(demo.output()).toMatch(/^ {2}collector {2}session {4}Session started$/m)
      expect(await demo.end(signal)).toBe(code)
      await expect.poll(demo.isAlive, waitMs).toBe(false)
      expect(readdirSync(demo.dir).filter((name) => /^(datatools-web|demo-collector)-/.test(name))).toEqual(
        []
      )
    })
  }

  it("without a real collector it says so, and shows the same", async () => {
    const demo = startDemo(`data:text/javascript,${encodeURIComponent(withoutRotel)}`)
    const url = await demo.url
    expect(demo.output()).toContain("a small receiver, because rotel is not installed here")
    await openIn(url)
    await expect.poll(demo.output, waitMs).toMatch(/^ {2}collector {2}upload {5}Uploaded stocks\.csv$/m)
    expect(await demo.end("SIGINT")).toBe(0)
  })
})

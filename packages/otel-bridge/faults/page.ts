// A page in a real browser: bundled as an application would be, served from its own origin, and used by the tests through
// functions that it puts on its window. Where there is no browser, a test says why and is left out.
import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { chromium } from "playwright"
import { build } from "vite"
import { onTestFinished, type TestContext } from "vitest"
import type { OtelExporterOptions } from "../src/index.ts"

const entryId = join(import.meta.dirname, "page-entry.js")

/** What a page does, in the browser's words: `logAndFlush` is called by the tests. */
const entry = `
import { createAuditLog } from "@daybook/core"
import { otelExporter } from "@daybook/otel-bridge"
window.logAndFlush = async (options, count) => {
  const told = []
  const exporters = [otelExporter(options)]
  const audit = createAuditLog({ app: "page", exporters, notice: (line) => told.push(line) })
  for (let n = 1; n <= count; n++) audit.log("case", "event " + n, { n, where: location.origin })
  const { complete, written, pending, dropped } = await audit.flush({ timeoutMs: 10_000 })
  return { complete, written, pending, dropped, told }
}
`

export interface PageResult {
  readonly complete: boolean
  readonly written: number
  readonly pending: number
  readonly dropped: number
  readonly told: readonly string[]
}

export interface OpenPage {
  readonly origin: string
  /** In the page: a log with one exporter, that many events, and a flush. */
  logAndFlush(options: OtelExporterOptions, count: number): Promise<PageResult>
}

/** Closed with the test. */
export const openPage = async (test: TestContext): Promise<OpenPage> => {
  const executablePath = browserPath()
  if (executablePath === undefined) return test.skip("chromium is not installed on this machine")
  const origin = await serve(await bundle())
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(origin)
  return {
    origin,
    logAndFlush: (options, count) => page.evaluate(`logAndFlush(${JSON.stringify(options)}, ${count})`)
  }
}

const browserPath = (): string | undefined => {
  const { stdout } = spawnSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" })
  return stdout.trim() === "" ? undefined : stdout.trim()
}

/** One script, from the sources, with what a browser resolves. */
const bundle = async (): Promise<string> => {
  const given = {
    name: "given-entry",
    enforce: "pre" as const,
    resolveId: (id: string) => (id === entryId ? `\0${id}` : null),
    load: (id: string) => (id === `\0${entryId}` ? entry : null)
  }
  const built = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: "warn",
    plugins: [given],
    resolve: { conditions: ["@daybook/source", "module", "browser"] },
    build: {
      write: false,
      minify: false,
      lib: { entry: entryId, formats: ["es"] },
      rolldownOptions: { output: { codeSplitting: false } }
    }
  })
  const outputs = Array.isArray(built) ? built : [built]
  const chunks = outputs.flatMap((one) => ("output" in one ? one.output : []))
  const [chunk, ...others] = chunks.flatMap((part) => (part.type === "chunk" ? [part.code] : []))
  if (chunk === undefined || others.length > 0) throw new Error("a page's script must be one file")
  return chunk
}

const serve = async (script: string): Promise<string> => {
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js"
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" })
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>')
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

// A page with our log and its server: the page's script is bundled as an application's, served from the server's own origin, and
// used through what it puts on its window. The server can be away, die after it has written, and start anew.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import {
  request as ask,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { type MemoryExporter, memoryExporter } from "@daybook/core/testing"
import type { Browser, BrowserContext, Page } from "playwright"
import { toNodeHandler } from "srvx/node"
import { onTestFinished } from "vitest"
import { chromiumArgs, chromiumPath } from "../../../../vitest.chromium.ts"
import { bundle, launchChromium } from "../../../../vitest.page.ts"
import { createIngest, type Ingest, type IngestOptions } from "../../src/ingest.ts"
import { Uploaded } from "./events.ts"

const pkg = join(import.meta.dirname, "../..")

const script = `
import { createPageAudit, recentLines } from "./src/page.ts"
import { Uploaded } from "./test/page/events.ts"
const options = new URLSearchParams(location.search)
const recent = recentLines()
let owner = options.get("owner") ?? ""
const audit = createPageAudit({
  app: "shop",
  recent,
  owner: () => owner,
  offline: options.has("offline") ? () => import("./src/page-offline.ts") : undefined,
  headers: () => (owner === "" ? {} : { authorization: "Bearer " + owner })
})
const fill = (count, from = 1) => {
  for (let n = from; n < from + count; n++) audit.log(Uploaded({ n }))
}
Object.assign(window, { Uploaded, audit, recent, fill, signIn: (who) => { owner = who } })
if (options.has("log")) fill(Number(options.get("log")))
// Long after a page that is shown would have sent.
if (options.has("tell")) setTimeout(() => fetch("/prepared?" + document.prerendering), 1_500)
`

let built: Promise<string> | undefined

/** How the server behaves: `away` closes every connection, `deaf` writes and then closes it without an answer. */
export type Mode = "up" | "away" | "deaf"

export interface PageServer {
  readonly origin: string
  readonly exporter: MemoryExporter
  readonly ingest: Ingest
  mode: Mode
  /** Requests to `/daybook` so far. */
  requests: number
  /** The port of another process that answers instead. */
  forwardTo: number | undefined
  /** Requests whose answer did not come from there. */
  unanswered: number
  /** A server that knows only what it recalls, if it does. */
  restart(recall: boolean): void
  /** `origin.seq` of all recorded events of the category upload. */
  recorded(): readonly number[]
  /** What a page said of itself that was asked to tell: whether it was still being made in advance. */
  readonly told: Promise<string>
  /** Lets the page that waits for it go on. */
  letGo(): void
  /** Claims of gaps that were recorded. */
  gaps(): readonly { readonly count: number; readonly reasons: Record<string, number> }[]
}

const userOf: IngestOptions["authorize"] = (request) => {
  const user = request.headers.get("authorization")?.replace("Bearer ", "")
  return user === undefined ? {} : { user }
}

export const startPageServer = async (more: Partial<IngestOptions> = {}): Promise<PageServer> => {
  built ??= bundle(pkg, script)
  const code = await built
  const exporter = memoryExporter({ required: true })
  const audit = createAuditLog({ app: "shop", exporters: [exporter], exitHook: false, env: {} })
  const makeIngest = (recall?: IngestOptions["recall"]): Ingest =>
    createIngest({
      audit,
      events: [Uploaded],
      authorize: userOf,
      rate: { perSecond: 100_000, atOnce: 100_000 },
      ...more,
      ...(recall === undefined ? {} : { recall })
    } as IngestOptions)
  let ingest = makeIngest()
  const told = Promise.withResolvers<string>()
  const go = Promise.withResolvers<void>()
  const state: PageServer = {
    origin: "",
    told: told.promise,
    letGo: () => go.resolve(),
    exporter,
    get ingest() {
      return ingest
    },
    mode: "up",
    requests: 0,
    forwardTo: undefined,
    unanswered: 0,
    restart: (recall) => {
      const events = exporter.events.toReversed()
      ingest = makeIngest(
        recall
          ? async function* () {
              yield* events
            }
          : undefined
      )
    },
    recorded: () =>
      exporter.events.flatMap(({ head }) =>
        head.category === "upload" ? [(head.origin as { readonly seq: number }).seq] : []
      ),
    gaps: () =>
      exporter.events.flatMap(({ head, kind }) =>
        head.category === "gap" && kind === "event" ? [head.origin as never] : []
      )
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.startsWith("/daybook") === true) {
      state.requests += 1
      if (state.forwardTo !== undefined)
        return forward(request, response, state.forwardTo, () => {
          state.unanswered += 1
        })
      if (state.mode === "away") return void request.socket.destroy()
      if (state.mode === "up") return void (await toNodeHandler(ingest)(request as never, response as never))
      return answerDeaf(ingest, request)
    }
    const [path, query = ""] = (request.url ?? "").split("?")
    if (path === "/prepared") told.resolve(query)
    if (path === "/go") await go.promise
    const isScript = request.url === "/page.js"
    const hasScript = !isScript && request.url?.startsWith("/elsewhere") !== true
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" })
    response.end(
      isScript
        ? code
        : `<!doctype html><title>page</title><link rel="icon" href="data:,">${hasScript ? '<script type="module" src="/page.js"></script>' : rules(request.url)}`
    )
  }
  const server: Server = createServer((request, response) => void answer(request, response))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(state, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

/** `/elsewhere?prerender=/path` makes the browser prepare that page, and go there when it is let go. */
const rules = (url: string | undefined): string => {
  const path = new URL(url ?? "", "http://x").searchParams.get("prerender")
  if (path === null) return ""
  const list = { prerender: [{ source: "list", urls: [path], eagerness: "immediate" }] }
  const goThere = `fetch("/go").then(() => { location.href = ${JSON.stringify(path)} })`
  return `<script type="speculationrules">${JSON.stringify(list)}</script><script>${goThere}</script>`
}

const forward = (
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  failed: () => void
): void => {
  const { method, url: path, headers } = request
  const through = ask({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
  })
  through.on("error", () => {
    failed()
    request.socket.destroy()
  })
  request.pipe(through)
}

/** Writes the batch, and dies before it answers. */
const answerDeaf = async (ingest: Ingest, request: IncomingMessage): Promise<void> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === "string") headers.set(name, value)
  await ingest(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: "POST",
      headers,
      body: Buffer.concat(parts)
    })
  )
  request.socket.destroy()
}

/** A browser for the test. */
export const openBrowser = async (): Promise<Browser> => {
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  return browser
}

/** A browser that no debugger is attached to, at an address: an attached one makes no pages in advance. */
export const openAlone = (url: string): void => {
  const folder = mkdtempSync(join(tmpdir(), "daybook-page-"))
  const args = [...chromiumArgs, "--headless", `--user-data-dir=${folder}`, url]
  const browser = spawn(chromiumPath(), args, { stdio: "ignore" })
  onTestFinished(async () => {
    const ended = once(browser, "exit")
    browser.kill()
    await ended
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  })
}

/** A page with the log on its window. Pages of one context share what a browser stores. */
export const openLogPage = async (
  browser: Browser | BrowserContext,
  { origin }: PageServer,
  query = ""
): Promise<Page> => {
  const page = await browser.newPage()
  await page.goto(`${origin}/${query}`)
  await page.waitForFunction("window.audit !== undefined")
  return page
}

/** 1 to `count`. */
export const upTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1)

export const inOrder = (numbers: readonly number[]): readonly number[] => numbers.toSorted((a, b) => a - b)

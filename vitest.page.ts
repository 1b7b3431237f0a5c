// A page in a real browser: a script bundled from the sources as an application would, served from an origin of its own, and
// used by tests through what it puts on its window. vitest.chromium.ts finds the browser.

import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { type Browser, chromium, type Page } from "playwright"
import { build } from "vite"
import { onTestFinished } from "vitest"
import { chromiumArgs, chromiumPath } from "./vitest.chromium.ts"

export interface OpenPage {
  readonly page: Page
  readonly origin: string
}

/** Starts the browser as people have it: Playwright switches the back/forward cache off. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    args: [...chromiumArgs],
    ignoreDefaultArgs: ["--disable-back-forward-cache"]
  })

/** Bundles the script, with imports looked up from `root`, and opens a page with it. Closed with the test. */
export const openPage = async (root: string, script: string): Promise<OpenPage> => {
  const origin = await serve(await bundle(root, script))
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(origin)
  return { page, origin }
}

/** One script, with what a browser resolves. */
export const bundle = async (root: string, script: string): Promise<string> => {
  const entryId = join(root, "page-entry.js")
  const given = {
    name: "given-entry",
    enforce: "pre" as const,
    resolveId: (id: string) => (id === entryId ? `\0${id}` : null),
    load: (id: string) => (id === `\0${entryId}` ? script : null)
  }
  const built = await build({
    root,
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

/** `/page.js` is the script; every other path is a page with it, but for `/elsewhere`, which has none. */
const serve = async (script: string): Promise<string> => {
  const server = createServer(({ url }, response) => {
    const isScript = url === "/page.js"
    const page = url === "/elsewhere" ? "" : '<script type="module" src="/page.js"></script>'
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" })
    response.end(isScript ? script : `<!doctype html><title>page</title>${page}`)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

// A whole page in Chromium, made of files that a test writes and changes, served by a real Vite with either React. A test can
// leave it and come back to it. page-on-its-own.ts opens what only a browser without a debugger shows.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import reactPlugin from "@vitejs/plugin-react"
import type { Page } from "playwright"
import { createServer, type PluginOption } from "vite"
import { onTestFinished } from "vitest"
import { launchChromium } from "../../../../vitest.page.ts"
import { type ReactMajor, reactAliases } from "../react-versions.ts"

const pkg = join(import.meta.dirname, "../..")

export interface ReactPageOptions {
  readonly react: ReactMajor
  /** By name; `main.tsx` is the entry. */
  readonly files: Readonly<Record<string, string>>
  /** Modules are replaced when their files change. The connection for that keeps a page out of the back/forward cache. */
  readonly isHot: boolean
}

export interface ServedPage {
  readonly origin: string
  /** Writes a file again, and notifies Vite. */
  readonly edit: (name: string, text: string) => void
}

export interface ReactPage extends ServedPage {
  readonly page: Page
}

const html = (title: string, script: string): string =>
  `<!doctype html><html lang="en"><title>${title}</title><body><div id="root"></div>${script}</body></html>`

/** Serves the files. The end of the test closes and removes them. */
export const servePage = async (
  { react, files, isHot }: ReactPageOptions,
  ...plugins: readonly PluginOption[]
): Promise<ServedPage> => {
  const scratch = join(pkg, ".vitest")
  mkdirSync(scratch, { recursive: true })
  const root = mkdtempSync(join(scratch, "page-"))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const write = (name: string, text: string): void => writeFileSync(join(root, name), text)
  write("index.html", html("page", '<script type="module" src="/main.tsx"></script>'))
  write("elsewhere.html", html("elsewhere", ""))
  for (const [name, text] of Object.entries(files)) write(name, text)

  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    appType: "mpa",
    cacheDir: join(scratch, `pages-react-${react}`),
    plugins: [reactPlugin(), ...plugins],
    resolve: {
      alias: [...reactAliases(react)],
      conditions: ["@daybook/source", "module", "browser", "development|production"]
    },
    // Watching files takes time, and may merge two edits: Vite is notified of each instead.
    server: { host: "127.0.0.1", port: 0, watch: null, ...(isHot ? {} : { hmr: false, ws: false }) }
  })
  onTestFinished(() => server.close())
  await server.listen()
  return {
    origin: server.resolvedUrls?.local[0] ?? "",
    edit: (name, text) => {
      write(name, text)
      server.watcher.emit("change", join(root, name))
    }
  }
}

/** Serves the files and opens the page. The end of the test closes and removes both. */
export const openReactPage = async (options: ReactPageOptions): Promise<ReactPage> => {
  const served = await servePage(options)
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(served.origin)
  return { ...served, page }
}

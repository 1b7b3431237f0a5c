// Builds the app once and serves it from a temporary directory, with the collector and the page's trail behind its
// origin. The demo and the tests use it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build, preview } from "vite"
import { collectorProxy } from "./collector-proxy.ts"
import { openPageTrail } from "./page-trail.ts"

export interface ServedApp {
  readonly url: string
  stop(): Promise<void>
}

export interface BuiltApp {
  /**
   * `collectorUrl` is without a path. Takes the first free port from `port` on; 0 takes any. The page's trail is kept in
   * `trailDir`.
   */
  serve(options: {
    readonly collectorUrl: string
    readonly port: number
    readonly trailDir: string
  }): Promise<ServedApp>
  /** Removes the build. */
  remove(): void
}

const root = join(import.meta.dirname, "../..")

/** @throws the error of vite when the app cannot be built. */
export const buildApp = async (): Promise<BuiltApp> => {
  const outDir = mkdtempSync(join(tmpdir(), "datatools-web-"))
  const remove = (): void => rmSync(outDir, { recursive: true, force: true })
  process.once("exit", remove)
  await build({ root, logLevel: "warn", build: { outDir, emptyOutDir: true } })
  return {
    serve: async ({ collectorUrl, port, trailDir }) => {
      const trail = openPageTrail(trailDir)
      const server = await preview({
        root,
        // vite would report each request that finds no collector; the page shows that itself.
        logLevel: "silent",
        build: { outDir },
        plugins: [trail.plugin(readFileSync(join(outDir, "index.html"), "utf8"))],
        // Vite would let the pages of every other local server read the answers, and with the page the token.
        preview: { host: "127.0.0.1", port, cors: false, proxy: collectorProxy(collectorUrl) }
      })
      const [url] = server.resolvedUrls?.local ?? []
      if (url === undefined) throw new Error("the server is not listening")
      const stop = async (): Promise<void> => {
        await server.close()
        await trail.close()
      }
      return { url: url.replace(/\/$/, ""), stop }
    },
    remove: () => {
      process.off("exit", remove)
      remove()
    }
  }
}

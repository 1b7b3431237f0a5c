// Builds the app once and serves it from a temporary directory, with the collector behind its origin. The demo and the tests use
// it.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build, preview } from "vite"
import { collectorProxy } from "./collector-proxy.ts"

export interface ServedApp {
  readonly url: string
  stop(): Promise<void>
}

export interface BuiltApp {
  /** `collectorUrl` is without a path. Takes the first free port from `port` on; 0 takes any. */
  serve(options: { readonly collectorUrl: string; readonly port: number }): Promise<ServedApp>
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
    serve: async ({ collectorUrl, port }) => {
      const server = await preview({
        root,
        // vite would report each request that finds no collector; the page shows that itself.
        logLevel: "silent",
        build: { outDir },
        preview: { host: "127.0.0.1", port, proxy: collectorProxy(collectorUrl) }
      })
      const [url] = server.resolvedUrls?.local ?? []
      if (url === undefined) throw new Error("the server is not listening")
      return { url: url.replace(/\/$/, ""), stop: () => server.close() }
    },
    remove: () => {
      process.off("exit", remove)
      remove()
    }
  }
}

// The app as a server gives it to people: built once, served from a directory of its own, with the collector behind its
// origin. Used by the demo and by the tests alike.
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
  /** `collectorUrl` is without a path. From `port` on, the first that is free; 0 is any. */
  serve(options: { readonly collectorUrl: string; readonly port: number }): Promise<ServedApp>
  /** Removes what was built. */
  remove(): void
}

const root = join(import.meta.dirname, "../..")

/** @throws what vite says when the app cannot be built. */
export const buildApp = async (): Promise<BuiltApp> => {
  const outDir = mkdtempSync(join(tmpdir(), "datatools-web-"))
  const remove = (): void => rmSync(outDir, { recursive: true, force: true })
  process.once("exit", remove)
  await build({ root, logLevel: "warn", build: { outDir, emptyOutDir: true } })
  return {
    serve: async ({ collectorUrl, port }) => {
      const server = await preview({
        root,
        // It would report each request that finds no collector; the page says that itself.
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

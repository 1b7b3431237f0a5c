// Bundles a module for workerd as a deployment would, and runs it on the real workerd through miniflare: on loopback, with nothing
// fetched from anywhere.
import { join } from "node:path"
import { Miniflare } from "miniflare"
import { build } from "vite"

/** What bundlers for workers resolve with; the built packages, not their sources. */
const conditions = ["workerd", "worker", "module", "browser"]

/** A worker's entries are its module's default export, under any name in their file. */
const entryOf = (file) =>
  `export { entries as default } from ${JSON.stringify(join(import.meta.dirname, file))}`

/**
 * Bundles one worker into one module: `file` exports its `entries`, or `entry` is the text of the whole module. `files`
 * gives names of imports a file beside this one, `texts` a text.
 */
export const bundle = async ({ file, entry = entryOf(file), files = {}, texts = {} }) => {
  const entryId = join(import.meta.dirname, "entry.mjs")
  const modules = { ...texts, [entryId]: entry }
  const given = {
    name: "given-modules",
    enforce: "pre",
    resolveId: (id) =>
      id in files ? join(import.meta.dirname, files[id]) : id in modules ? `\0${id}` : null,
    load: (id) => (id.startsWith("\0") ? (modules[id.slice(1)] ?? null) : null)
  }
  const isForeign = (id) => /^(node|cloudflare):/.test(id) && !(id in files)
  const output = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: "warn",
    plugins: [given],
    resolve: { conditions },
    build: {
      write: false,
      minify: false,
      target: "es2023",
      lib: { entry: entryId, formats: ["es"] },
      rolldownOptions: { external: isForeign }
    }
  })
  const [{ output: chunks }] = Array.isArray(output) ? output : [output]
  const [{ code, imports }, ...others] = chunks
  if (others.length > 0) throw new Error(`${file}: a worker must be one module`)
  return { code, imports }
}

/** Starts a worker from a bundle. `bindings` are its environment. */
export const startWorker = async (code, { date = "2026-07-01", flags = [], bindings = {} } = {}) => {
  let told = ""
  const miniflare = new Miniflare({
    name: "worker",
    host: "127.0.0.1",
    port: 0,
    cf: false,
    modules: true,
    script: code,
    compatibilityDate: date,
    compatibilityFlags: flags,
    bindings,
    handleRuntimeStdio: (stdout, stderr) => {
      for (const stream of [stdout, stderr]) {
        stream.on("data", (text) => {
          told += text
        })
      }
    }
  })
  const url = await miniflare.ready
  return {
    origin: url.origin,
    /** Calls the fetch entry through a real socket. */
    get: (path) => fetch(new URL(path, url)),
    /** The same, for an answer in JSON. */
    ask: async (path) => {
      const response = await fetch(new URL(path, url))
      const text = await response.text()
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
      return JSON.parse(text)
    },
    /** The other entries: `scheduled(…)`, `queue(…)`. */
    entries: () => miniflare.getWorker(),
    /** workerd's output on stdout and stderr so far. */
    get told() {
      return told
    },
    stop: () => miniflare.dispose()
  }
}

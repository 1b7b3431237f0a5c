// What is bundled for browsers and for workerd, built from source as an application's bundler would: everything that core
// and its dependencies import there, and none of it from Node. What the code does there is shown in conformance/.

import { builtinModules } from "node:module"
import { join, relative } from "node:path"
import { build } from "vite"
import { beforeAll, describe, expect, it } from "vitest"
import manifest from "../package.json" with { type: "json" }

const core = join(import.meta.dirname, "..")
const builtins = new Set(builtinModules)
const isBuiltin = (id: string): boolean => id.startsWith("node:") || builtins.has(id)

interface Graph {
  /** Files of core, relative to it. */
  readonly files: readonly string[]
  /** What the bundle imports from outside. */
  readonly imports: readonly string[]
}

/** Builds all entries of the package in memory. What Node would bring stays an import, where vite would put a stub. */
const graphFor = async (conditions: readonly string[]): Promise<Graph> => {
  const entries = Object.values(manifest.exports).map((entry) => join(core, entry["@daybook/source"]))
  const built = await build({
    root: core,
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@daybook/source", ...conditions] },
    build: {
      write: false,
      minify: false,
      lib: { entry: entries, formats: ["es"] },
      rolldownOptions: { external: isBuiltin }
    }
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    "output" in one ? one.output : []
  )
  const chunks = outputs.filter((output) => output.type === "chunk")
  const names = new Set(chunks.map(({ fileName }) => fileName))
  const imports = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
  return {
    files: chunks.flatMap(({ moduleIds }) => moduleIds.map((id) => relative(core, id))).sort(),
    imports: [...new Set(imports)].filter((id) => !names.has(id)).sort()
  }
}

const graphs = [
  { host: "browsers", conditions: ["browser", "module"], file: "src/host/host.web.ts" },
  { host: "workerd", conditions: ["workerd", "worker", "browser", "module"], file: "src/host/host.edge.ts" },
  // A bundler that promises nothing is given the web platform and no more.
  { host: "anything else", conditions: ["module"], file: "src/host/host.web.ts" }
]

describe.each(graphs)("core bundled for $host", ({ conditions, file }) => {
  let graph: Graph = { files: [], imports: [] }
  beforeAll(async () => {
    graph = await graphFor(conditions)
  })

  it("imports nothing from Node, nor anything else from outside", () => {
    expect(graph.imports).toEqual([])
  })

  it("has this host's file, and none that is written for another", () => {
    const hosts = graph.files.filter((name) => name.startsWith("src/host/host."))
    expect(hosts).toEqual([file])
    expect(graph.files.filter((name) => name.endsWith(".node.ts"))).toEqual([])
    expect(graph.files).toContain("src/log/log.ts")
  })
})

describe("core bundled for Node", () => {
  it("imports from Node: the search above finds what is there to find", async () => {
    const { files, imports } = await graphFor(["node", "module"])
    expect(files).toContain("src/host/host.node.ts")
    expect(imports).toContain("node:async_hooks")
    expect(imports).toContain("node:fs")
  })
})

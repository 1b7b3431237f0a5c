// What is bundled for browsers and for workerd, built from source as an application's bundler would build it: everything that
// this package and its dependencies import there, and nothing from Node.
import { builtinModules } from "node:module"
import { join, relative } from "node:path"
import { build } from "vite"
import { describe, expect, it } from "vitest"
import manifest from "../package.json" with { type: "json" }
import { scope } from "../src/version.ts"

const pkg = join(import.meta.dirname, "..")
const builtins = new Set(builtinModules)
const isBuiltin = (id: string): boolean => id.startsWith("node:") || builtins.has(id)

/** Our files, and what the bundle imports from outside. Imports from Node stay imports; vite would put a stub. */
const graphFor = async (conditions: readonly string[]) => {
  const built = await build({
    root: pkg,
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@daybook/source", ...conditions] },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(pkg, manifest.exports["."]["@daybook/source"]), formats: ["es"] },
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
    files: chunks.flatMap(({ moduleIds }) => moduleIds.map((id) => relative(pkg, id))),
    imports: [...new Set(imports)].filter((id) => !names.has(id)).sort()
  }
}

describe.each([
  { host: "browsers", conditions: ["browser", "module"] },
  { host: "workerd", conditions: ["workerd", "worker", "browser", "module"] },
  // A bundler without a named host gets the web platform only.
  { host: "anything else", conditions: ["module"] }
])("the bridge bundled for $host", ({ conditions }) => {
  it("imports nothing from Node, nor anything else from outside", async () => {
    const { files, imports } = await graphFor(conditions)
    expect(imports).toEqual([])
    for (const file of ["otel-exporter", "otel-bridge", "sdk-delivery", "trace-source"]) {
      expect(files).toContain(`src/${file}.ts`)
    }
  })
})

it("the bridge bundled for Node imports from Node: the search above finds what is there to find", async () => {
  const { imports } = await graphFor(["node", "module"])
  expect(imports.some(isBuiltin)).toBe(true)
})

it("the scope of the records is this package", () => {
  expect(scope).toEqual({ name: manifest.name, version: manifest.version })
})

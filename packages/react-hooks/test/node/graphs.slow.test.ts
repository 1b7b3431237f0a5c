// What a page pays for: the graph of the package as an application's bundler sees it, and its size. React belongs to the
// application; react-error-boundary is counted.
import { globSync, readFileSync } from "node:fs"
import { basename, join, relative } from "node:path"
import { gzipSync } from "node:zlib"
import { build } from "vite"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import manifest from "../../package.json" with { type: "json" }

const pkg = join(import.meta.dirname, "../..")
const root = join(pkg, "../..")
const entry = join(pkg, manifest.exports["."]["@daybook/source"])

/** The bytes of everything but the panel, minified and gzipped: what the README promises. */
const sizeMax = 3 * 1024

const everything =
  "AuditProvider, useAudit, useAuditPageOpen, useAuditEvent, useAuditHealth, AuditErrorBoundary, auditRootErrorHandlers, useAuditErrors"

const bundle = async (names: string) => {
  const asked = join(pkg, "asked-for.js")
  // JSX is compiled for development otherwise.
  vi.stubEnv("NODE_ENV", "production")
  onTestFinished(() => void vi.unstubAllEnvs())
  const built = await build({
    root: pkg,
    configFile: false,
    logLevel: "silent",
    plugins: [
      {
        name: "asked-for",
        enforce: "pre",
        resolveId: (id) => (id === asked ? `\0${id}` : null),
        load: (id) => (id === `\0${asked}` ? `export { ${names} } from ${JSON.stringify(entry)}` : null)
      }
    ],
    resolve: { conditions: ["@daybook/source", "module", "browser"] },
    build: {
      write: false,
      // A library keeps its line breaks in Vite, so this is built as an application's chunk.
      rolldownOptions: {
        input: asked,
        preserveEntrySignatures: "strict",
        external: /^react(-dom)?($|\/)/
      }
    }
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    "output" in one ? one.output : []
  )
  const chunks = outputs.filter((output) => output.type === "chunk")
  const own = new Set(chunks.map(({ fileName }) => fileName))
  return {
    files: chunks.flatMap(({ moduleIds }) => moduleIds.map((id) => relative(root, id))).sort(),
    imports: [...new Set(chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]))]
      .filter((id) => !own.has(id))
      .sort(),
    size: chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0)
  }
}

describe("the package in an application's bundle", () => {
  it("is itself, react-error-boundary and React: no Effect, nothing from Node, of core only the disabled log", async () => {
    const { files, imports } = await bundle(`${everything}, DiagnosticsPanel`)
    expect(imports).toEqual(["react", "react/jsx-runtime"])
    const others = files.filter((file) => !file.startsWith("packages/react-hooks/src/"))
    expect(others.filter((file) => !file.endsWith("asked-for.js"))).toEqual([
      "node_modules/react-error-boundary/dist/react-error-boundary.js",
      expect.stringMatching(/^packages\/core\/src\/.*disabled-audit-log\.ts$/)
    ])
    expect(files).toContain("packages/react-hooks/src/diagnostics/diagnostics-panel.tsx")
  })

  it("is at most 3 kB without the panel", async () => {
    const { files, size } = await bundle(everything)
    expect(files.filter((file) => file.includes("diagnostics"))).toEqual([])
    expect(size).toBeLessThanOrEqual(sizeMax)
  })

  it("is what is asked for: a hook alone has no boundary in it", async () => {
    const { files, size } = await bundle("useAuditPageOpen")
    expect(files.filter((file) => basename(file).includes("error"))).toEqual([])
    expect(size).toBeLessThan(sizeMax / 2)
  })
})

describe("Server Components", () => {
  it("may import every file: what needs a client says so in its first statement", () => {
    const needsClient = /^import (?!type ).*from "(react|react-error-boundary)"/m
    const files = globSync("src/**/*.{ts,tsx}", { cwd: pkg })
    const texts = files.map((file) => [file, readFileSync(join(pkg, file), "utf8")] as const)
    const first = (text: string): string => text.replace(/^(\/\/.*\n)+/, "").split("\n")[0] ?? ""
    const silent = texts.filter(([, text]) => needsClient.test(text) && first(text) !== '"use client"')
    expect(silent.map(([file]) => file)).toEqual([])
    const marked = texts.filter(([, text]) => first(text) === '"use client"').map(([file]) => file)
    expect(marked).toContain("src/root-error-handlers.ts")
    expect(marked.length).toBeGreaterThan(6)
  })
})

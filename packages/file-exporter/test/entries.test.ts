// What each entry of the package loads when it is imported, and what only when it is called: built from source as an
// application's bundler would.

import { builtinModules } from "node:module"
import { join, relative } from "node:path"
import { build } from "vite"
import { describe, expect, it } from "vitest"
import manifest from "../package.json" with { type: "json" }
import * as root from "../src/index.ts"
import * as read from "../src/read.ts"

const home = join(import.meta.dirname, "..")
const isOutside = (id: string): boolean =>
  id.startsWith("node:") || builtinModules.includes(id) || /^(effect|@daybook\/core)(\/|$)/.test(id)

/** What a page's bundler loads of an entry, core with it. */
const pageIdsOf = async (entry: keyof typeof manifest.exports): Promise<readonly string[]> => {
  const outside: string[] = []
  const built = await build({
    root: home,
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@daybook/source", "browser", "module"] },
    build: {
      write: false,
      lib: { entry: join(home, manifest.exports[entry]["@daybook/source"]), formats: ["es"] },
      rolldownOptions: {
        external: (id) => {
          const isNode = id.startsWith("node:") || builtinModules.includes(id)
          if (isNode) outside.push(id)
          return isNode
        }
      }
    }
  })
  const chunks = (Array.isArray(built) ? built : [built])
    .flatMap((one) => ("output" in one ? one.output : []))
    .filter((output) => output.type === "chunk")
  const rendered = chunks.flatMap(({ modules }) =>
    Object.entries(modules).flatMap(([id, { renderedLength }]) => (renderedLength > 0 ? id : []))
  )
  return [...rendered, ...outside]
}

interface Loaded {
  /** Files of this package below `src`, by when they are loaded. */
  readonly atImport: readonly string[]
  readonly atCall: readonly string[]
}

const filesOf = async (entry: keyof typeof manifest.exports): Promise<Loaded> => {
  const built = await build({
    root: home,
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@daybook/source", "node", "module"] },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(home, manifest.exports[entry]["@daybook/source"]), formats: ["es"] },
      // Node loads what is imported, whether or not it is used.
      rolldownOptions: { external: isOutside, treeshake: false }
    }
  })
  const chunks = (Array.isArray(built) ? built : [built])
    .flatMap((one) => ("output" in one ? one.output : []))
    .filter((output) => output.type === "chunk")
  const atImport = new Set(chunks.filter(({ isEntry }) => isEntry))
  for (const chunk of atImport)
    for (const name of chunk.imports)
      for (const other of chunks) if (other.fileName === name) atImport.add(other)
  const pathsIn = (some: Iterable<(typeof chunks)[number]>): readonly string[] =>
    [...some]
      .flatMap(({ moduleIds }) => moduleIds)
      .map((id) => relative(join(home, "src"), id))
      .sort()
  return { atImport: pathsIn(atImport), atCall: pathsIn(chunks.filter((chunk) => !atImport.has(chunk))) }
}

const isReading = (path: string): boolean => /^(read|verify)\//.test(path)
const isWriting = (path: string): boolean => path.startsWith("write/")

describe("importing the package", () => {
  it("loads what writes, and neither what reads nor what verifies", async () => {
    const { atImport, atCall } = await filesOf(".")
    expect(atImport.filter(isReading)).toEqual([])
    expect(atImport).toContain("write/log-files.node.ts")
    expect(atCall).toContain("read/day.node.ts")
    expect(atCall).toContain("read/follow.node.ts")
    expect(atCall).toContain("verify/verify.node.ts")
  })

  it.each(["./read", "./stream", "./verify"] as const)("as %s loads nothing that writes", async (entry) => {
    const { atImport, atCall } = await filesOf(entry)
    expect([...atImport, ...atCall].filter(isWriting)).toEqual([])
    expect([...atImport, ...atCall].filter(isReading).length).toBeGreaterThan(5)
  })

  it("for a page as ./verify loads nothing of Node, and no Effect", async () => {
    const ids = await pageIdsOf("./verify")
    expect(
      ids.filter((id) => id.startsWith("node:") || /\.node\.ts$|node_modules\/effect\//.test(id))
    ).toEqual([])
    expect(ids.filter((id) => id.includes("verify-files.ts"))).toHaveLength(1)
  })

  it("gives the same functions by each entry", () => {
    expect(root).toMatchObject(read)
  })
})

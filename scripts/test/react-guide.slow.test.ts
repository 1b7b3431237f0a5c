// The guide to React, held against the code: what it installs is what its application needs, its application and its other
// programs type-check as they stand there, its recipes are the ones that the tests run.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"

const root = join(import.meta.dirname, "../..")
// Inside the example, so that its packages are found by name.
const cache = join(root, "examples/react-app/node_modules/.cache")
mkdirSync(cache, { recursive: true })
const scratch = mkdtempSync(join(cache, "react-guide-"))
afterAll(() => rmSync(scratch, { recursive: true }))

const guide = readFileSync(join(root, "docs/guides/react.md"), "utf8")
const programs = [...guide.matchAll(/```tsx\n([\s\S]*?)```/g)].map(([, block = ""]) => block)

it("each of its programs type-checks", () => {
  expect(programs.length).toBeGreaterThan(4)
  for (const [index, program] of programs.entries()) {
    const [, name = `program-${index}.tsx`] = /^\/\/ (\S+\.tsx?)\n/.exec(program) ?? []
    writeFileSync(join(scratch, name), program)
  }
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: true,
      composite: false,
      incremental: false,
      jsx: "react-jsx",
      lib: ["es2023", "dom", "dom.iterable"],
      customConditions: ["@daybook/source", "browser"],
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true
    },
    include: ["*.ts", "*.tsx"]
  }
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config))
  const { stdout } = spawnSync("tsc", ["-p", scratch], { cwd: root, encoding: "utf8" })
  expect(stdout).toBe("")
})

it("it installs what its application imports, and what that needs beside it", () => {
  const [, installed = ""] = /```sh\nnpm install (.*)\n/.exec(guide) ?? []
  const imported = programs
    .slice(0, 3)
    .flatMap((program) => [...program.matchAll(/\b(?:from|import) "(@[\w-]+\/[\w-]+|[\w-]+)/g)])
    .map(([, name = ""]) => name)
  const peers = imported.filter((name) => name.startsWith("@daybook/")).flatMap(peersOf)
  const needed = new Set([...imported, ...peers].filter((name) => !/^react(-|$)/.test(name)))
  expect(installed.split(" ").sort()).toEqual([...needed].sort())
})

const peersOf = (name: string): readonly string[] => {
  const manifest = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"))
  return Object.keys(manifest.peerDependencies ?? {})
}

it("its recipes are those that the tests run", () => {
  const recipes = join(root, "packages/react-hooks/test/recipes")
  const texts = readdirSync(recipes).map((name) => readFileSync(join(recipes, name), "utf8"))
  expect(texts).toHaveLength(3)
  // Each opens with a comment for readers of the test.
  for (const text of texts) expect(programs).toContain(text.replace(/^(\/\/.*\n)+\n?/, ""))
})

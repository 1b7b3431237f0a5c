// The linters' configuration against planted breaches: a rule that is set but does not bite is worse than none. Each
// breach stands for a moment in a small repository of its own that has this one's configuration.

import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "../..")
const repository = mkdtempSync(join(tmpdir(), "daybook-lint-"))
for (const path of ["biome.json", ".oxlintrc.json", ".gitignore", "packages/core/package.json"]) {
  cpSync(join(root, path), join(repository, path))
}
writeFileSync(
  join(repository, "tsconfig.json"),
  '{ "compilerOptions": { "strict": true, "lib": ["es2023"] } }'
)
afterAll(() => rmSync(repository, { recursive: true }))

/** What a linter says of a text as if it stood in that file of the repository. */
function lint(linter: "biome" | "oxlint", path: string, text: string): string {
  const file = join(repository, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  const args = linter === "biome" ? ["lint", "--error-on-warnings", path] : ["--type-aware", path]
  const run = spawnSync(join(root, "node_modules/.bin", linter), args, { cwd: repository, encoding: "utf8" })
  rmSync(file)
  return `${run.stdout}${run.stderr}exit code ${run.status}`
}

const source = "packages/core/src/event/planted.ts"
const node = "packages/core/src/host/planted.node.ts"
const test = "packages/core/test/planted.test.ts"

const peer = join(repository, "packages/core/src/event/peer.ts")
mkdirSync(dirname(peer), { recursive: true })
writeFileSync(peer, 'import { two } from "./planted.ts"\nexport const one = two\n')

describe("biome", () => {
  it.each([
    ["noNodejsModules", source, 'import { readFileSync } from "node:fs"\nreadFileSync("a")\n'],
    ["noNodejsModules", source, 'import { readFile } from "node:fs/promises"\nawait readFile("a")\n'],
    ["noNodejsModules", source, 'import { join } from "path"\njoin("a")\n'],
    ["noRestrictedGlobals", source, "export const size: number = process.pid\n"],
    ["noRestrictedGlobals", source, 'export const bytes: Uint8Array = Buffer.from("a")\n'],
    ["noRestrictedImports", source, 'import { Effect } from "effect"\nexport const a = Effect.void\n'],
    ["noRestrictedImports", node, 'import { Effect } from "effect"\nexport const a = Effect.void\n'],
    ["noRestrictedImports", test, 'import { Effect } from "effect"\nexport const a = Effect.void\n'],
    ["noUndeclaredDependencies", source, 'import { parse } from "csv-parse"\nparse("a")\n'],
    ["noReExportAll", source, 'export * from "./level.ts"\n'],
    ["noDefaultExport", source, "export default 1\n"],
    ["noEnum", source, "export enum A {\n  One = 1\n}\n"],
    ["noExplicitAny", source, "export const a: any = 1\n"],
    ["noNonNullAssertion", source, "export const a = (b?: string): number => b!.length\n"],
    ["noTsIgnore", source, "// @ts-ignore\nexport const a: string = 1\n"],
    ["noImportCycles", source, 'import { one } from "./peer.ts"\nexport const two = one\n']
  ])("finds a breach of %s in %s: %j", (rule, path, text) => {
    const said = lint("biome", path, text)
    expect(said).toContain(`/${rule} `)
    expect(said).toContain("exit code 1")
  })

  it.each([
    [node, 'import { hostname } from "node:os"\nexport const host: string = hostname()\n'],
    [source, 'import * as Effect from "effect/Effect"\nexport const no: Effect.Effect<void> = Effect.void\n'],
    [source, 'import { host } from "#host"\nexport const copy = host\n'],
    [test, 'import { readFileSync } from "node:fs"\nreadFileSync("a")\n'],
    ["packages/core/vitest.config.ts", 'export { default } from "../../vitest.shared.ts"\n']
  ])("leaves a clean file alone: %s %j", (path, text) => {
    expect(lint("biome", path, text)).toContain("exit code 0")
  })
})

describe("oxlint", () => {
  it.each([
    ["no-floating-promises", "export {}\nasync function work(): Promise<void> {}\nwork()\n"],
    [
      "no-misused-promises",
      "export {}\nasync function work(): Promise<void> {}\n[1].forEach(() => work())\n"
    ],
    ["await-thenable", "export {}\nawait 1\n"],
    ["no-empty", "export {}\ntry {\n  JSON.parse('')\n} catch {}\n"],
    ["explicit-module-boundary-types", "export function one() {\n  return 1\n}\n"]
  ])("finds a breach of %s: %j", (rule, text) => {
    const said = lint("oxlint", source, text)
    expect(said).toContain(rule)
    expect(said).toContain("exit code 1")
  })

  it("leaves a clean file alone", () => {
    expect(lint("oxlint", source, "export function one(): number {\n  return 1\n}\n")).toContain(
      "exit code 0"
    )
  })
})

// What the source of this package must not say: calls that would split a line over two writes, or undo what was written.
// A test that runs could only show that they were not met on its way.

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

const src = join(import.meta.dirname, "..", "src")

/** A file's code without its comments. */
const codeOf = (name: string): string =>
  readFileSync(join(src, name), "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\/\/.*$/gm, "")

it.each([
  ["F54 splits large writes, so that other processes tear its lines", /\b(append|write)File(Sync)?\b/],
  ["S0.19 is a stream, which decides by itself when it writes", /\bcreateWriteStream\b/],
  ["F39 F121 changes what was written", /\b(truncate|ftruncate|copyFile)(Sync)?\b/]
])("nothing is used that %s", (_why, banned) => {
  const names = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
  expect(names.length).toBeGreaterThan(40)
  expect(names.filter((name) => banned.test(codeOf(name)))).toEqual([])
})

it("F39 F121 only what we keep for ourselves takes the place of what was there", () => {
  const names = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
  const using = (used: RegExp) => names.filter((name) => used.test(codeOf(name))).sort()
  expect(using(/\brename(Sync)?\b/)).toEqual(["disk/file-layer.node.ts"])
  expect(using(/\bdisk\.replace\(/)).toEqual(["state/replace-file.node.ts"])
})

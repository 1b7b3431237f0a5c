// What the package loads: core, and no SDK. The SDKs are known by their shape.
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

const root = join(import.meta.dirname, "..")

it("imports nothing but core and itself", () => {
  const files = globSync("src/**/*.ts", { cwd: root })
  expect(files.length).toBeGreaterThan(5)
  for (const file of files) {
    const source = readFileSync(join(root, file), "utf8")
    const names = [...source.matchAll(/(?:from|import)\(? ?"([^"]+)"/g)].map(([, name = ""]) => name)
    expect(names.filter((name) => name !== "@daybook/core" && !name.startsWith("./"))).toEqual([])
  }
})

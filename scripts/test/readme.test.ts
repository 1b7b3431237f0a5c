// The README's program, run as it stands there: extracted, executed, and its lines read back. What it claims of the disk
// is checked against the disk.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "../..")
// Inside the repository, so that its packages are found by name.
const cache = join(root, "node_modules/.cache")
mkdirSync(cache, { recursive: true })
const scratch = mkdtempSync(join(cache, "readme-"))
afterAll(() => rmSync(scratch, { recursive: true }))

const readme = readFileSync(join(root, "README.md"), "utf8")

const block = (language: string): string => {
  const found = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readme)?.[1]
  if (found === undefined) throw new Error(`the README has a ${language} block`)
  return found
}

describe("the README's program", () => {
  const program = join(scratch, "program.mjs")
  writeFileSync(program, block("js"))
  const run = spawnSync(process.execPath, ["--conditions=@daybook/source", program], {
    encoding: "utf8",
    env: { PATH: process.env.PATH ?? "", HOME: scratch }
  })
  const written = (): Record<string, unknown>[] => {
    const dir = join(scratch, ".datatools/logs")
    const [file = ""] = readdirSync(dir).filter((name) => name.endsWith(".jsonl"))
    return readFileSync(join(dir, file), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  }

  it("runs as it stands, in at most 30 lines, and says nothing on stderr", () => {
    expect(run.stderr).toBe("")
    expect(run.stdout).toBe("{ complete: true, written: 6, dropped: 0, pending: 0 }\n")
    expect(block("js").trim().split("\n").length).toBeLessThanOrEqual(30)
  })

  it("puts on disk what the README shows", () => {
    const shown = block("json")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    for (const [index, line] of shown.entries()) {
      const { category, message } = line
      expect(written()[index]).toMatchObject({ category, message })
      expect(Object.keys(written()[index] ?? {})).toEqual(Object.keys(line))
    }
    expect(written()[2]?.apiKey).toBe("[redacted]")
  })
})

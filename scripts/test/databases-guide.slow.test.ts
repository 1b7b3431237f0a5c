// The guide to databases, held against the code: its JavaScript programs run as they stand there and print what they say, and its
// TypeScript programs type-check.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { sqlMigrations } from "../../packages/sql-exporter/src/index.ts"

const root = join(import.meta.dirname, "../..")
// Inside the package, so that the drivers of its tests are found by name.
const cache = join(root, "packages/sql-exporter/.tsbuild")
mkdirSync(cache, { recursive: true })
const scratch = mkdtempSync(join(cache, "databases-guide-"))
afterAll(() => rmSync(scratch, { recursive: true }))

const guide = readFileSync(join(root, "docs/guides/databases.md"), "utf8")
const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map(([, block = ""]) => block)

it("each of its JavaScript programs runs and prints what stands beside it", () => {
  const programs = blocks("js")
  expect(programs.length).toBe(3)
  for (const [index, block] of programs.entries()) {
    const program = join(scratch, `block-${index}.mjs`)
    writeFileSync(program, block)
    const args = ["--conditions=@daybook/source", "--no-warnings", program]
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: scratch, encoding: "utf8" })
    const said = [...block.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text)
    const expected = block.includes("sqlMigrations")
      ? sqlMigrations("postgresql", { schema: "acme" }).map((statement) => `${statement};`)
      : said
    expect({ stdout, stderr }).toEqual({ stdout: `${expected.join("\n")}\n`, stderr: "" })
  }
})

it("each of its TypeScript programs type-checks", () => {
  const programs = blocks("ts")
  expect(programs.length).toBe(3)
  for (const [index, block] of programs.entries()) writeFileSync(join(scratch, `block-${index}.ts`), block)
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: true,
      composite: false,
      incremental: false,
      types: ["node"]
    },
    include: ["*.ts"]
  }
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config))
  const { stdout } = spawnSync("tsc", ["-p", scratch], { cwd: root, encoding: "utf8" })
  expect(stdout).toBe("")
})

it("has each option of the exporter", () => {
  const source = readFileSync(join(root, "packages/sql-exporter/src/sql-exporter.ts"), "utf8")
  const form = source.slice(source.indexOf("interface SqlExporterOptions"), source.indexOf("\n}\n"))
  const options = [...form.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name)
  const table = guide.slice(
    guide.indexOf("| option of `sqlExporter`"),
    guide.indexOf("## Without permission")
  )
  const shown = [...table.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name)
  )
  expect(shown.filter((name) => name !== "sqlExporter").sort()).toEqual(options.sort())
})

// The guide to durability, held against the code: its programs run one after the other in one home, and print what it shows.
// Its form of a dead letter is that of a letter that one of them made.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { DeliveryHealth, DeliveryState } from "../../packages/file-exporter/src/delivery.ts"

const root = join(import.meta.dirname, "../..")
// Inside the repository, so that its packages are found by name.
const cache = join(root, "node_modules/.cache")
mkdirSync(cache, { recursive: true })
const home = mkdtempSync(join(cache, "durability-guide-"))
afterAll(() => rmSync(home, { recursive: true }))

const guide = readFileSync(join(root, "docs/guides/durability.md"), "utf8")
const programs = [...guide.matchAll(/```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(
  ([, program = "", printed = ""]) => ({ program, printed })
)

const run = (program: string): { readonly stdout: string; readonly stderr: string } => {
  const path = join(home, "program.mjs")
  writeFileSync(path, program)
  const { stdout, stderr } = spawnSync(process.execPath, ["--conditions=@daybook/source", path], {
    cwd: home,
    encoding: "utf8",
    env: { PATH: process.env.PATH ?? "", HOME: home }
  })
  return { stdout, stderr }
}

describe("docs/guides/durability.md", () => {
  it("S4.1 S4.15 each of its programs runs as it stands, and prints what the guide shows", () => {
    expect(programs).toHaveLength([...guide.matchAll(/```js\n/g)].length)
    for (const { program, printed } of programs) expect(run(program)).toEqual({ stdout: printed, stderr: "" })
    const kept = readdirSync(join(home, ".datatools/logs/.daybook/datatools/delivery/sqlite"))
    expect(kept).toEqual([])
  }, 60_000)

  it("a dead letter has the keys that it shows, and no others", () => {
    const { program } = programs.find(({ program: text }) => text.includes("one_a_name")) ?? { program: "" }
    // Up to where people put it right, for another app.
    const [begin = ""] = program
      .replace('"shop"', '"letters"')
      .replace("uploads.db", "letters.db")
      .split("// People")
    run(`${begin}\nconsole.log("LETTER " + JSON.stringify(letters[0]))`)
    const { stdout } = run(
      `import { readdirSync, readFileSync } from "node:fs"
      const dir = ${JSON.stringify(join(home, ".letters/logs/.daybook/letters/delivery/uploads/"))}
      for (const name of readdirSync(dir)) if (name.startsWith("dead-")) process.stdout.write(readFileSync(dir + name, "utf8"))`
    )
    const [, shown = ""] = /```json\n([\s\S]*?)\n```/.exec(guide) ?? []
    expect(Object.keys(JSON.parse(stdout))).toEqual(Object.keys(JSON.parse(shown)))
    expect(JSON.parse(stdout).reason).toBe(JSON.parse(shown).reason)
  })

  it("its tables have each state and each field of a delivery's health", () => {
    const states: Readonly<Record<DeliveryState, true>> = {
      starting: true,
      idle: true,
      sending: true,
      "backing off": true,
      paused: true,
      standby: true,
      closed: true
    }
    const fields: Readonly<Record<Exclude<keyof DeliveryHealth, "name" | "state">, true>> = {
      pendingBytes: true,
      oldestAgeMs: true,
      delivered: true,
      skipped: true,
      dead: true,
      damaged: true,
      lostBytes: true,
      rewinds: true,
      lastError: true,
      nextAttemptAt: true
    }
    for (const name of [...Object.keys(states), ...Object.keys(fields)])
      expect(guide).toContain(`\`${name}\``)
  })
})

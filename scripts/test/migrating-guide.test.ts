// The guide for teams that move over, held against the code: each section's set-up and the calls of its table, one after the other,
// are one program, run with real files in a home directory of its own. What comes out of each call is what the table shows.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "../..")
// Inside the repository, so that its packages are found by name.
const cache = join(root, "node_modules/.cache")
mkdirSync(cache, { recursive: true })
const scratch = mkdtempSync(join(cache, "migrating-"))
afterAll(() => rmSync(scratch, { recursive: true }))

interface Row {
  readonly old: string
  readonly calls: readonly string[]
  /** Lines, or one value; empty where the table says that nothing comes out. */
  readonly shown: readonly string[]
}

interface Section {
  readonly title: string
  readonly setUp: string
  readonly rows: readonly Row[]
}

/** What a call has done: the lines that were not there before, and what it returned, as Node shows it. */
interface Outcome {
  readonly lines: readonly Record<string, unknown>[]
  readonly value: string
}

const guide = readFileSync(join(root, "docs/guides/migrating.md"), "utf8")

const codeIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code)

const sections: readonly Section[] = guide
  .split(/^## /m)
  .slice(1)
  .map((text) => ({
    title: text.slice(0, text.indexOf("\n")),
    setUp: /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? "",
    rows: [...text.matchAll(/^\| (.*`.*) \| (.*`.*) \| (.*) \|$/gm)].map(
      ([, old = "", ours = "", shown = ""]) => ({
        old,
        calls: codeIn(ours),
        shown: codeIn(shown)
      })
    )
  }))

/** A call that is an expression has a value. */
const isExpression = (call: string): boolean => {
  try {
    new Function(`return async () => (${call}\n)`)
    return true
  } catch {
    return false
  }
}

const step = ({ calls }: Row): string => {
  const last = calls.at(-1) ?? ""
  const end = isExpression(last) ? `return (${last}\n)` : last
  return `await step(async () => { ${[...calls.slice(0, -1), end].join("\n")} })`
}

/** Marks are not what a call records. */
const harness = `
const { readdirSync, readFileSync } = await import("node:fs")
const { inspect } = await import("node:util")
const outcomes = []
const known = new Set()
const newLines = () =>
  readdirSync(process.env.HOME, { recursive: true })
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) => readFileSync(process.env.HOME + "/" + name, "utf8").split("\\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .filter(({ id, seq }) => seq !== undefined && !known.has(id) && known.add(id))
const step = async (run) => {
  const value = inspect(await run(), { breakLength: Infinity })
  await audit.flush({ timeoutMs: 10_000 })
  outcomes.push({ value, lines: newLines() })
}
`

const outcomesOf = ({ title, setUp, rows }: Section): readonly Outcome[] => {
  const home = join(scratch, title.replaceAll(" ", "-"))
  mkdirSync(home)
  const program = join(home, "program.mjs")
  const end = "process.stdout.write(JSON.stringify(outcomes))"
  writeFileSync(program, [setUp, harness, ...rows.map(step), end].join("\n"))
  const { stdout, stderr } = spawnSync(process.execPath, ["--conditions=@daybook/source", program], {
    cwd: home,
    encoding: "utf8",
    env: { PATH: process.env.PATH ?? "", HOME: home }
  })
  expect(stderr, title).toBe("")
  // As on Ada's machine, on the day that the guide shows.
  return JSON.parse(
    stdout.replaceAll(home, "/home/ada").replaceAll(/\d{4}-\d{2}-\d{2}(?=\.jsonl)/g, "2026-11-22")
  )
}

const leftOut = ["ts", "session", "seq", "id"]

/** The line as the guide shows lines: without what each has, unless it is shown here, and with "…" where it stands there. */
const asShown = (line: Record<string, unknown>, shown: Record<string, unknown>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(line)
        .filter(([key]) => key in shown || !leftOut.includes(key))
        .map(([key, value]) => [key, shown[key] === "…" ? "…" : value])
    )
  )

const lineShown = (text: string | undefined): Record<string, unknown> =>
  text?.startsWith('{"level"') ? JSON.parse(text) : {}

describe.each(sections)("S0.28 $title", (section) => {
  const outcomes = outcomesOf(section)
  it.each(section.rows.map((row, index) => ({ ...row, index })))("$old", ({ shown, index }) => {
    const { lines, value } = outcomes[index] ?? { lines: [], value: "" }
    const written = lines.map((line, n) => asShown(line, lineShown(shown[n])))
    expect(written.length > 0 || value === "undefined" ? written : [value]).toEqual(shown)
  })
})

it("S0.28 each program has its table, with the functions that it really has", () => {
  const functions = sections.map(({ rows }) =>
    [
      ...rows
        .map(({ old }) => old)
        .join(" ")
        .matchAll(/\b(\w+)\(/g)
    ].map(([, name = ""]) => name)
  )
  expect(functions.map((names) => [...new Set(names)])).toEqual([
    [
      "log_session_start",
      "log_event",
      "log_page_open",
      "log_exception",
      "audit_log_dir",
      "audit_log_path",
      "flush_audit_log",
      "reset_for_tests"
    ],
    ["log_event", "log_exception", "log_page_open"],
    ["set_context", "record", "read_recent", "read_day", "read_recent_all_users"],
    [
      "AuditLogger",
      "log",
      "AuditEntry",
      "log_with_timing",
      "ValueError",
      "start_retention_sweep",
      "is_enabled",
      "get_default_audit_logger",
      "stop_retention_sweep",
      "set_default_audit_logger"
    ],
    ["init_audit_logger", "get_audit_logger", "log_use", "log_login", "shutdown"]
  ])
})

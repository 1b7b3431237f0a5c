// The guide to agents, held against the code: its programs run as they stand there and print what they say, and its tables have each
// field, status and option.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { ToolCalled } from "../../packages/core/src/catalogue/index.ts"

const root = join(import.meta.dirname, "../..")
// Inside the package, so that the SDKs of its tests are found by name.
const cache = join(root, "packages/agents/.tsbuild")
mkdirSync(cache, { recursive: true })
const scratch = mkdtempSync(join(cache, "agents-guide-"))
afterAll(() => rmSync(scratch, { recursive: true }))

const guide = readFileSync(join(root, "docs/guides/agents.md"), "utf8")
const programs = [...guide.matchAll(/```js( hook)?\n([\s\S]*?)```/g)].map(([, kind, block = ""]) => ({
  kind,
  block
}))

/** What a program says that it prints: beside its calls, or in the lines at its end. */
const saidIn = (block: string): readonly string[] =>
  [...block.matchAll(/^(?:.*console\.log\(.*\) )?\/\/ (.*)$/gm)]
    .map(([line, text = ""]) => ({ line, text }))
    .filter(({ line, text }) => line.includes("console.log") || isOutput(block, text))
    .map(({ text }) => text)

const isOutput = (block: string, text: string): boolean =>
  block.indexOf(`// ${text}\n`) > block.lastIndexOf("console.log") && block.includes("console.log")

const runProgram = (name: string, block: string, input = "") => {
  const home = join(scratch, `home-${name}`)
  mkdirSync(home)
  const program = join(scratch, `${name}.mjs`)
  writeFileSync(program, block)
  const args = ["--conditions=@daybook/source", "--no-warnings", program]
  const env = { ...process.env, HOME: home, AI_SDK_LOG_WARNINGS: "false" }
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: scratch, encoding: "utf8", env, input })
  return { home, stdout, stderr }
}

describe("docs/guides/agents.md", () => {
  it("each of its programs runs and prints what stands beside it", () => {
    const plain = programs.filter(({ kind }) => kind === undefined)
    expect(plain.length).toBe(6)
    for (const [index, { block }] of plain.entries()) {
      const { stdout, stderr } = runProgram(`block-${index}`, block)
      const said = saidIn(block)
      expect({ stdout, stderr }).toEqual({ stdout: said.map((line) => `${line}\n`).join(""), stderr: "" })
    }
  })

  it("its hook records what a coding agent pipes in, and a line that is none as an exception", () => {
    const [hook] = programs.filter(({ kind }) => kind !== undefined)
    const call = { session_id: "s-1", tool_name: "Bash", tool_input: { command: "ls", apiKey: "k-1" } }
    const input = [
      JSON.stringify({ ...call, hook_event_name: "PreToolUse" }),
      "no JSON",
      JSON.stringify({ ...call, hook_event_name: "PostToolUse", tool_response: { stdout: "a b" } })
    ]
    const { home, stdout, stderr } = runProgram("hook", hook?.block ?? "", `${input.join("\n")}\n`)
    expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" })
    const folder = join(home, ".coding-agent/logs", userInfo().username, "tool_audit")
    const [file = ""] = readdirSync(folder)
    const lines = readFileSync(join(folder, file), "utf8").trim().split("\n")
    const calls = lines.map((line) => JSON.parse(line)).filter(({ category }) => category === "tool_call")
    expect(calls).toEqual([
      expect.objectContaining({
        tool: "Bash",
        status: "pending",
        run_id: "s-1",
        args: { command: "ls", apiKey: "[redacted]" }
      }),
      expect.objectContaining({ tool: "Bash", status: "ok", result_snippet: '{"stdout":"a b"}' })
    ])
  })

  const cellsBelow = (head: string): readonly string[] => {
    const table = guide.slice(guide.indexOf(`| ${head} | |`)).split("\n\n")[0] ?? ""
    return [...table.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name)
    )
  }

  it("has each field of a call, and no other", () => {
    const standard = new Set(["actor", "target", "outcome"])
    const fields = Object.keys(ToolCalled.fields).filter((name) => !standard.has(name))
    // The user is the context's, and a field of any event.
    expect(cellsBelow("field").toSorted()).toEqual([...fields, "user"].toSorted())
  })

  it("has each status", () => {
    expect(cellsBelow("status")).toEqual(["ok", "error", "denied", "cancelled", "pending"])
  })
})

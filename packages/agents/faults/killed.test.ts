// A process that is killed inside a tool: with `before: "commit"` its files say what was asked and by whom, without it nothing.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { mcpSdks } from "../test/tools/mcp-sdks.ts"

const dirs: string[] = []
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})

const child = join(import.meta.dirname, "children/tool-never-returns.ts")

/** Runs the program until its tool is at work, and kills it there. Returns the lines of the user's file. */
const killedInside = async (...args: readonly string[]): Promise<readonly Record<string, unknown>[]> => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-agents-"))
  dirs.push(dir)
  const running = spawn(process.execPath, ["--conditions=@daybook/source", child, dir, ...args], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const signal = await new Promise((resolve) => {
    running.stdout.on("data", (data) => String(data).includes("inside") && running.kill("SIGKILL"))
    running.on("exit", (_code, how) => resolve(how))
  })
  expect(signal).toBe("SIGKILL")
  const folder = join(dir, "ada/tool_audit")
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ category }) => category === "tool_call")
}

describe.each(mcpSdks)("kill -9 inside a tool, MCP SDK version $version", ({ version }) => {
  it("S2.1 S2.4 F32 with before: commit one line has the user, the tool and the keys of the arguments", async () => {
    expect(await killedInside(version, "before")).toEqual([
      expect.objectContaining({
        message: "delete: pending",
        user: "ada",
        tool: "delete",
        status: "pending",
        args: ["path", "apiKey"],
        call_id: expect.any(String)
      })
    ])
  })

  it("S2.4 F32 without it there is no line of the call", async () => {
    expect(await killedInside(version)).toEqual([])
  })
})

// The whole demo, as a person runs it. What it prints is held against the files that it leaves.
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const run = promisify(execFile)
const dir = mkdtempSync(join(tmpdir(), "agent-tools-test-"))
afterAll(() => rmSync(dir, { recursive: true }))

const callsOf = (user: string): readonly Record<string, unknown>[] => {
  const folder = join(dir, user, "tool_audit")
  return readdirSync(folder)
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ category }) => category === "tool_call")
}

describe("demo:agents", () => {
  let printed = ""
  beforeAll(async () => {
    const main = join(import.meta.dirname, "../src/main.ts")
    const { stdout } = await run(process.execPath, ["--conditions=@daybook/source", main, "--dir", dir])
    printed = stdout
  }, 60_000)

  it("S2.1 S2.4 each call is in its user's file once, and once more where it was written before it ran", () => {
    const seen = (user: string) => callsOf(user).map(({ tool, status }) => `${tool} ${status}`)
    expect(seen("ada")).toEqual([
      "search_notes pending",
      "search_notes ok",
      "delete_note pending",
      "delete_note ok",
      "read_mind error"
    ])
    expect(seen("bob")).toEqual([
      "delete_note pending",
      "delete_note denied",
      "rebuild_index denied",
      "send_mail pending",
      "send_mail ok",
      "rebuild_index pending"
    ])
  })

  it("S2.2 a call that both doors saw has what each knew, and who allowed it", () => {
    const approved = callsOf("ada").find(({ tool, status }) => tool === "delete_note" && status === "ok")
    expect(approved).toMatchObject({
      source: "ai-sdk",
      agent: "notes-agent",
      model: "scripted-1",
      server: "notes 1.0.0",
      client: "desk 1.0.0",
      client_id: "desk-app",
      approval: { decision: "approved", by: "ada", via: "elicitation" }
    })
    const mail = callsOf("bob").findLast(({ tool }) => tool === "send_mail")
    expect(mail).toMatchObject({
      args: { to: "ada@example.org", apiKey: "[redacted]" },
      approval: { decision: "approved", by: "bob", via: "ai-sdk", reason: "it is fine" }
    })
  })

  it("S2.13 shows each user's file and the last calls of all, and verifies", () => {
    expect(printed).toContain('search_notes({"words":"milk"}) ok → shopping')
    const last = /The last three calls of all users\n(.*?)\n\n/s.exec(printed)?.[1]?.split("\n")
    expect(last?.map((line) => line.trim().replace(/^\S+ /, ""))).toEqual([
      "bob rebuild_index: pending",
      "bob send_mail: ok",
      "bob send_mail: pending"
    ])
    expect(printed).toContain("0 problems")
    for (const secret of ["k-12345", "token of"])
      expect(printed + JSON.stringify(callsOf("bob"))).not.toContain(secret)
  })
})

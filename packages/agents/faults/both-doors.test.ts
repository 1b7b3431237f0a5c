// What the older program's rows S2.3 to S2.20 ask of every tool call, of calls that come through each door: a server of either version of
// the MCP SDK, and the AI SDK's two ways. With real files, one for each user.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  type Audit,
  createAuditLog,
  type Exporter,
  enterContext,
  noteToolCall,
  recordToolCall,
  ToolDenied,
  withContext
} from "@daybook/core"
import { memoryExporter } from "@daybook/core/testing"
import { fileExporter } from "@daybook/file-exporter"
import { generateText, isStepCount, streamText, tool } from "ai"
import { afterEach, describe, expect, it } from "vitest"
import { z } from "zod"
import { auditAiSdk } from "../src/ai-sdk.ts"
import { auditMcpServer } from "../src/mcp.ts"
import { mcpSdks } from "../test/tools/mcp-sdks.ts"
import { scriptedModel } from "../test/tools/scripted-model.ts"

type Run = (args: { readonly text: string }) => string | Promise<string>

interface Door {
  readonly name: string
  /** Calls the tool `t` with a text, through the door; resolves when the caller has its answer. */
  call(audit: Audit, text: string, run: Run, user?: string): Promise<unknown>
}

const inputSchema = z.object({ text: z.string() })

const mcpDoors = mcpSdks.map(
  (sdk): Door => ({
    name: `an MCP server, version ${sdk.version}`,
    call: async (audit, text, run, user) => {
      const server = sdk.server()
      const answer = async (args: { readonly text: string }) => ({
        content: [{ type: "text", text: await run(args) }]
      })
      server.registerTool("t", { inputSchema }, answer)
      auditMcpServer(server, audit, user === undefined ? {} : { user: () => user })
      const [near, far] = sdk.pair()
      const client = sdk.client()
      await Promise.all([server.connect(far as never), client.connect(near)])
      const result = await client.call("t", { text })
      await client.close()
      return result
    }
  })
)

const aiDoors = (["generateText", "streamText"] as const).map(
  (way): Door => ({
    name: way,
    call: async (audit, text, run, user) => {
      const setting = {
        model: scriptedModel([{ tool: "t", input: { text } }]),
        prompt: "go",
        tools: { t: tool({ inputSchema, execute: (args) => run(args) }) },
        stopWhen: isStepCount(2),
        telemetry: { integrations: [auditAiSdk(audit, user === undefined ? {} : { user: () => user })] }
      }
      if (way === "generateText") return generateText(setting)
      return streamText(setting).consumeStream()
    }
  })
)

const dirs: string[] = []
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})

const openLog = (...more: readonly Exporter[]) => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-agents-"))
  dirs.push(dir)
  const notices: string[] = []
  const audit = createAuditLog({
    app: "agents",
    exporters: [fileExporter({ dir, layout: "user" }), ...more],
    exitHook: false,
    notice: (text) => notices.push(text),
    env: {}
  })
  const callsOf = async (user: string): Promise<readonly Record<string, unknown>[]> => {
    await audit.close({ timeoutMs: 10_000 })
    const folder = join(dir, user, "tool_audit")
    return readdirSync(folder)
      .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ category }) => category === "tool_call")
  }
  return { audit, dir, notices, callsOf }
}

describe.each([...mcpDoors, ...aiDoors])("$name", (door) => {
  it("S2.3 S2.5 S2.6 S2.18 a call has a time, its argument cut at 500 characters, and 300 of its result", async () => {
    const { audit, callsOf } = openLog()
    const emoji = "😀".repeat(301)
    await door.call(audit, "x".repeat(500), () => "y".repeat(300), "ada")
    await door.call(audit, "😀".repeat(501), () => emoji, "ada")
    const [whole, cut] = await callsOf("ada")
    expect(whole).toMatchObject({
      ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      args: { text: "x".repeat(500) },
      result_chars: 300,
      result_snippet: "y".repeat(300),
      status: "ok"
    })
    expect(cut).toMatchObject({
      args: { text: `${"😀".repeat(500)} …[501 chars total]` },
      result_chars: 301,
      result_snippet: "😀".repeat(300)
    })
  })

  it("S2.4 S2.17 ok, error and denied, by hand as through the door", async () => {
    const { audit, callsOf } = openLog()
    const fail = (make: () => Error) => () => Promise.reject(make())
    await door.call(audit, "a", () => "fine", "ada")
    await door.call(
      audit,
      "b",
      fail(() => new RangeError("too far")),
      "ada"
    )
    await door.call(
      audit,
      "c",
      fail(() => new ToolDenied("not you")),
      "ada"
    )
    const refused = () => {
      noteToolCall({ approval: { decision: "denied", by: "eve" } })
      return "nothing was done"
    }
    await door.call(audit, "d", refused, "ada")
    recordToolCall(audit, { tool: "t", args: { text: "e" }, status: "denied", user: "ada" })
    const found = (await callsOf("ada")).map(
      ({ args, status }) => `${(args as { text: string }).text} ${status}`
    )
    expect(found).toEqual(["a ok", "b error", "c denied", "d denied", "e denied"])
  })

  it("S2.7 S2.19 the context around is the call's, inherited and for the rest of the run, and siblings have theirs", async () => {
    const { audit, callsOf } = openLog()
    const isMcp = mcpDoors.includes(door)
    await Promise.all(
      ["ada", "bob"].map(async (user) => {
        await Promise.resolve()
        enterContext({ user, engine: `engine of ${user}`, model: "m" })
        await door.call(audit, user, () => "fine")
      })
    )
    await withContext({ user: "ada" }, () => door.call(audit, "ada again", () => "fine"))
    const [first, second] = await callsOf("ada")
    // The AI SDK knows the model itself.
    const known = isMcp ? { engine: "engine of ada", model: "m" } : { engine: "mock", model: "scripted-1" }
    expect(first).toMatchObject({ user: "ada", args: { text: "ada" }, ...known })
    expect(second).toMatchObject({ user: "ada", args: { text: "ada again" } })
    if (isMcp) expect(second).toMatchObject({ engine: "", model: "" })
    const [bobs] = await callsOf("bob")
    expect(bobs).toMatchObject({ user: "bob", args: { text: "bob" } })
  })

  it("S2.8 no caller waits for an exporter that hangs", async () => {
    const hung = memoryExporter({ breakage: "hang" })
    const { audit, callsOf } = openLog(hung)
    await door.call(audit, "a", () => "fine", "ada")
    await door.call(audit, "b", () => "fine", "ada")
    hung.heal()
    expect(await callsOf("ada")).toHaveLength(2)
  })

  it("S2.9 calls at the same time are whole lines", async () => {
    const { audit, callsOf } = openLog()
    const numbers = Array.from({ length: 40 }, (_, n) => `${n} `.repeat(150))
    await Promise.all(numbers.map((text) => door.call(audit, text, async () => text, "ada")))
    const texts = (await callsOf("ada")).map(({ args }) => (args as { readonly text: string }).text)
    expect(texts.toSorted()).toEqual(numbers.toSorted())
  })

  it("S2.10 S2.20 a failure to write is one notice with the user as given and the error, and the caller has its answer", async () => {
    const { audit, dir, notices } = openLog()
    const day = new Date().toLocaleDateString("sv")
    const path = join(dir, "ada/tool_audit", `${day}.jsonl`)
    mkdirSync(path, { recursive: true })
    for (const text of ["a", "b"]) {
      await door.call(audit, text, () => "fine", "ada")
      await audit.flush({ timeoutMs: 10_000 })
    }
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain('it is a directory (EISDIR) (user "ada")')
    rmSync(path, { recursive: true })
    await audit.close()
  })
})

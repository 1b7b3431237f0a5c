// What a tool call costs more when it is recorded, through one door: the CPU time of the same calls with and without, taking turns, so that
// both meet the same machine. It has all that is done for the lines until they are in their file. 50 calls are in flight at a time.

import { auditAiSdk } from "@daybook/agents/ai-sdk"
import { auditMcpServer } from "@daybook/agents/mcp"
import { type Audit, auditTool, createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { Client as Client2, InMemoryTransport as Pair2 } from "@modelcontextprotocol/client"
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js"
import { InMemoryTransport as Pair1 } from "@modelcontextprotocol/sdk/inMemory.js"
import { McpServer as Server1 } from "@modelcontextprotocol/sdk/server/mcp.js"
import { McpServer as Server2 } from "@modelcontextprotocol/server"
import { generateText, isStepCount, tool } from "ai"
import { MockLanguageModelV4 } from "ai/test"
import { z } from "zod"
import type { Job, Sample } from "../job.ts"
import { median } from "../statistics.ts"

/** Calls the tool with a number. */
type Call = (n: number) => Promise<unknown>

const inputSchema = z.object({ n: z.number(), words: z.string() })
const argsOf = (n: number) => ({ n, words: "milk and bread" })
const textOf = (n: number): string => `found ${n} notes`
const info = { name: "bench", version: "1.0.0" }
const answer = async ({ n }: { readonly n: number }) => ({
  content: [{ type: "text" as const, text: textOf(n) }]
})

/** By name, the caller of a tool; recorded where there is a log. */
export const toolDoors: Readonly<Record<string, (audit: Audit | undefined) => Promise<Call>>> = {
  function: async (audit) => {
    const run = async ({ n }: { readonly n: number }): Promise<string> => textOf(n)
    const called = audit === undefined ? run : auditTool(audit, "search", run)
    return (n) => called(argsOf(n))
  },
  "MCP SDK 1": async (audit) => {
    const server = new Server1(info)
    server.registerTool("search", { inputSchema }, answer)
    if (audit !== undefined) auditMcpServer(server, audit, { user: () => "ada" })
    const client = new Client1(info)
    const [near, far] = Pair1.createLinkedPair()
    await Promise.all([server.connect(far), client.connect(near)])
    return (n) => client.callTool({ name: "search", arguments: argsOf(n) })
  },
  "MCP SDK 2": async (audit) => {
    const server = new Server2(info)
    server.registerTool("search", { inputSchema }, answer)
    if (audit !== undefined) auditMcpServer(server, audit, { user: () => "ada" })
    const client = new Client2(info)
    const [near, far] = Pair2.createLinkedPair()
    await Promise.all([server.connect(far), client.connect(near)])
    return (n) => client.callTool({ name: "search", arguments: argsOf(n) })
  },
  "AI SDK": async (audit) => {
    const integrations = audit === undefined ? [] : [auditAiSdk(audit, { user: () => "ada" })]
    const tools = { search: tool({ inputSchema, execute: ({ n }) => textOf(n) }) }
    const tokens = {
      inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 1, text: 1, reasoning: 0 }
    }
    return (n) => {
      const call = {
        type: "tool-call" as const,
        toolCallId: "1",
        toolName: "search",
        input: JSON.stringify(argsOf(n))
      }
      const finishReason = { unified: "tool-calls" as const, raw: undefined }
      const doGenerate = { content: [call], finishReason, usage: tokens, warnings: [] }
      const model = new MockLanguageModelV4({ doGenerate })
      return generateText({
        model,
        prompt: "go",
        tools,
        stopWhen: isStepCount(1),
        telemetry: { integrations }
      })
    }
  }
}

const inFlight = 50

export const toolCalls = async ({ events, settings, dir }: Job): Promise<Sample> => {
  const audit = createAuditLog({ app: "bench", exporters: [fileExporter({ dir })], exitHook: false })
  const open = toolDoors[String(settings.door)]
  if (open === undefined) throw new Error(`there is no door "${settings.door}"`)
  const [plain, recorded] = [await open(undefined), await open(audit)]
  const microsOf = async (call: Call): Promise<number> => {
    let next = 0
    const work = async (): Promise<void> => {
      for (let n = next++; n < events; n = next++) await call(n)
    }
    const before = process.cpuUsage()
    await Promise.all(Array.from({ length: inFlight }, work))
    await audit.flush({ timeoutMs: 60_000 })
    const { user, system } = process.cpuUsage(before)
    return (user + system) / events
  }
  // The first turn of each is for the runtime to get warm.
  const turns = Number(settings.turns) + 1
  const all: { readonly plain: number; readonly recorded: number }[] = []
  for (let turn = 0; turn < turns; turn++)
    all.push({ plain: await microsOf(plain), recorded: await microsOf(recorded) })
  const warm = all.slice(1)
  const { complete, written } = await audit.close({ timeoutMs: 60_000 })
  if (!complete || written < turns * events)
    throw new Error(`${written} of ${turns * events} calls were written`)
  return {
    plainMicros: median(warm.map((turn) => turn.plain)),
    recordedMicros: median(warm.map((turn) => turn.recorded)),
    overheadMicros: median(warm.map((turn) => turn.recorded - turn.plain)),
    logged: turns * events
  }
}

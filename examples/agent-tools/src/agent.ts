// The agent: a loop of the AI SDK whose tools are those of the MCP server and one of its own. Its model is the SDK's mock with a script,
// so the example needs no key and no network. A policy denies one tool, and a person is asked about another.
import { auditAiSdk } from "@daybook/agents/ai-sdk"
import { type CommittingAudit, withContext } from "@daybook/core"
import type { Client } from "@modelcontextprotocol/client"
import { dynamicTool, generateText, isStepCount, jsonSchema, type ModelMessage, type ToolSet, tool } from "ai"
import { MockLanguageModelV4 } from "ai/test"
import { z } from "zod"

/** A call that the model asks for. */
export type Wish = readonly [tool: string, input: object]

export const runAgent = (
  audit: CommittingAudit,
  { user, client, wishes, earlier = [] }: AgentTask
): Promise<readonly ModelMessage[]> =>
  withContext({ user }, async () => {
    const tools: ToolSet = { ...(await toolsOf(client)), send_mail: mail }
    const { responseMessages } = await generateText({
      model: scripted(wishes),
      messages: [{ role: "user", content: "Tidy up my notes." }, ...earlier],
      tools,
      stopWhen: isStepCount(wishes.length + 1),
      toolApproval: {
        rebuild_index: { type: "denied", reason: "only at night" },
        send_mail: "user-approval"
      },
      telemetry: { functionId: "notes-agent", integrations: [auditAiSdk(audit)] }
    })
    return responseMessages
  })

interface AgentTask {
  readonly user: string
  readonly client: Client
  /** One for each answer of the model. */
  readonly wishes: readonly Wish[]
  /** What was said before, with a person's answer at its end. */
  readonly earlier?: readonly ModelMessage[]
}

const mail = tool({
  inputSchema: z.object({ to: z.string(), apiKey: z.string() }),
  execute: ({ to }) => `sent to ${to}`
})

const toolsOf = async (client: Client): Promise<ToolSet> => {
  const { tools } = await client.listTools()
  return Object.fromEntries(
    tools.map(({ name, inputSchema }) => [
      name,
      dynamicTool({
        inputSchema: jsonSchema(inputSchema as never),
        execute: (input) => client.callTool({ name, arguments: input as Record<string, unknown> })
      })
    ])
  )
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 }
}

const scripted = (wishes: readonly Wish[]): MockLanguageModelV4 => {
  let next = 0
  return new MockLanguageModelV4({
    provider: "mock",
    modelId: "scripted-1",
    doGenerate: async () => {
      const wish = wishes[next++]
      if (wish === undefined)
        return {
          content: [{ type: "text", text: "done" }],
          finishReason: { unified: "stop", raw: undefined },
          usage,
          warnings: []
        }
      const [toolName, input] = wish
      return {
        content: [{ type: "tool-call", toolCallId: `call-${next}`, toolName, input: JSON.stringify(input) }],
        finishReason: { unified: "tool-calls", raw: undefined },
        usage,
        warnings: []
      }
    }
  })
}

/** The messages with a person's answer to what waits for one. */
export const answered = (
  messages: readonly ModelMessage[],
  approved: boolean,
  reason: string
): readonly ModelMessage[] => {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? [...content] : []))
  const request = parts.find((part) => part.type === "tool-approval-request")
  if (request === undefined) throw new Error("no call waits for approval")
  const answer = { type: "tool-approval-response" as const, approvalId: request.approvalId, approved, reason }
  return [...messages, { role: "tool", content: [answer] }]
}

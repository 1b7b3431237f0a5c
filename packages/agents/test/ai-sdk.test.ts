// One table of cases against the AI SDK, by `generateText` and by `streamText`: each kind of tool call is one line with the right status,
// none twice and none missing. The model is the SDK's own mock, the loop and the tools are real.
import { auditTool, noteToolCall, ToolDenied, withContext } from "@daybook/core"
import {
  generateText,
  isStepCount,
  jsonSchema,
  type ModelMessage,
  registerTelemetry,
  streamText,
  type ToolSet,
  tool
} from "ai"
import { describe, expect, expectTypeOf, it } from "vitest"
import { z } from "zod"
import { type AiSdkOptions, auditAiSdk } from "../src/ai-sdk.ts"
import { type AgentLog, agentLog } from "./tools/agent-log.ts"
import { type Part, scriptedModel } from "./tools/scripted-model.ts"

const nothing = z.object({})

// As one type: TypeScript takes the parts of so many tools apart one by one.
const makeTools = (log: AgentLog, abort: AbortController): ToolSet => ({
  search: tool({ inputSchema: z.object({ q: z.string() }), execute: ({ q }) => `found ${q}` }),
  throws: tool({
    inputSchema: nothing,
    execute: (): string => {
      throw new RangeError("row 7 is missing")
    }
  }),
  refuses: tool({
    inputSchema: nothing,
    execute: async (): Promise<string> => {
      throw new ToolDenied("guests may not search")
    }
  }),
  streams: tool({
    inputSchema: nothing,
    async *execute() {
      yield "one"
      noteToolCall({ reason: "noted between" })
      yield "one two"
    }
  }),
  breaks: tool({
    inputSchema: nothing,
    async *execute() {
      yield "one"
      throw new TypeError("the line broke")
    }
  }),
  by_policy: tool({ inputSchema: nothing, execute: () => "never" }),
  asks: tool({ inputSchema: z.object({ path: z.string() }), execute: () => "deleted" }),
  waits: tool({
    inputSchema: nothing,
    execute: (_input, { abortSignal }) =>
      new Promise<string>((_resolve, reject) => {
        abortSignal?.addEventListener("abort", () => reject(abortSignal.reason))
        abort.abort()
      })
  }),
  slow: tool({
    inputSchema: nothing,
    execute: (_input, { abortSignal }) =>
      new Promise<string>((_resolve, reject) => {
        abortSignal?.addEventListener("abort", () => reject(abortSignal.reason))
      })
  }),
  wrapped: tool({ inputSchema: nothing, execute: auditTool(log.audit, "wrapped", async () => "once") }),
  in_app: { inputSchema: nothing } as ToolSet[string],
  by_provider: tool({
    type: "provider",
    id: "mock.by_provider",
    isProviderExecuted: true,
    supportsDeferredResults: true,
    args: {},
    inputSchema: jsonSchema({ type: "object" })
  })
})

type Way = "generateText" | "streamText"

interface RunOptions {
  readonly way: Way
  readonly script: readonly (readonly Part[])[]
  readonly options?: AiSdkOptions
  readonly messages?: readonly ModelMessage[]
  readonly timeout?: { readonly toolMs: number }
  readonly telemetry?: object
}

const runWith = async (
  log: AgentLog,
  { way, script, options = {}, messages, timeout, telemetry }: RunOptions
): Promise<readonly ModelMessage[]> => {
  const abort = new AbortController()
  const setting = {
    model: scriptedModel(...script),
    tools: makeTools(log, abort),
    messages: [...(messages ?? [{ role: "user" as const, content: "go" }])],
    stopWhen: isStepCount(4),
    abortSignal: abort.signal,
    ...(timeout && { timeout }),
    toolApproval: {
      asks: "user-approval" as const,
      by_policy: { type: "denied" as const, reason: "after hours" }
    },
    telemetry: { functionId: "planner", integrations: [auditAiSdk(log.audit, options)], ...telemetry }
  }
  try {
    if (way === "generateText") return (await generateText(setting)).responseMessages
    const result = streamText({ ...setting, onError: () => undefined })
    await result.consumeStream({ onError: () => undefined })
    return await result.responseMessages
  } catch (error) {
    if (abort.signal.aborted) return []
    throw error
  }
}

const asked = (input: object): readonly ModelMessage[] => [
  { role: "user", content: "go" },
  {
    role: "assistant",
    content: [
      { type: "tool-call", toolCallId: "call-9", toolName: "asks", input },
      { type: "tool-approval-request", approvalId: "approval-9", toolCallId: "call-9" }
    ]
  }
]

const answered = (
  approved: boolean,
  reason: string,
  input: object = { path: "/a" }
): readonly ModelMessage[] => [
  ...asked(input),
  { role: "tool", content: [{ type: "tool-approval-response", approvalId: "approval-9", approved, reason }] }
]

interface Case extends Omit<RunOptions, "way"> {
  readonly name: string
  readonly tool: string
  readonly status: string
  readonly fields?: object
}

const one = (name: string, input: unknown = {}): readonly (readonly Part[])[] => [[{ tool: name, input }]]

const cases: readonly Case[] = [
  {
    name: "a success",
    script: one("search", { q: "cats" }),
    tool: "search",
    status: "ok",
    fields: { args: { q: "cats" }, result_chars: 10, result_snippet: "found cats", call_id: "call-1" }
  },
  {
    name: "a throw",
    script: one("throws"),
    tool: "throws",
    status: "error",
    fields: { exc_type: "RangeError", exc_message: "row 7 is missing" }
  },
  {
    name: "a generator",
    script: one("streams"),
    tool: "streams",
    status: "ok",
    fields: { result_snippet: "one two", reason: "noted between" }
  },
  {
    name: "a generator that breaks",
    script: one("breaks"),
    tool: "breaks",
    status: "error",
    fields: { exc_type: "TypeError" }
  },
  {
    name: "an unknown tool",
    script: one("nope", { a: 1 }),
    tool: "nope",
    status: "error",
    fields: { args: { a: 1 }, exc_type: "AI_NoSuchToolError" }
  },
  {
    name: "invalid arguments",
    script: one("search", { q: 7 }),
    tool: "search",
    status: "error",
    fields: { args: { q: 7 }, exc_type: "AI_InvalidToolInputError" }
  },
  {
    name: "arguments that are no JSON",
    script: one("search", "{oops"),
    tool: "search",
    status: "error",
    fields: { exc_type: "AI_InvalidToolInputError" }
  },
  {
    name: "a denial by the tool",
    script: one("refuses"),
    tool: "refuses",
    status: "denied",
    fields: { exc_type: "ToolDenied" }
  },
  {
    name: "an automatic denial",
    script: one("by_policy"),
    tool: "by_policy",
    status: "denied",
    fields: { approval: { decision: "denied", via: "policy", reason: "after hours", at: expect.any(String) } }
  },
  {
    name: "a call that waits for approval",
    script: one("asks", { path: "/a" }),
    tool: "asks",
    status: "pending",
    fields: { reason: "waits for approval" }
  },
  {
    name: "an approval by a person",
    script: [],
    messages: answered(true, "fine"),
    tool: "asks",
    status: "ok",
    fields: {
      call_id: "call-9",
      approval: { decision: "approved", by: "ada", via: "ai-sdk", reason: "fine", at: expect.any(String) }
    }
  },
  {
    name: "a denial by a person",
    script: [],
    messages: answered(false, "not now"),
    tool: "asks",
    status: "denied",
    fields: {
      call_id: "call-9",
      args: { path: "/a" },
      approval: { decision: "denied", by: "ada", via: "ai-sdk", reason: "not now", at: expect.any(String) }
    }
  },
  {
    name: "an approval of other arguments than the tool takes",
    script: [],
    messages: answered(true, "fine", { path: 7 }),
    tool: "asks",
    status: "denied",
    fields: { reason: "the approval did not hold" }
  },
  { name: "an abort", script: one("waits"), tool: "waits", status: "cancelled" },
  {
    name: "a time-out",
    script: one("slow"),
    timeout: { toolMs: 5 },
    tool: "slow",
    status: "cancelled",
    fields: { exc_type: "TimeoutError" }
  },
  {
    name: "a tool of the provider",
    script: [[{ tool: "by_provider", input: { a: 1 }, providerExecuted: true, result: { rows: 3 } }]],
    tool: "by_provider",
    status: "ok",
    fields: { result_snippet: '{"rows":3}' }
  },
  {
    name: "a tool that the application runs itself",
    script: one("in_app"),
    tool: "in_app",
    status: "pending",
    fields: { reason: "left to the application" }
  },
  { name: "a tool that is wrapped too", script: one("wrapped"), tool: "wrapped", status: "ok" }
]

const user = () => "ada"

describe.each(["generateText", "streamText"] as const)("%s", (way) => {
  it.each(cases)(
    "S2.2 S2.4 $name is one line: $tool, $status",
    async ({ tool: name, status, fields, ...rest }) => {
      const log = agentLog()
      await runWith(log, { way, options: { user }, ...rest })
      expect(await log.fields()).toEqual([
        expect.objectContaining({
          tool: name,
          status,
          user: "ada",
          source: "ai-sdk",
          agent: "planner",
          engine: "mock",
          model: "scripted-1",
          run_id: expect.any(String),
          duration_ms: expect.any(Number),
          ...fields
        })
      ])
    }
  )

  it("S2.9 several calls of one answer, and those of the next, are as many lines", async () => {
    const log = agentLog()
    const both: readonly Part[] = [
      { tool: "search", input: { q: "a" } },
      { tool: "nope", input: {} },
      { tool: "throws", input: {} },
      { tool: "by_policy", input: {} }
    ]
    await runWith(log, { way, script: [both, [{ tool: "search", input: { q: "b" }, id: "call-5" }]] })
    const found = (await log.fields()).map(({ call_id: id, tool: name, status }) => `${id} ${name} ${status}`)
    expect(found.toSorted()).toEqual([
      "call-1 search ok",
      "call-2 nope error",
      "call-3 throws error",
      "call-4 by_policy denied",
      "call-5 search ok"
    ])
  })

  it("S2.4 a call that waited and is answered is two lines of one call_id", async () => {
    const log = agentLog()
    const messages = await runWith(log, { way, options: { user }, script: one("asks", { path: "/a" }) })
    const request = messages
      .flatMap(({ content }) => (typeof content === "string" ? [] : (content as readonly { type: string }[])))
      .find(({ type }) => type === "tool-approval-request") as { readonly approvalId: string } | undefined
    const answer: ModelMessage = {
      role: "tool",
      content: [{ type: "tool-approval-response", approvalId: request?.approvalId ?? "", approved: true }]
    }
    await runWith(log, {
      way,
      options: { user },
      script: [],
      messages: [{ role: "user", content: "go" }, ...messages, answer]
    })
    expect((await log.fields()).map(({ call_id: id, status }) => [id, status])).toEqual([
      ["call-1", "pending"],
      ["call-1", "ok"]
    ])
  })

  it("S2.4 a call that a person approves and the provider runs ends with the provider's result, and says who approved", async () => {
    const call = {
      type: "tool-call" as const,
      toolCallId: "call-9",
      toolName: "by_provider",
      input: { a: 1, apiKey: "hunter2" },
      providerExecuted: true
    }
    const response = { type: "tool-approval-response" as const, approvalId: "approval-9", approved: true }
    const messages: readonly ModelMessage[] = [
      { role: "user", content: "go" },
      {
        role: "assistant",
        content: [call, { type: "tool-approval-request", approvalId: "approval-9", toolCallId: "call-9" }]
      },
      { role: "tool", content: [{ ...response, providerExecuted: true, reason: "fine" }] }
    ]
    const result: Part = {
      tool: "by_provider",
      input: {},
      id: "call-9",
      providerExecuted: true,
      isDeferred: true,
      result: { rows: 3 }
    }
    const log = agentLog()
    await runWith(log, { way, options: { user }, script: [[result]], messages })
    const approval = { decision: "approved", by: "ada", via: "ai-sdk", reason: "fine" }
    expect(await log.fields()).toMatchObject([
      { call_id: "call-9", status: "ok", args: { a: 1, apiKey: "[redacted]" }, user: "ada", approval }
    ])
  })

  it("S2.5 secrets in arguments, results and errors are redacted by default, as everywhere", async () => {
    const log = agentLog()
    const tools: ToolSet = {
      login: tool({
        inputSchema: z.object({ password: z.string(), url: z.string() }),
        execute: () => ({ token: "hunter2", note: "password: hunter2" })
      }),
      fails: tool({
        inputSchema: z.object({ command: z.string() }),
        execute: (): string => {
          throw Object.assign(new Error("no https://ada:hunter2@example.com"), { apiKey: "hunter2" })
        }
      })
    }
    const login: Part = { tool: "login", input: { password: "hunter2", url: "https://h/?token=hunter2" } }
    const fails: Part = { tool: "fails", input: { command: "mysql -uroot -phunter2" }, id: "call-2" }
    const setting = {
      model: scriptedModel([login, fails]),
      tools,
      prompt: "go",
      stopWhen: isStepCount(2),
      telemetry: { integrations: [auditAiSdk(log.audit)] }
    }
    if (way === "generateText") await generateText(setting)
    else await streamText({ ...setting, onError: () => undefined }).consumeStream()
    expect(await log.fields()).toHaveLength(2)
    expect(log.exporter.lines.join()).not.toContain("hunter2")
    expect((await log.fields()).find(({ tool: name }) => name === "login")?.result_snippet).toBe(
      '{"token":"[redacted]","note":"password: [redacted]"}'
    )
  })

  it("S2.4 a result that the provider gives later is the end of its call", async () => {
    const log = agentLog()
    const call: Part = { tool: "by_provider", input: { a: 1 }, providerExecuted: true }
    const later: Part = { ...call, id: "call-1", isDeferred: true, result: { rows: 3 } }
    await runWith(log, { way, script: [[call], [later]] })
    const found = (await log.fields()).map(({ call_id: id, status, reason }) => [id, status, reason])
    expect(found).toEqual([
      ["call-1", "pending", "left to the provider"],
      ["call-1", "ok", undefined]
    ])
  })

  it("S2.7 a run has the user of the context around it, also where its tools run later, and siblings have theirs", async () => {
    const log = agentLog()
    await Promise.all(
      ["ada", "bob"].map((name) =>
        withContext({ user: name }, () => runWith(log, { way, script: one("search", { q: name }) }))
      )
    )
    const found = (await log.fields()).map(({ user: whose, result_snippet: said }) => [whose, said])
    expect(found.toSorted()).toEqual([
      ["ada", "found ada"],
      ["bob", "found bob"]
    ])
  })

  it("S2.5 S2.6 what the options withhold is not on the line: ours, and those of the SDK's telemetry", async () => {
    const withheld: readonly Omit<RunOptions, "way" | "script">[] = [
      { options: { args: "keys", result: "keys" } },
      { options: { args: "none", result: "none" } },
      { telemetry: { recordInputs: false, recordOutputs: false } }
    ]
    for (const rest of withheld) {
      const log = agentLog()
      await runWith(log, { way, ...rest, script: one("search", { q: "my illness" }) })
      await runWith(log, { way, ...rest, script: one("search", { q: { my: "illness" } }) })
      await runWith(log, { way, ...rest, script: one("throws") })
      const lines = log.exporter.lines.join()
      expect(lines).not.toMatch(/illness|row 7/)
      expect((await log.fields())[0]).toMatchObject({ tool: "search", status: "ok" })
    }
  })
})

describe("runs", () => {
  it("S2.2 a run that a tool starts names the run around it", async () => {
    const log = agentLog()
    const telemetry = { integrations: [auditAiSdk(log.audit)] }
    const inner = tool({
      inputSchema: nothing,
      execute: async () => {
        const script = one("search", { q: "inner" })
        const tools = makeTools(log, new AbortController())
        await generateText({ model: scriptedModel(...script), prompt: "go", tools, telemetry })
        return "done"
      }
    })
    await generateText({ model: scriptedModel(...one("inner")), prompt: "go", tools: { inner }, telemetry })
    const [search, outer] = await log.fields()
    expect(search).toMatchObject({ tool: "search", parent_run_id: outer?.run_id })
    expect(outer).not.toHaveProperty("parent_run_id")
    expect(search?.run_id).not.toBe(outer?.run_id)
  })

  it("S2.8 is what registerTelemetry takes; options are checked; events of any form break nothing", async () => {
    const { audit, fields } = agentLog()
    const made = auditAiSdk(audit)
    expectTypeOf(registerTelemetry).toBeCallableWith(made)
    expect(() => auditAiSdk(audit, { usr: user } as object)).toThrow('auditAiSdk: there is no option "usr"')
    for (const event of [
      undefined,
      null,
      7,
      {},
      { callId: "x", content: [null] },
      new Proxy({}, {})
    ] as never[]) {
      made.onStart(event)
      made.onStepStart(event)
      made.onLanguageModelCallEnd(event)
      made.onToolExecutionEnd(event)
      made.onStepEnd(event)
      made.onAbort(event)
      made.onError(event)
      made.onEnd(event)
    }
    expect(await made.executeTool({ callId: "?", toolCallId: "?", execute: async () => 42 })).toBe(42)
    expect(await fields()).toEqual([])
  })
})

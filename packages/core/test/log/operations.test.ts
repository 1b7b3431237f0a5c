// Operations that are timed and tools that are audited: what is recorded at every kind of end, and that the caller's
// result or error goes on untouched.
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { auditTool, ToolDenied } from "../../src/api/audit-tool.ts"
import { withContext } from "../../src/log/context.ts"
import type { Allowed } from "../../src/log/recording.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const makeLog = (allow: Allowed = "all") => {
  const exporter = memoryExporter()
  const audit = createAuditLog({ app: "ops", exporters: [exporter], exitHook: false, allow, env: {} })
  const written = async () => {
    await audit.flush()
    return exporter.events
  }
  return { audit, written }
}

describe("timed", () => {
  it("S3.9 records start, end, duration, outcome and the response that was set inside; returns the result", async () => {
    const { audit, written } = makeLog()
    const result = await audit.timed(
      "recall",
      { bank_id: "b-1", request: { query_chars: 12, token: "t" } },
      async (op) => {
        op.response = { n_results: 18 }
        return "answer"
      }
    )
    expect(result).toBe("answer")
    const [event] = await written()
    expect(event?.head).toMatchObject({
      category: "operation",
      level: "info",
      message: expect.stringMatching(/^recall took \d+ ms$/)
    })
    expect(event?.fields).toMatchObject({
      action: "recall",
      outcome: "success",
      duration_ms: expect.any(Number),
      response: { n_results: 18 },
      bank_id: "b-1",
      request: { query_chars: 12, token: "[redacted]" }
    })
    expect(Date.parse(String(event?.fields.ended_at))).toBeGreaterThanOrEqual(
      Date.parse(String(event?.fields.started_at))
    )
  })

  it("S3.9 is recorded also when the body throws, which goes on to the caller", async () => {
    const { audit, written } = makeLog()
    const error = new RangeError("no bank at https://u:secret@h/")
    const thrown = audit.timed("recall", {}, (op) => {
      op.response = "partial"
      throw error
    })
    await expect(thrown).rejects.toBe(error)
    const [event] = await written()
    expect(event?.head).toMatchObject({
      level: "error",
      message: expect.stringMatching(/^recall failed after \d+ ms$/)
    })
    expect(event?.fields).toMatchObject({
      outcome: "failure",
      response: "partial",
      exc_type: "RangeError",
      exc_message: "no bank at https://[redacted]@h/"
    })
  })

  it("S3.6 the allow-list may name the operation", async () => {
    const { audit, written } = makeLog(["recall"])
    await audit.timed("recall", {}, () => 1)
    await audit.timed("retain", {}, () => 1)
    expect((await written()).map(({ fields }) => fields.action)).toEqual(["recall"])
    expect([audit.isEnabled("recall"), audit.isEnabled("retain")]).toEqual([true, false])
  })
})

describe("auditTool", () => {
  it("S2.2 S2.4 S2.6 an MCP-shaped tool: args, status, the result's length and its first 300 characters", async () => {
    const { audit, written } = makeLog()
    const text = `${"é".repeat(299)}😀${"x".repeat(100)}`
    const tool = auditTool(audit, "search", async ({ query }: { readonly query: string }) => ({
      content: [{ type: "text", text: `${query}${text}` }]
    }))
    const answer = await withContext({ engine: "e", model: "m", user: "ada" }, () => tool({ query: "" }))
    expect(answer.content).toHaveLength(1)
    const [event] = await written()
    expect(event?.head).toMatchObject({ category: "tool_call", level: "info", message: "search: ok" })
    expect(event?.fields).toMatchObject({
      tool: "search",
      args: { query: "" },
      status: "ok",
      result_chars: 400,
      result_snippet: `${"é".repeat(299)}😀`,
      engine: "e",
      model: "m",
      user: "ada"
    })
  })

  it("S2.4 error and denied: an MCP result that says so, a throw, and a tool that was not allowed", async () => {
    const { audit, written } = makeLog()
    auditTool(audit, "a", () => ({
      isError: true,
      content: [{ type: "text", text: "no such file" }]
    }))()
    const error = new TypeError("bad")
    expect(() =>
      auditTool(audit, "b", () => {
        throw error
      })()
    ).toThrow(error)
    await expect(
      auditTool(audit, "c", () => Promise.reject(new ToolDenied("not for guests")))()
    ).rejects.toThrow("not for guests")
    expect(
      (await written()).map(({ fields }) => [
        fields.tool,
        fields.status,
        fields.exc_type,
        fields.result_chars
      ])
    ).toEqual([
      ["a", "error", undefined, 12],
      ["b", "error", "TypeError", 0],
      ["c", "denied", "ToolDenied", 0]
    ])
  })

  it("S2.5 a text of 500 characters is untouched, 501 are cut, at any depth and on code points; other types stay", async () => {
    const { audit, written } = makeLog()
    const exact = "x".repeat(500)
    const args = {
      exact,
      longer: `${exact}y`,
      nested: [{ pair: `${"x".repeat(499)}😀`, longer: `${"x".repeat(499)}😀y` }],
      n: 7,
      flag: true,
      nothing: null,
      api_key: "k"
    }
    auditTool(audit, "t", (_args: unknown) => "")(args)
    expect((await written())[0]?.fields.args).toEqual({
      exact,
      longer: `${exact} …[501 chars total]`,
      nested: [{ pair: `${"x".repeat(499)}😀`, longer: `${"x".repeat(499)}😀 …[501 chars total]` }],
      n: 7,
      flag: true,
      nothing: null,
      api_key: "[redacted]"
    })
  })

  it("S2.7 engine and model default to nothing; an AI-SDK-shaped tool records what it was asked, not its options", async () => {
    const { audit, written } = makeLog()
    const tool = {
      execute: auditTool(
        audit,
        "weather",
        async (args: { readonly city: string }, _options: object) => args.city.length
      )
    }
    expect(
      await tool.execute({ city: "Ulm" }, { toolCallId: "c-1", abortSignal: new AbortController().signal })
    ).toBe(3)
    expect((await written())[0]?.fields).toMatchObject({
      args: { city: "Ulm" },
      engine: "",
      model: "",
      result_chars: 1,
      result_snippet: "3"
    })
  })

  it("S2.8 recording does no harm to the tool, whatever it is given or gives", async () => {
    const { audit, written } = makeLog()
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    for (const value of [undefined, cyclic, 10n, Symbol("s"), () => 1]) {
      expect(await auditTool(audit, "t", (given: unknown) => given)(value)).toBe(value)
    }
    expect(await written()).toHaveLength(5)
  })
})

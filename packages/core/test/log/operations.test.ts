// Operations that are timed and tools that are audited: what is recorded at every kind of end, and that the caller's
// result or error goes on untouched.
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Audit } from "../../src/api/audit.ts"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { AuditLog } from "../../src/api/audit-log-service.ts"
import { auditTool } from "../../src/api/audit-tool.ts"
import { ToolDenied } from "../../src/api/tool-call.ts"
import { withContext } from "../../src/log/context.ts"
import type { Operation } from "../../src/log/operation.ts"
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

  const setAll = (op: Operation): void => {
    op.bank_id = "b-2"
    op.request = { chars: 7, token: "t" }
    op.response = { hits: 2 }
    op.metadata = { tier: "cold" }
  }
  const allSet = {
    bank_id: "b-2",
    request: { chars: 7, token: "[redacted]" },
    response: { hits: 2 },
    metadata: { tier: "cold" }
  }
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/)
  const bug = new Error("bug")

  it.each<[string, string, (audit: Audit) => Promise<unknown>]>([
    ["it returns a value", "success", (audit) => audit.timed("a", { bank_id: "b-1" }, setAll)],
    [
      "its promise succeeds",
      "success",
      (audit) => audit.timed("a", { bank_id: "b-1" }, async (op) => setAll(op))
    ],
    [
      "it throws",
      "failure",
      (audit) =>
        audit.timed("a", { bank_id: "b-1" }, (op) => {
          setAll(op)
          throw bug
        })
    ],
    [
      "its promise fails",
      "failure",
      (audit) =>
        audit.timed("a", { bank_id: "b-1" }, async (op) => {
          setAll(op)
          throw bug
        })
    ]
  ])(
    "S3.1 S3.9 what is set inside is on the line when %s, with its end and its outcome",
    async (_name, outcome, run) => {
      const { audit, written } = makeLog()
      await run(audit).catch((error: unknown) => expect(error).toBe(bug))
      const [event] = await written()
      expect(event?.fields).toMatchObject({
        action: "a",
        ...allSet,
        outcome,
        started_at: time,
        ended_at: time
      })
      expect(Object.keys(event?.fields ?? {}).filter((name) => name.startsWith("extra."))).toEqual([])
    }
  )

  it.effect.each<[string, string, (op: Operation) => Effect.Effect<unknown, unknown>]>([
    ["succeeds", "success", (op) => Effect.sync(() => setAll(op))],
    [
      "fails",
      "failure",
      (op) =>
        Effect.andThen(
          Effect.sync(() => setAll(op)),
          Effect.fail(bug)
        )
    ],
    [
      "dies",
      "failure",
      (op) =>
        Effect.andThen(
          Effect.sync(() => setAll(op)),
          Effect.die(bug)
        )
    ],
    [
      "is interrupted",
      "failure",
      (op) =>
        Effect.andThen(
          Effect.sync(() => setAll(op)),
          Effect.interrupt
        )
    ]
  ])(
    "S3.1 S3.9 what is set inside is on the line when an effect %s, with its end and its outcome",
    ([_, outcome, run]) =>
      Effect.gen(function* () {
        const exporter = memoryExporter()
        const program = Effect.gen(function* () {
          const audit = yield* AuditLog
          yield* Effect.exit(audit.timed("a", { bank_id: "b-1" }, run))
          yield* audit.flush()
        })
        const layer = AuditLog.layer({ app: "ops", exporters: [exporter], exitHook: false, env: {} })
        yield* Effect.provide(program, layer)
        expect(exporter.events[0]?.fields).toMatchObject({
          action: "a",
          ...allSet,
          outcome,
          started_at: time,
          ended_at: time
        })
      })
  )

  it("S3.1 S3.9 S3.12 bank_id may be null, and metadata is {} unless it is set", async () => {
    const { audit, written } = makeLog()
    await audit.timed("nothing set", {}, () => 1)
    await audit.timed("null given", { bank_id: null, metadata: null, request: null }, () => 1)
    await audit.timed("null set", { bank_id: "b-1", metadata: { n: 1 } }, (op) => {
      op.bank_id = null
      op.metadata = null
    })
    await audit.timed("given", { bank_id: "b-1", metadata: { n: 1 }, other: 2, password: "p" }, () => 1)
    const said = (await written()).map(({ head, fields }) => {
      const { bank_id, metadata, request, other, password } = fields
      return [head.schema_error, bank_id, metadata, request, other, password]
    })
    expect(said).toEqual([
      [undefined, undefined, {}, undefined, undefined, undefined],
      [undefined, null, {}, null, undefined, undefined],
      [undefined, null, {}, undefined, undefined, undefined],
      [undefined, "b-1", { n: 1 }, undefined, 2, "[redacted]"]
    ])
  })

  it("S3.9 what surrounds the call stands where the operation says nothing", async () => {
    const { audit, written } = makeLog()
    await withContext({ bank_id: "around", transport: "http" }, async () => {
      await audit.timed("recall", {}, () => 1)
      await audit.timed("recall", { bank_id: "given" }, () => 1)
    })
    expect((await written()).map(({ fields }) => [fields.bank_id, fields.transport])).toEqual([
      ["around", "http"],
      ["given", "http"]
    ])
  })

  it("S1.15 S3.9 a secret among the fields is never read, also beside what an operation may set", async () => {
    const { audit, written } = makeLog()
    let reads = 0
    const fields = {
      bank_id: "b-1",
      get password() {
        return ++reads
      }
    }
    await audit.timed("recall", fields, () => 1)
    expect((await written())[0]?.fields.password).toBe("[redacted]")
    expect(reads).toBe(0)
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

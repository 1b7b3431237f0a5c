// A call from its beginning to its one record: what is noted while it runs, every way it can end, calls inside calls, and how much of
// arguments and results stands on the line.
import { setTimeout as later } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { auditTool, recordToolCall } from "../../src/api/audit-tool.ts"
import { noteToolCall, startToolCall, ToolDenied, type ToolDetail } from "../../src/api/tool-call.ts"
import { builtInEvents, readAs, ToolCalled } from "../../src/catalogue/index.ts"
import { withContext } from "../../src/log/context.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const makeLog = () => {
  const exporter = memoryExporter()
  const audit = createAuditLog({ app: "tools", exporters: [exporter], exitHook: false, env: {} })
  const written = async () => {
    await audit.flush()
    return exporter.events
  }
  return { audit, written }
}

const approval = { decision: "approved", by: "ada", via: "dialogue", reason: "only once" } as const

describe("what is noted while a call runs", () => {
  it("S2.2 an approval stands on the record of the call around it, across await, and on no other", async () => {
    const { audit, written } = makeLog()
    const tool = auditTool(audit, "delete", async ({ path }: { readonly path: string }) => {
      await later(0)
      await withContext({ request: "r1" }, async () => {
        await later(0)
        if (path === "a") noteToolCall({ approval: { ...approval, at: new Date(0) } })
      })
      audit.log("files", "looked")
      return "done"
    })
    await Promise.all([tool({ path: "a" }), tool({ path: "b" })])
    noteToolCall({ approval })
    const calls = (await written()).filter(({ head }) => head.category === "tool_call")
    const byPath = new Map(calls.map(({ fields }) => [JSON.stringify(fields.args), fields]))
    expect(byPath.get('{"path":"a"}')).toMatchObject({
      status: "ok",
      approval: { ...approval, at: "1970-01-01T00:00:00.000Z" }
    })
    expect(byPath.get('{"path":"b"}')).not.toHaveProperty("approval")
    expect((await written()).find(({ head }) => head.category === "files")?.fields).toEqual({})
  })

  it("S2.4 a decision against it makes the call denied or cancelled, whatever the tool returned", async () => {
    const { audit, written } = makeLog()
    for (const decision of ["denied", "cancelled", "approved"] as const)
      auditTool(audit, decision, () => {
        noteToolCall({ approval: { decision }, reason: "asked" })
        return "nothing was done"
      })()
    const events = await written()
    expect(events.map(({ head, fields }) => [head.level, fields.tool, fields.status, fields.reason])).toEqual(
      [
        ["warn", "denied", "denied", "asked"],
        ["warn", "cancelled", "cancelled", "asked"],
        ["info", "approved", "ok", "asked"]
      ]
    )
  })

  it("S2.8 notes of any kind throw nothing, and a note after the end changes nothing", async () => {
    const { audit, written } = makeLog()
    const hostile = {
      get approval() {
        throw new Error("no")
      },
      agent: "planner"
    }
    auditTool(audit, "t", () => {
      for (const facts of [hostile, null, 7, undefined]) noteToolCall(facts as object)
    })()
    const call = startToolCall(audit, { tool: "u", args: {} })
    call.end({ result: "first" })
    call.note({ agent: "late" })
    call.end({ error: new Error("second") })
    const [noted, started] = (await written()).map(({ fields }) => fields)
    expect(noted).toMatchObject({ tool: "t", agent: "planner" })
    expect(started).toMatchObject({ tool: "u", status: "ok", result_snippet: "first" })
    expect(started).not.toHaveProperty("agent")
    expect(await written()).toHaveLength(2)
  })

  it("S2.4 a generator notes too, and is recorded when it ends, however it ends", async () => {
    const { audit, written } = makeLog()
    const stream = auditTool(audit, "stream", async function* (fails: boolean): AsyncGenerator<string> {
      yield "one"
      await later(0)
      noteToolCall({ approval })
      yield "two"
      if (fails) throw new DOMException("given up", "AbortError")
    })
    const read = async (fails: boolean, most: number): Promise<void> => {
      let count = 0
      for await (const _chunk of stream(fails)) if (++count === most) break
    }
    await read(false, 9)
    await read(false, 2)
    await expect(read(true, 9)).rejects.toThrow("given up")
    expect((await written()).map(({ fields }) => [fields.status, fields.reason, fields.approval])).toEqual([
      ["ok", undefined, approval],
      ["ok", "not read to its end", approval],
      ["cancelled", undefined, approval]
    ])
  })
})

describe("how a call ended", () => {
  it.each([
    ["ok", { result: "x" }],
    ["error", { result: { isError: true, content: [] } }],
    ["error", { error: new RangeError("r") }],
    ["error", { error: undefined }],
    ["denied", { error: new ToolDenied("no") }],
    ["cancelled", { error: new DOMException("a", "AbortError") }],
    ["cancelled", { error: new DOMException("t", "TimeoutError") }],
    ["cancelled", { status: "cancelled" }]
  ] as const)("S2.4 is %s", async (status, how) => {
    const { audit, written } = makeLog()
    startToolCall(audit, { tool: "t", args: {} }).end(how)
    expect((await written())[0]?.fields.status).toBe(status)
  })

  it("S2.4 S2.17 pending says that it was asked; the record of its end has the same call_id", async () => {
    const { audit, written } = makeLog()
    const call = startToolCall(audit, { tool: "t", args: { a: 1 }, call_id: "c1", user: "ada" })
    call.run(() => audit.log(call.pending("waits for approval")))
    call.end({ result: "done" })
    recordToolCall(audit, {
      tool: "t",
      args: {},
      status: "pending",
      call_id: "c2",
      approval,
      agent: "planner"
    })
    const [asked, ended, byHand] = await written()
    expect(asked?.head).toMatchObject({ level: "info", message: "t: pending" })
    expect(asked?.fields).toMatchObject({
      args: { a: 1 },
      call_id: "c1",
      user: "ada",
      reason: "waits for approval"
    })
    expect(ended?.fields).toMatchObject({ status: "ok", call_id: "c1", user: "ada" })
    expect(ended?.fields).not.toHaveProperty("reason")
    expect(byHand?.fields).toMatchObject({ status: "pending", call_id: "c2", approval, agent: "planner" })
  })

  it("S2.2 readers have every field of it by its type", async () => {
    const { audit, written } = makeLog()
    const facts = {
      reason: "r",
      call_id: "c",
      rpc_id: 7,
      source: "mcp",
      server: "s 1",
      client: "c 2",
      client_id: "id",
      mcp_session: "m",
      agent: "a",
      run_id: "1",
      parent_run_id: "0",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      approval,
      engine: "e",
      model: "m"
    } as const
    startToolCall(audit, { tool: "t", args: {}, ...facts }).end({ result: "x" })
    const [event] = await written()
    if (event === undefined) throw new Error("nothing was written")
    expect(builtInEvents).toContain(ToolCalled)
    expect(readAs(ToolCalled, event)).toMatchObject({ fields: facts, rest: {} })
  })
})

describe("one call is one record", () => {
  const denied = async (): Promise<string> => {
    await later(0)
    throw new ToolDenied("guests may not")
  }

  it("S2.4 a wrapped tool inside a call of its name adds to that record, and to nothing of another name or log", async () => {
    const { audit, written } = makeLog()
    const other = makeLog()
    const search = auditTool(audit, "search", () => "found")
    const call = startToolCall(audit, { tool: "search", args: { q: 1 }, source: "mcp" })
    await call.run(async () => {
      await later(0)
      auditTool(other.audit, "search", () => "found")()
      search()
      auditTool(audit, "fetch", () => "page")()
      search()
    })
    call.end({ result: "all" })
    expect(
      (await written()).map(({ fields }) => [fields.tool, fields.source, fields.result_snippet])
    ).toEqual([
      ["fetch", undefined, "page"],
      ["search", undefined, "found"],
      ["search", "mcp", "all"]
    ])
    expect(await other.written()).toHaveLength(1)
  })

  it("S2.4 a function that calls itself is recorded each time", async () => {
    const { audit, written } = makeLog()
    const count: (n: number) => number = auditTool(audit, "count", (n: number): number =>
      n === 0 ? 0 : 1 + count(n - 1)
    )
    expect(count(2)).toBe(2)
    expect(await written()).toHaveLength(3)
  })

  it("S2.4 what a tool threw is known again where a server made a text of it, and not where it went on", async () => {
    const { audit, written } = makeLog()
    const asServer = async (run: () => Promise<string>): Promise<void> => {
      const call = startToolCall(audit, { tool: "t", args: {} })
      const result = await call.run(run).catch((error: Error) => ({
        isError: true,
        content: [{ type: "text", text: error.message }]
      }))
      call.end({ result })
    }
    await asServer(denied)
    await asServer(auditTool(audit, "t", denied))
    await asServer(() => denied().catch(() => "went on"))
    await asServer(auditTool(audit, "t", () => Promise.reject(new RangeError("too far"))))
    expect((await written()).map(({ fields }) => [fields.status, fields.exc_type])).toEqual([
      ["denied", "ToolDenied"],
      ["denied", "ToolDenied"],
      ["ok", undefined],
      ["error", "RangeError"]
    ])
  })

  it("S2.4 a call inside a call adds what only it knows", async () => {
    const { audit, written } = makeLog()
    const outer = startToolCall(audit, { tool: "t", args: {}, source: "ai-sdk", call_id: "c" })
    outer.run(() => {
      const inner = startToolCall(audit, { tool: "t", args: {}, source: "mcp", rpc_id: 3, user: "bob" })
      inner.end({ result: "x" })
    })
    outer.end({ result: "x" })
    const events = await written()
    expect(events).toHaveLength(1)
    expect(events[0]?.fields).toMatchObject({ source: "ai-sdk", call_id: "c", rpc_id: 3 })
  })
})

describe("how much of a call stands on the line", () => {
  const args = { path: "/a", token: "t-1", text: "x".repeat(600) }

  it.each<[ToolDetail, unknown, string]>([
    [
      "redacted",
      { ...args, token: "[redacted]", text: `${"x".repeat(500)} …[600 chars total]` },
      "secret page"
    ],
    ["keys", ["path", "token", "text"], '["rows","total"]'],
    ["none", [], ""]
  ])("S2.5 S2.6 S4.6 %s", async (detail, shown, snippet) => {
    const { audit, written } = makeLog()
    const result = {
      content: [{ type: "text", text: "secret page" }],
      structuredContent: { rows: 1, total: 2 }
    }
    const both = { args: detail, result: detail }
    startToolCall(audit, { tool: "t", args }, both).end({ result })
    startToolCall(audit, { tool: "t", args }, both).end({ error: new RangeError("bad path /a") })
    const [ok, failed] = (await written()).map(({ fields }) => fields)
    expect(ok).toMatchObject({ args: shown, result_chars: 11, result_snippet: snippet })
    expect(failed?.exc_type).toBe("RangeError")
    expect(JSON.stringify(failed).includes("/a")).toBe(detail === "redacted")
  })

  it("S2.6 S1.14 of media the line has type and size, and of a result without texts its data", async () => {
    const { audit, written } = makeLog()
    const data = (bytes: number) => Buffer.alloc(bytes, 7).toString("base64")
    const content = [
      { type: "image", mimeType: "image/png", data: data(4) },
      { type: "audio", mimeType: "audio/wav", data: data(5) },
      { type: "resource", resource: { uri: "file:///a", mimeType: "application/pdf", blob: data(6) } },
      { type: "resource", resource: { uri: "file:///b", text: "of a file" } }
    ]
    startToolCall(audit, { tool: "t", args: {} }).end({ result: { content } })
    startToolCall(audit, { tool: "t", args: {} }).end({
      result: { content: [], structuredContent: { n: 1 } }
    })
    const [media, structured] = (await written()).map(({ fields }) => fields)
    expect(media).toMatchObject({
      result_snippet: "of a file",
      result_media: [
        { type: "image/png", bytes: 4 },
        { type: "audio/wav", bytes: 5 },
        { type: "application/pdf", bytes: 6 }
      ]
    })
    expect(structured).toMatchObject({ result_snippet: '{"n":1}' })
    expect(structured).not.toHaveProperty("result_media")
  })
})

// One table of cases against both major versions of the MCP SDK's server: each kind of call is one line with the right status, none
// twice and none missing. Messages are real, between the SDK's own client and server.
import { auditTool, noteToolCall, ToolDenied } from "@daybook/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, it } from "vitest"
import { z } from "zod"
import { type AuditMcpOptions, auditMcpServer } from "../src/mcp.ts"
import { type AgentLog, agentLog } from "./tools/agent-log.ts"
import { type McpSdk, mcpSdks, type TestServer, type ToolExtra } from "./tools/mcp-sdks.ts"

const text = (said: string) => ({ content: [{ type: "text", text: said }] })
const query = z.object({ q: z.string() })
const png = Buffer.alloc(10, 1).toString("base64")

/** A tool that was called, and has not come back. */
const makeWaiting = () => {
  let called = (): void => undefined
  const isCalled = new Promise<void>((resolve) => {
    called = resolve
  })
  return { isCalled, called: () => called() }
}

interface Bench {
  readonly log: AgentLog
  readonly server: TestServer
  readonly call: (name: string, args?: object, options?: object, more?: object) => Promise<unknown>
  readonly close: () => Promise<void>
  readonly waiting: ReturnType<typeof makeWaiting>
}

const connect = async (
  sdk: McpSdk,
  options: AuditMcpOptions = {},
  { answer = { action: "accept", content: {} } as object, authInfo = undefined as object | undefined } = {}
): Promise<Bench> => {
  const log = agentLog()
  const server = sdk.server()
  const waiting = makeWaiting()
  server.registerTool("search", { inputSchema: query }, ({ q }: { q: string }) => text(`found ${q}`))
  auditMcpServer(server, log.audit, options as AuditMcpOptions & { before?: undefined })
  const ask = () =>
    server.server.elicitInput({ message: "Sure?", requestedSchema: { type: "object", properties: {} } })
  const tools: Record<string, (args: never, extra: ToolExtra) => unknown> = {
    throws: () => Promise.reject(new RangeError("row 7 is missing")),
    refuses: () => Promise.reject(new ToolDenied("guests may not search")),
    says_error: () => ({ ...text("it is full"), isError: true }),
    bad_result: () => ({ content: [{ type: "no such type" }] }),
    by_policy: () => {
      noteToolCall({ approval: { decision: "denied", via: "policy", reason: "after hours" } })
      return text("nothing was done")
    },
    asks: async () => text((await ask()).action),
    media: () => ({
      content: [
        { type: "image", mimeType: "image/png", data: png },
        { type: "resource", resource: { uri: "file:///a", mimeType: "application/zip", blob: png } }
      ]
    }),
    wrapped: auditTool(log.audit, "wrapped", () => text("once")),
    waits: () => {
      waiting.called()
      return new Promise(() => undefined)
    }
  }
  for (const [name, run] of Object.entries(tools))
    server.registerTool(name, { inputSchema: z.object({}) }, run)
  server.registerTool(
    "bad_data",
    { inputSchema: z.object({}), outputSchema: z.object({ n: z.number() }) },
    () => ({ ...text("x"), structuredContent: { n: "not a number" } })
  )
  server.registerTool("disabled", { inputSchema: z.object({}) }, () => text("x")).disable()
  const [clientEnd, serverEnd] = sdk.pair()
  serverEnd.sessionId = "session-1"
  const send = clientEnd.send.bind(clientEnd)
  clientEnd.send = (message, how) => send(message, { ...how, authInfo })
  const client = sdk.client(() => answer)
  await Promise.all([server.connect(serverEnd as never), client.connect(clientEnd)])
  server.registerTool("late", { inputSchema: z.object({}) }, () => text("registered last"))
  return {
    log,
    server,
    waiting,
    // What the client gets is compared where it matters; here only that it gets something.
    call: (name, args = {}, options, more) =>
      client.call(name, args, options, more).catch((error: unknown) => ({ rejected: error })),
    close: () => client.close()
  }
}

interface Case {
  readonly name: string
  readonly answer?: object
  readonly act: (bench: Bench) => Promise<unknown>
  readonly tool: string
  readonly status: string
  readonly fields?: object
}

const whileWaiting = async (bench: Bench, end: (abort: AbortController) => unknown): Promise<void> => {
  const abort = new AbortController()
  const called = bench.call("waits", {}, { signal: abort.signal })
  await bench.waiting.isCalled
  await end(abort)
  await called
}

const cases: readonly Case[] = [
  {
    name: "a success",
    act: ({ call }) => call("search", { q: "cats" }),
    tool: "search",
    status: "ok",
    fields: { args: { q: "cats" }, result_chars: 10, result_snippet: "found cats" }
  },
  { name: "a tool registered after connect", act: ({ call }) => call("late"), tool: "late", status: "ok" },
  {
    name: "an unknown tool",
    act: ({ call }) => call("nope", { a: 1 }),
    tool: "nope",
    status: "error",
    fields: { args: { a: 1 } }
  },
  { name: "a disabled tool", act: ({ call }) => call("disabled"), tool: "disabled", status: "error" },
  {
    name: "refused arguments",
    act: ({ call }) => call("search", { q: 7 }),
    tool: "search",
    status: "error",
    fields: { args: { q: 7 } }
  },
  {
    name: "a result that is none",
    act: ({ call }) => call("bad_result"),
    tool: "bad_result",
    status: "error"
  },
  { name: "data that do not fit", act: ({ call }) => call("bad_data"), tool: "bad_data", status: "error" },
  {
    name: "a throw",
    act: ({ call }) => call("throws"),
    tool: "throws",
    status: "error",
    fields: { result_snippet: "row 7 is missing" }
  },
  {
    name: "a result that says it is an error",
    act: ({ call }) => call("says_error"),
    tool: "says_error",
    status: "error"
  },
  {
    name: "a denial by the tool",
    act: ({ call }) => call("refuses"),
    tool: "refuses",
    status: "denied",
    fields: { exc_type: "ToolDenied", exc_message: "guests may not search" }
  },
  {
    name: "a denial by a policy",
    act: ({ call }) => call("by_policy"),
    tool: "by_policy",
    status: "denied",
    fields: { approval: { decision: "denied", via: "policy", reason: "after hours" } }
  },
  ...(
    [
      ["accept", "approved", "ok"],
      ["decline", "denied", "denied"],
      ["cancel", "cancelled", "cancelled"]
    ] as const
  ).map(
    ([action, decision, status]): Case => ({
      name: `an elicitation answered by ${action}`,
      answer: action === "accept" ? { action, content: {} } : { action },
      act: ({ call }) => call("asks"),
      tool: "asks",
      status,
      fields: {
        approval: expect.objectContaining({ decision, by: "ada", via: "elicitation", at: expect.any(String) })
      }
    })
  ),
  {
    name: "a time-out",
    act: ({ call }) => call("waits", {}, { timeout: 5 }),
    tool: "waits",
    status: "cancelled",
    fields: { reason: expect.stringMatching(/timed out/i) }
  },
  {
    name: "an abort",
    act: (bench) => whileWaiting(bench, (abort) => abort.abort("the user went away")),
    tool: "waits",
    status: "cancelled",
    fields: { reason: expect.stringContaining("the user went away") }
  },
  {
    name: "a connection that is closed",
    act: (bench) => whileWaiting(bench, () => bench.close()),
    tool: "waits",
    status: "cancelled",
    fields: { reason: "the connection was closed" }
  },
  {
    name: "an image and a file",
    act: ({ call }) => call("media"),
    tool: "media",
    status: "ok",
    fields: {
      result_chars: 0,
      result_media: [
        { type: "image/png", bytes: 10 },
        { type: "application/zip", bytes: 10 }
      ]
    }
  },
  { name: "a tool that is wrapped too", act: ({ call }) => call("wrapped"), tool: "wrapped", status: "ok" }
]

const ofAda = (extra: {
  readonly authInfo?: { readonly extra?: Readonly<Record<string, unknown>> } | undefined
}) => extra.authInfo?.extra?.user as string | undefined

const authInfo = { token: "tok-secret-1", clientId: "desk-app", scopes: [], extra: { user: "ada" } }

describe.each(mcpSdks)("a server of the MCP SDK, version $version", (sdk) => {
  it.each(cases)(
    "S2.2 S2.4 $name is one line: $tool, $status",
    async ({ act, answer, tool, status, fields }) => {
      const bench = await connect(sdk, { user: ofAda }, { ...(answer && { answer }), authInfo })
      await act(bench)
      const events = await bench.log.calls()
      expect(events.map((event) => event.fields)).toEqual([
        expect.objectContaining({
          tool,
          status,
          user: "ada",
          source: "mcp",
          server: "files 1.2.3",
          client: "desk 4.5.6",
          client_id: "desk-app",
          mcp_session: "session-1",
          rpc_id: expect.any(Number),
          duration_ms: expect.any(Number),
          engine: "",
          model: "",
          ...fields
        })
      ])
      expect(events[0]?.head).toMatchObject({ level: status === "ok" ? "info" : "warn" })
      expect(bench.log.exporter.lines.join()).not.toContain("tok-secret-1")
      await bench.close()
    }
  )

  it("S2.4 all of them on one connection are as many lines as calls, and the client gets what it gets without us", async () => {
    const bench = await connect(sdk, { user: ofAda })
    const plain = await connect(sdk)
    const repeatable = cases.filter(({ tool }) => tool !== "waits")
    for (const { act } of repeatable) expect(await act(bench)).toEqual(await act(plain))
    expect((await bench.log.fields()).map(({ tool }) => tool)).toEqual(repeatable.map(({ tool }) => tool))
    await Promise.all([bench.close(), plain.close()])
  })

  it("S2.4 a server below McpServer, audited after it was connected, and errors of the protocol", async () => {
    const log = agentLog()
    const server = sdk.lowServer((name) => {
      if (name === "denied") throw new ToolDenied("not you")
      if (name === "throws") throw new RangeError("too far")
      return text("low")
    })
    const [clientEnd, serverEnd] = sdk.pair()
    const client = sdk.client()
    await Promise.all([server.connect(serverEnd as never), client.connect(clientEnd)])
    auditMcpServer(server, log.audit)
    await client.call("ok", {})
    await client.call("denied", {}).catch(() => undefined)
    await client.call("throws", {}).catch(() => undefined)
    expect((await log.fields()).map(({ tool, status, exc_type }) => [tool, status, exc_type])).toEqual([
      ["ok", "ok", undefined],
      ["denied", "denied", "ToolDenied"],
      ["throws", "error", "JsonRpcError"]
    ])
    await client.close()
  })

  it("S2.4 a server for each request is recorded too, with the client that the request names", async () => {
    const log = agentLog()
    const fetch = sdk.stateless(() => {
      const server = sdk.server()
      server.registerTool("search", { inputSchema: query }, ({ q }: { q: string }) => text(q))
      return auditMcpServer(server, log.audit, { user: () => "ada" })
    })
    const ask = (name: string, q: unknown) =>
      fetch(
        new Request("http://localhost/mcp", {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
          body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "tools/call",
            params: { name, arguments: { q } }
          })
        })
      ).then((response) => response.text())
    expect(await ask("search", "cats")).toContain("cats")
    await ask("nope", "dogs")
    expect(
      (await log.fields()).map(({ tool, status, user, rpc_id: id }) => [tool, status, user, id])
    ).toEqual([
      ["search", "ok", "ada", 1],
      ["nope", "error", "ada", 1]
    ])
  })

  it("S2.4 F88 an id that is used twice hides no call, and what is no proper request breaks nothing", async () => {
    const bench = await connect(sdk)
    const [clientEnd, serverEnd] = sdk.pair()
    const server = auditMcpServer(sdk.server(), bench.log.audit)
    server.registerTool("search", { inputSchema: query }, ({ q }: { q: string }) => text(q))
    const answers: object[] = []
    clientEnd.onmessage = (message) => answers.push(message)
    await server.connect(serverEnd as never)
    const request = (params: unknown) =>
      clientEnd.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params } as never)
    const all = new Promise<void>((resolve) => {
      clientEnd.onmessage = (message) => {
        answers.push(message)
        if (answers.length === 4) resolve()
      }
    })
    await Promise.all([
      request({ name: "search", arguments: { q: "one" } }),
      request({ name: "search", arguments: { q: "two" } }),
      request({ name: { no: "text" }, arguments: 7 }),
      request(undefined)
    ])
    await all
    expect((await bench.log.fields()).map(({ tool }) => tool).sort()).toEqual(["", "", "search", "search"])
    await server.close()
  })

  it("S2.4 of two calls of one id each has its own result, whichever is answered first", async () => {
    const log = agentLog()
    const server = auditMcpServer(sdk.server(), log.audit)
    const { isCalled, called } = makeWaiting()
    server.registerTool("t", { inputSchema: query }, async ({ q }: { q: string }) => {
      if (q === "slow") await isCalled
      return text(`of ${q}`)
    })
    const [clientEnd, serverEnd] = sdk.pair()
    await server.connect(serverEnd as never)
    let count = 0
    const both = new Promise<void>((resolve) => {
      clientEnd.onmessage = () => {
        count += 1
        called()
        if (count === 2) resolve()
      }
    })
    for (const q of ["slow", "fast"])
      await clientEnd.send({
        jsonrpc: "2.0",
        id: 7,
        method: "tools/call",
        params: { name: "t", arguments: { q } }
      } as never)
    await both
    const found = (await log.fields()).map(({ args, result_snippet: said }) => [
      (args as { q: string }).q,
      said
    ])
    expect(found).toEqual([
      ["fast", "of fast"],
      ["slow", "of slow"]
    ])
    await server.close()
  })

  it("S2.7 what the tool records inside has its user and context, and siblings do not", async () => {
    const bench = await connect(sdk, { user: ofAda }, { authInfo })
    bench.server.registerTool("writes", { inputSchema: query }, async ({ q }: { q: string }) => {
      await new Promise((resolve) => setImmediate(resolve))
      bench.log.audit.log("files", q)
      noteToolCall({ agent: q })
      return text(q)
    })
    await Promise.all([bench.call("writes", { q: "one" }), bench.call("writes", { q: "two" })])
    bench.log.audit.log("files", "outside")
    const calls = await bench.log.fields()
    expect(calls.map(({ args, agent }) => [(args as { q: string }).q, agent]).sort()).toEqual([
      ["one", "one"],
      ["two", "two"]
    ])
    const files = bench.log.exporter.events.filter(({ head }) => head.category === "files")
    expect(files.map(({ head, fields }) => [head.message, fields.user])).toEqual([
      ["one", "ada"],
      ["two", "ada"],
      ["outside", undefined]
    ])
    await bench.close()
  })

  it("S2.5 secrets in arguments, results and errors are redacted by default, as everywhere", async () => {
    const bench = await connect(sdk)
    const both = { content: [{ type: "text", text: '{"token":"hunter2"} for ada' }] } as const
    bench.server.registerTool("login", { inputSchema: z.object({ password: z.string() }) }, () => both)
    bench.server.registerTool("fails", { inputSchema: z.object({ command: z.string() }) }, () => {
      throw new Error("no https://ada:hunter2@example.com")
    })
    await bench.call("login", { password: "hunter2" })
    await bench.call("fails", { command: "curl -u ada:hunter2 https://example.com" })
    await bench.call("login", { password: { token: "hunter2" } })
    const calls = await bench.log.fields()
    expect(calls.map(({ status }) => status)).toEqual(["ok", "error", "error"])
    expect(calls[0]).toMatchObject({
      args: { password: "[redacted]" },
      result_snippet: '{"token":"[redacted]"} for ada'
    })
    expect(bench.log.exporter.lines.join()).not.toContain("hunter2")
    await bench.close()
  })

  it("S2.4 a wrapped tool of another log is a call of its own there", async () => {
    const bench = await connect(sdk, { user: ofAda }, { authInfo })
    const other = agentLog()
    const run = auditTool(other.audit, "both", async (_args: object) => text("done"))
    bench.server.registerTool("both", { inputSchema: z.object({}) }, () => run({}))
    await bench.call("both")
    for (const log of [bench.log, other])
      expect(await log.fields()).toMatchObject([{ tool: "both", status: "ok", result_snippet: "done" }])
    await bench.close()
  })

  it("S2.7 noteToolCall inside the fibers of an effect finds its own call among others", async () => {
    const bench = await connect(sdk)
    const work = (q: string) =>
      Effect.gen(function* () {
        yield* Effect.yieldNow
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        const note = Effect.sync(() => noteToolCall({ agent: q }))
        yield* Fiber.join(yield* Effect.forkChild(Effect.andThen(Effect.yieldNow, note)))
      })
    bench.server.registerTool("fibers", { inputSchema: query }, async ({ q }: { q: string }) => {
      await Effect.runPromise(work(q))
      return text(q)
    })
    const names = Array.from({ length: 20 }, (_, at) => `q${at}`)
    await Promise.all(names.map((q) => bench.call("fibers", { q })))
    const seen = (await bench.log.fields()).map(({ args, agent }) => [(args as { q: string }).q, agent])
    expect(seen.toSorted()).toEqual(names.map((q) => [q, q]).toSorted())
    await bench.close()
  })

  it("S2.5 S2.6 with keys or none no value of the arguments or the result is on the line", async () => {
    for (const detail of ["keys", "none"] as const) {
      const bench = await connect(sdk, { args: detail, result: detail })
      await bench.call("search", { q: "my illness" })
      await bench.call("search", { q: { my: "illness" } })
      await bench.call("throws")
      const [first] = await bench.log.fields()
      expect(first).toMatchObject({
        args: detail === "keys" ? ["q"] : [],
        result_snippet: "",
        result_chars: 16
      })
      expect(bench.log.exporter.lines.join()).not.toMatch(/illness|row 7/)
      await bench.close()
    }
  })

  it("S2.20 the user comes from the function alone; one that throws leaves the call without a user", async () => {
    const seen: unknown[] = []
    const bench = await connect(sdk, {
      user: (extra) => {
        seen.push(extra.sessionId)
        throw new Error("no such account")
      }
    })
    await bench.call("search", { q: "x", user: "mallory" }, undefined, { _meta: { user: "mallory" } })
    expect((await bench.log.fields())[0]).not.toHaveProperty("user")
    expect(seen).toEqual(["session-1"])
    await bench.close()
  })

  it("S2.2 the span that the client says it is in stands on the line", async () => {
    const bench = await connect(sdk)
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await bench.call("search", { q: "x" }, undefined, { _meta: { traceparent } })
    expect((await bench.log.fields())[0]).toMatchObject({ traceparent })
    await bench.close()
  })
})

describe("before: commit", () => {
  describe.each(mcpSdks)("with version $version", (sdk) => {
    it("F27 S2.4 a call is written before its tool runs, and once more when it has ended, under one call_id", async () => {
      const bench = await connect(sdk, { before: "commit", user: ofAda }, { authInfo })
      const linesAtCall: number[] = []
      bench.server.registerTool("looks", { inputSchema: z.object({}) }, () => {
        linesAtCall.push(bench.log.exporter.events.length)
        return text("x")
      })
      await bench.call("looks")
      const calls = await bench.log.fields()
      expect(linesAtCall).toEqual([1])
      expect(calls.map(({ tool, status, user }) => [tool, status, user])).toEqual([
        ["looks", "pending", "ada"],
        ["looks", "ok", "ada"]
      ])
      expect(calls[0]?.call_id).toMatch(/^[0-9a-f-]{36}$/)
      expect(calls[1]?.call_id).toBe(calls[0]?.call_id)
      await bench.close()
    })

    it("F27 waits also where the application listens to the connection itself", async () => {
      const log = agentLog()
      const server = auditMcpServer(sdk.server(), log.audit, { before: "commit" })
      const linesAtCall: number[] = []
      server.registerTool("looks", { inputSchema: z.object({}) }, () => {
        linesAtCall.push(log.exporter.events.length)
        return text("x")
      })
      const [clientEnd, serverEnd] = sdk.pair()
      const heard: string[] = []
      serverEnd.onmessage = ({ method }: { readonly method: string }) => heard.push(method)
      const client = sdk.client()
      await Promise.all([server.connect(serverEnd as never), client.connect(clientEnd)])
      await client.call("looks", {})
      expect(linesAtCall).toEqual([1])
      expect(heard).toContain("tools/call")
      expect((await log.fields()).map(({ status }) => status)).toEqual(["pending", "ok"])
      await client.close()
    })

    it("F27 a call that cannot be recorded is refused, and its tool does not run", async () => {
      const bench = await connect(sdk, { before: "commit" })
      let runs = 0
      bench.server.registerTool("counts", { inputSchema: z.object({}) }, () => {
        runs += 1
        return text("x")
      })
      bench.log.exporter.break("refuse")
      const answer = await bench.call("counts")
      expect(answer).toMatchObject({ rejected: { message: expect.stringContaining("The tool was not run") } })
      bench.log.exporter.heal()
      expect(runs).toBe(0)
      expect((await bench.log.fields()).at(-1)).toMatchObject({
        tool: "counts",
        status: "denied",
        reason: expect.stringContaining("could not be recorded before it ran: Refused")
      })
      await bench.close()
    })

    it("S2.4 a call that is cancelled while it is written does not run", async () => {
      let received = (): void => undefined
      const isReceived = new Promise<void>((resolve) => {
        received = resolve
      })
      const user = (): undefined => {
        received()
        return undefined
      }
      const bench = await connect(sdk, { before: "commit", user })
      let runs = 0
      bench.server.registerTool("counts", { inputSchema: z.object({}) }, () => {
        runs += 1
        return text("x")
      })
      bench.log.exporter.break("hang")
      const abort = new AbortController()
      const called = bench.call("counts", {}, { signal: abort.signal })
      await isReceived
      abort.abort("enough")
      await called
      bench.log.exporter.heal()
      expect((await bench.log.fields()).map(({ status }) => status)).toEqual(["pending", "cancelled"])
      expect(runs).toBe(0)
      await bench.close()
    })
  })
})

describe("options", () => {
  it("are checked, and so is the server", () => {
    const { audit } = agentLog()
    const [sdk] = mcpSdks
    const server = sdk?.server() as TestServer
    const wrong = (options: object) => () => auditMcpServer(server, audit, options)
    expect(wrong({ usr: () => "ada" })).toThrow(
      'auditMcpServer: there is no option "usr"; did you mean "user"?'
    )
    expect(wrong({ before: "log" })).toThrow('option "before" must be "commit"')
    expect(wrong({ args: "all" })).toThrow('option "args" must be "redacted", "keys" or "none"')
    expect(() => auditMcpServer({} as never, audit)).toThrow("must be a server of the MCP SDK")
  })
})

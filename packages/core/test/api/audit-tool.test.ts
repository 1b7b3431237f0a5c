// What a wrapped tool keeps of the function it was: `this`, a result at once, promises of their own kind, generators. And calls that
// are recorded by hand. What stands in the fields of an ordinary call is in log/operations.test.ts.
import { describe, expect, expectTypeOf, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { auditTool, recordToolCall } from "../../src/api/audit-tool.ts"
import { ToolDenied } from "../../src/api/tool-call.ts"
import { ToolCalled } from "../../src/catalogue/index.ts"
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

describe("a wrapped tool is the same function", () => {
  it("S2.8 one that answers at once still does, and throws at once", async () => {
    const { audit, written } = makeLog()
    const length = auditTool(audit, "length", ({ text }: { readonly text: string }) => text.length)
    expectTypeOf(length).returns.toEqualTypeOf<number>()
    expect(length({ text: "abc" })).toBe(3)
    const error = new RangeError("at once")
    const failing = auditTool(audit, "failing", () => {
      throw error
    })
    expect(() => failing()).toThrow(error)
    expect((await written()).map(({ fields }) => [fields.tool, fields.status, fields.result_chars])).toEqual([
      ["length", "ok", 1],
      ["failing", "error", 0]
    ])
  })

  it("S2.8 keeps this", async () => {
    const { audit, written } = makeLog()
    class Index {
      readonly rows = ["a", "b"]
      count(this: Index, factor: number): number {
        return this.rows.length * factor
      }
    }
    const index = Object.assign(new Index(), { count: auditTool(audit, "count", Index.prototype.count) })
    expect(index.count(2)).toBe(4)
    expect((await written())[0]?.fields).toMatchObject({ args: [2], result_snippet: "4" })
  })

  it("S2.8 a promise is of the tool's own kind and is recorded when it settles, a query runs once", async () => {
    const { audit, written } = makeLog()
    class Query extends Promise<string> {}
    const own = auditTool(audit, "own", () => Query.resolve("rows"))()
    expect(own).toBeInstanceOf(Query)
    expect(await written()).toHaveLength(0)
    expect(await own).toBe("rows")
    let runs = 0
    const lazy = auditTool(audit, "lazy", () => ({
      // biome-ignore lint/suspicious/noThenProperty: a query builder runs when it is awaited
      then: (done: (rows: string) => unknown) => {
        runs += 1
        return Promise.resolve(done("lazy rows"))
      }
    }))()
    expect(await lazy).toBe("lazy rows")
    expect(runs).toBe(1)
    await expect(auditTool(audit, "no", () => Promise.reject(new ToolDenied("guests")))()).rejects.toThrow(
      "guests"
    )
    expect((await written()).map(({ fields }) => [fields.status, fields.result_snippet])).toEqual([
      ["ok", "rows"],
      ["ok", "lazy rows"],
      ["denied", ""]
    ])
  })
})

describe("a tool that gives its answer bit by bit", () => {
  const chunks = async function* (fails: boolean): AsyncGenerator<string> {
    yield "one "
    yield "two 😀"
    if (fails) throw new TypeError("the line broke")
  }

  it("S2.4 S2.6 passes through untouched, and is recorded when it has been read", async () => {
    const { audit, written } = makeLog()
    const made: unknown[] = []
    const tool = auditTool(audit, "stream", (fails: boolean) => {
      const generator = chunks(fails)
      made.push(generator)
      return generator
    })
    const stream = withContext({ user: "ada", model: "m" }, () => tool(false))
    expect(stream).toBe(made[0])
    const read: string[] = []
    for await (const chunk of stream) read.push(chunk)
    expect(read).toEqual(["one ", "two 😀"])
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    const events = await written()
    expect(events).toHaveLength(1)
    expect(events[0]?.fields).toMatchObject({
      status: "ok",
      args: [false],
      result_chars: 9,
      result_snippet: "one two 😀",
      user: "ada",
      model: "m"
    })
  })

  it("S2.4 one that throws half-way is an error, with what came before", async () => {
    const { audit, written } = makeLog()
    const read = async (): Promise<void> => {
      for await (const _chunk of auditTool(audit, "stream", chunks)(true));
    }
    await expect(read()).rejects.toThrow("the line broke")
    expect((await written())[0]).toMatchObject({
      head: { level: "warn" },
      fields: { status: "error", exc_type: "TypeError", exc_message: "the line broke", result_chars: 9 }
    })
  })

  it("S2.4 one whose reader stops is ok, and says that it was not read to its end; one is recorded once", async () => {
    const { audit, written } = makeLog()
    const count = auditTool(audit, "count", function* (to: number): Generator<number, string> {
      for (let n = 0; n < to; n++) yield n
      return "counted"
    })
    for (const n of count(9)) if (n === 1) break
    expect([...count(2)]).toEqual([0, 1])
    const thrown = count(3)
    thrown.next()
    expect(() => thrown.throw(new ToolDenied("enough"))).toThrow("enough")
    thrown.return("again")
    const fieldsOf = (await written()).map(({ fields }) => [
      fields.status,
      fields.result_snippet,
      fields.reason
    ])
    expect(fieldsOf).toEqual([
      ["ok", "1", "not read to its end"],
      ["ok", "counted", undefined],
      ["denied", "0", undefined]
    ])
  })
})

describe("lengths are counted in characters", () => {
  it("S2.18 300 emoji are 300: of a result, a snippet, an argument", async () => {
    const { audit, written } = makeLog()
    const emoji = "😀".repeat(300)
    auditTool(audit, "t", (_args: object) => `${emoji}x`)({ exact: "😀".repeat(500), more: "😀".repeat(501) })
    expect((await written())[0]?.fields).toMatchObject({
      result_chars: 301,
      result_snippet: emoji,
      args: { exact: "😀".repeat(500), more: `${"😀".repeat(500)} …[501 chars total]` }
    })
  })

  it("S2.6 ToolCalled cuts its snippet itself", async () => {
    const { audit, written } = makeLog()
    const snippet = "é😀".repeat(200)
    const fields = { tool: "t", args: {}, status: "ok", result_chars: 400, result_snippet: snippet } as const
    audit.log(ToolCalled(fields))
    audit.log(ToolCalled({ ...fields, result_snippet: "short" }))
    expect((await written()).map((event) => event.fields.result_snippet)).toEqual([
      "é😀".repeat(150),
      "short"
    ])
  })

  it("S2.6 F88 F93 a result that is no text is its JSON as far as a line takes it, and shows no secret", async () => {
    const { audit, written } = makeLog()
    auditTool(audit, "t", () => ({ rows: 3, apiKey: "hunter2" }))()
    auditTool(audit, "t", () => ({
      content: [{ type: "text", text: "a😀" }, { type: "image" }, { text: "b" }]
    }))()
    auditTool(audit, "t", () => Array.from({ length: 100_000 }, (_, n) => n))()
    const [json, parts, long] = (await written()).map(({ fields }) => fields)
    expect(json).toMatchObject({ result_chars: 32, result_snippet: '{"rows":3,"apiKey":"[redacted]"}' })
    expect(parts).toMatchObject({ result_chars: 3, result_snippet: "a😀b" })
    expect(long?.result_snippet).toHaveLength(300)
    expect(long?.result_chars).toBeLessThan(5_000)
  })
})

describe("a call recorded by hand", () => {
  it("S2.17 has the fields of any other, denied ones that never ran included, under the user that it names", async () => {
    const { audit, written } = makeLog()
    const call = { tool: "delete", args: { path: "/etc", token: "t" }, user: "ada" } as const
    withContext({ engine: "e", model: "m", user: "bob" }, () => {
      recordToolCall(audit, { ...call, status: "denied" })
      recordToolCall(audit, { ...call, status: "ok", result: "x".repeat(400) })
      recordToolCall(audit, { ...call, status: "error", error: new RangeError("no"), user: undefined })
    })
    const events = await written()
    expect(
      events.map(({ head, fields }) => [head.level, head.message, fields.user, fields.result_chars])
    ).toEqual([
      ["warn", "delete: denied", "ada", 0],
      ["info", "delete: ok", "ada", 400],
      ["warn", "delete: error", "bob", 0]
    ])
    expect(events[1]?.fields).toMatchObject({
      args: { path: "/etc", token: "[redacted]" },
      result_snippet: "x".repeat(300),
      engine: "e",
      model: "m"
    })
    expect(events[2]?.fields).toMatchObject({ exc_type: "RangeError", exc_message: "no" })
  })
})

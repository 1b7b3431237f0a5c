// What an error keeps on its way into a line, wherever it comes from and whatever was thrown: through `exception`, a timed
// operation, a tool, and as a value among others.
import vm from "node:vm"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { auditTool } from "../../src/api/audit-tool.ts"
import { ExceptionCaught, readAs } from "../../src/catalogue/index.ts"
import { describeThrown } from "../../src/encode/described.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const makeLog = () => {
  const exporter = memoryExporter()
  const audit = createAuditLog({ app: "errors", exporters: [exporter], exitHook: false, env: {} })
  const written = async () => {
    await audit.flush()
    return exporter.events
  }
  return { audit, written }
}

/** The event of one exception. */
const caught = async (error: unknown) => {
  const { audit, written } = makeLog()
  audit.exception("where", error)
  const [event] = await written()
  if (event === undefined) throw new Error("no event")
  return event
}

const pgError = () =>
  Object.assign(new Error("duplicate key value violates unique constraint"), {
    code: "23505",
    detail: "Key (email) already exists.",
    constraint: "users_email_key",
    password: "hunter2"
  })

describe("errors of another realm", () => {
  const foreign = (code: string): unknown => vm.runInNewContext(code)

  it("S0.10 F86 have their type, message and stack, not the type object", async () => {
    const { head, fields } = await caught(foreign("new TypeError('row 7', { cause: new RangeError('tab') })"))
    expect(head.message).toBe("where: TypeError: row 7")
    expect(fields).toMatchObject({
      exc_type: "TypeError",
      exc_message: "row 7",
      exc_stack: expect.stringContaining("TypeError: row 7"),
      exc_cause: { type: "RangeError", message: "tab" }
    })
  })

  it("F86 are errors among other values too, and below them", async () => {
    const { audit, written } = makeLog()
    audit.log("a", "m", { error: foreign("Object.assign(new Error('inner'), { code: 'E1' })") })
    expect((await written())[0]?.fields.error).toMatchObject({
      type: "Error",
      message: "inner",
      stack: expect.stringContaining("inner"),
      code: "E1"
    })
  })

  it("F86 a DOMException has its name", async () => {
    const { fields } = await caught(new DOMException("stopped", "AbortError"))
    expect(fields).toMatchObject({ exc_type: "AbortError", exc_message: "stopped", exc_fields: { code: 20 } })
  })
})

describe("what an error carries", () => {
  it("S0.10 code, errno, detail, constraint and their like are kept under exc_fields, secrets redacted", async () => {
    expect((await caught(pgError())).fields.exc_fields).toEqual({
      code: "23505",
      detail: "Key (email) already exists.",
      constraint: "users_email_key",
      password: "[redacted]"
    })
    const system = Object.assign(new Error("no such file"), { errno: -2, code: "ENOENT", syscall: "open" })
    expect((await caught(system)).fields.exc_fields).toEqual({ code: "ENOENT", errno: -2, syscall: "open" })
    expect((await caught(new Error("plain"))).fields).not.toHaveProperty("exc_fields")
  })

  it("a status that is a getter of its class is kept as well", async () => {
    class HttpError extends Error {
      get status(): number {
        return 503
      }
    }
    expect((await caught(new HttpError("down"))).fields).toMatchObject({
      exc_type: "HttpError",
      exc_fields: { status: 503 }
    })
  })

  it("F86 the errors of an AggregateError, and both of a SuppressedError", async () => {
    const many = new AggregateError([new TypeError("one"), "two"], "many")
    expect((await caught(many)).fields.exc_fields).toMatchObject({
      errors: [{ type: "TypeError", message: "one" }, "two"]
    })
    const suppressed = Object.defineProperties(new Error("both"), {
      name: { value: "SuppressedError" },
      error: { value: new Error("closing") },
      suppressed: { value: new RangeError("body") }
    })
    expect((await caught(suppressed)).fields).toMatchObject({
      exc_type: "SuppressedError",
      exc_fields: { error: { message: "closing" }, suppressed: { type: "RangeError", message: "body" } }
    })
    const { audit, written } = makeLog()
    audit.log("a", "m", { suppressed })
    expect((await written())[0]?.fields.suppressed).toMatchObject({
      error: {},
      suppressed: { message: "body" }
    })
  })

  it("a secret is never read, what throws is a marker, and there is a bound", async () => {
    let reads = 0
    const error = Object.defineProperties(new Error("x"), {
      token: { enumerable: true, get: () => ++reads },
      bad: {
        enumerable: true,
        get: () => {
          throw new Error("no entry")
        }
      }
    })
    expect((await caught(error)).fields.exc_fields).toEqual({ token: "[redacted]", bad: "[Threw: no entry]" })
    expect(reads).toBe(0)
    const wide = Object.assign(
      new Error("wide"),
      Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`k${n}`, n]))
    )
    const { exc_fields: fields } = (await caught(wide)).fields
    expect(Object.keys(fields as object)).toHaveLength(257)
    expect(fields).toMatchObject({ "…": "[Truncated: keys]" })
  })

  it("S3.9 S2.4 stays with failed operations and tool calls too", async () => {
    const { audit, written } = makeLog()
    const error = Object.assign(new Error("refused", { cause: "dns" }), { code: "ECONNREFUSED" })
    await audit.timed("recall", {}, () => Promise.reject(error)).catch(() => undefined)
    await auditTool(audit, "t", () => Promise.reject(error))().catch(() => undefined)
    for (const { fields } of await written()) {
      expect(fields).toMatchObject({
        exc_type: "Error",
        exc_stack: expect.any(String),
        exc_cause: "dns",
        exc_fields: { code: "ECONNREFUSED" }
      })
    }
  })

  it("comes back through the catalogue", async () => {
    const read = readAs(ExceptionCaught, await caught(pgError()))
    expect(read?.fields).toMatchObject({ exc_type: "Error", exc_fields: { code: "23505" } })
  })

  it("an error given as extras, as context or as fields is not taken for its fields", async () => {
    const { audit, written } = makeLog()
    audit.log("a", "m", new RangeError("lost") as never)
    expect((await written())[0]?.fields.extra).toMatchObject({ type: "RangeError", message: "lost" })
  })
})

describe("anything can be thrown", () => {
  class Problem {
    readonly status = 409
    readonly token = "hunter2"
  }
  class Worded {
    readonly code = 7
    toString(): string {
      return "out of paper"
    }
  }
  const cases: readonly (readonly [string, unknown, string, string, unknown])[] = [
    ["a text", "no rows", "string", "no rows", undefined],
    ["undefined", undefined, "undefined", "undefined", undefined],
    ["null", null, "null", "null", undefined],
    ["a number", 404, "number", "404", undefined],
    ["a function", () => "its source is nobody's business", "function", "[Function]", undefined],
    [
      "a plain object",
      { code: 5, apiKey: "k" },
      "object",
      '{"code":5,"apiKey":"[redacted]"}',
      { code: 5, apiKey: "[redacted]" }
    ],
    [
      "one with a message",
      { message: "no rows", code: "PGRST116" },
      "object",
      "no rows",
      { message: "no rows", code: "PGRST116" }
    ],
    [
      "one with a name",
      { name: "ZodError", message: "bad" },
      "ZodError",
      "bad",
      { name: "ZodError", message: "bad" }
    ],
    [
      "a class",
      new Problem(),
      "Problem",
      '{"status":409,"token":"[redacted]"}',
      { status: 409, token: "[redacted]" }
    ],
    ["a class with a text", new Worded(), "Worded", "out of paper", { code: 7 }],
    ["a list", [1, { pen: 2 }], "Array", '[1,{"pen":2}]', [1, { pen: 2 }]],
    ["a date", new Date(0), "Date", "1970-01-01T00:00:00.000Z", undefined],
    [
      "a response",
      new Response(null, { status: 404, statusText: "Not Found" }),
      "Response",
      '{"status":404,"statusText":"Not Found","url":""}',
      { status: 404, statusText: "Not Found", url: "" }
    ]
  ]
  it.each(cases)("F86 %s keeps its words and its fields", async (_what, thrown, type, message, fields) => {
    const event = await caught(thrown)
    expect(event.head.message).toBe(`where: ${type}: ${message}`)
    expect(event.fields).toMatchObject({ exc_type: type, exc_message: message })
    expect(event.fields.exc_fields).toEqual(fields)
  })

  it("the text of an object in the place of a message is bounded", () => {
    const { message } = describeThrown({ list: Array.from({ length: 900 }, (_, n) => n) })
    expect(message).toHaveLength(1_002)
    expect(message).toMatch(/^\{"list":\[0,1,.* …$/)
  })
})

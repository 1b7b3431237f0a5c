// Core's own events as typed values: every line that core writes reads back whole with them, and what an application
// records with them looks the same.
import * as Schema from "effect/Schema"
import { describe, expect, expectTypeOf, it } from "vitest"
import { auditTool } from "../../src/api/audit-tool.ts"
import { describePrivacy } from "../../src/api/describe-privacy.ts"
import {
  builtInEvents,
  ExceptionCaught,
  OperationTimed,
  PageOpened,
  readAs,
  SessionStarted,
  standardFields,
  ToolCalled
} from "../../src/catalogue/index.ts"
import { decodeLine } from "../../src/event/decode-line.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { secret } from "../../src/event/privacy.ts"
import type { TypedEvent } from "../../src/event/typed-event.ts"
import { makeTestAudit } from "../../src/testing/index.ts"

const everyKind = async () => {
  const audit = makeTestAudit()
  audit.sessionStart()
  audit.setRecording({ level: "debug" })
  audit.pageOpen("A")
  audit.exception("here", new TypeError("bad", { cause: new Error("deeper") }))
  await audit.timed("recall", { transport: "http", bank_id: "b-1", request: { query_chars: 7 } }, (op) => {
    op.response = { n_results: 2 }
  })
  await audit.timed("retain", {}, () => Promise.reject(new Error("no"))).catch(() => undefined)
  auditTool(audit, "search", (_args: object) => "found")({ query: "q" })
  await audit.close()
  return audit
}

describe("the built-in catalogue", () => {
  it("reads every line that core writes, with nothing missing, misfitting or left over", async () => {
    const { events } = await everyKind()
    for (const event of events) {
      const reads = builtInEvents.map((definition) => readAs(definition, event))
      const whole = reads.filter((read) => read?.misfits.length === 0)
      expect(whole, event.head.message).toHaveLength(1)
      expect(whole[0]?.rest, event.head.message).toEqual({})
    }
    const categories = new Set(events.map(({ head }) => head.category))
    expect([...categories]).toEqual(["session", "nav", "error", "operation", "tool_call"])
  })

  it("every definition has a schema for each field that it writes, and writes each field it has a schema for", () => {
    for (const { definition, fields } of builtInEvents) {
      expect([...definition.names].sort()).toEqual(Object.keys(fields).sort())
    }
  })

  it("actor, target, outcome and reason are fields of each, and mean the same in an application's own events", () => {
    const audit = makeTestAudit()
    const Deleted = defineEvent({
      category: "delete",
      fields: { file: Schema.String, ...standardFields },
      message: ({ file }) => `Deleted ${file}`
    })
    audit.log(Deleted({ file: "a.csv", actor: "ada", outcome: "denied", reason: "not the owner" }))
    audit.log(PageOpened({ page: "Admin", actor: "ada", outcome: "denied" }))
    expect(audit.events.map(({ fields }) => fields)).toEqual([
      { file: "a.csv", actor: "ada", outcome: "denied", reason: "not the owner" },
      { page: "Admin", actor: "ada", outcome: "denied" }
    ])
    for (const { fields } of builtInEvents) expect(fields).toMatchObject(standardFields)
  })

  it("S3.1 S3.2 S3.7 an operation that is recorded by hand started and ended now, with empty metadata", () => {
    const audit = makeTestAudit()
    const before = Date.now()
    audit.log(OperationTimed({ action: "recall", transport: "mcp", bank_id: "b-1", request: { chars: 7 } }))
    for (const transport of ["bench", "harness", "system", "http"]) {
      audit.log(OperationTimed({ action: "recall", transport, started_at: new Date(0), metadata: { n: 1 } }))
    }
    const [first, ...others] = audit.eventsOf(OperationTimed)
    expect(first?.misfits).toEqual([])
    expect(first?.fields).toMatchObject({
      action: "recall",
      transport: "mcp",
      bank_id: "b-1",
      request: { chars: 7 },
      metadata: {}
    })
    for (const time of [first?.fields.started_at, first?.fields.ended_at]) {
      expect(time?.getTime()).toBeGreaterThanOrEqual(before)
      expect(time?.getTime()).toBeLessThanOrEqual(Date.now())
    }
    expect(others.map(({ fields }) => fields.transport)).toEqual(["bench", "harness", "system", "http"])
    expect(others[0]?.fields).toMatchObject({ started_at: new Date(0), metadata: { n: 1 } })
    expect(first?.head.message).toBe("recall")
  })

  it("S3.1 S3.7 S3.12 of an operation that is recorded by hand null says nothing: no bank, now, empty metadata", () => {
    const audit = makeTestAudit()
    const nothing = { ended_at: null, started_at: undefined, metadata: null } as never
    audit.log(OperationTimed({ ...(nothing as object), action: "recall", bank_id: null }))
    const [event] = audit.eventsOf(OperationTimed)
    expect(event?.misfits).toEqual([])
    expect(event?.head.schema_error).toBeUndefined()
    expect(event?.fields).toMatchObject({ bank_id: null, metadata: {} })
    expect(event?.fields.ended_at).toEqual(event?.fields.started_at)
    expect(event?.fields.ended_at).toBeInstanceOf(Date)
  })

  it("S2.3 S2.5 a tool call that is recorded by hand is written like one of auditTool", () => {
    const audit = makeTestAudit()
    const args = { query: "x".repeat(501), api_key: "k" }
    audit.log(ToolCalled({ tool: "search", args, status: "ok", result_chars: 0, result_snippet: "" }))
    const [call] = audit.eventsOf(ToolCalled)
    expect(call?.fields.args).toEqual({
      query: `${"x".repeat(500)} …[501 chars total]`,
      api_key: "[redacted]"
    })
    expect(call?.head.ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it("a value that does not fit is recorded, with its path in schema_error", () => {
    const audit = makeTestAudit()
    audit.log(
      (ExceptionCaught as unknown as (fields: unknown) => TypedEvent)({ exc_type: 7, exc_message: "m" })
    )
    expect(audit.events[0]).toMatchObject({ head: { schema_error: "exc_type" }, fields: { exc_type: 7 } })
  })

  it("describePrivacy tells of every field of it", () => {
    const told = describePrivacy(builtInEvents)
    expect(told.map(({ category }) => category)).toContain("tool_call")
    expect(told.find(({ category }) => category === "tool_call")?.fields).toContainEqual({
      path: "args",
      written: "the first 500 characters of text, but for known secrets"
    })
  })
})

describe("readAs", () => {
  const Uploaded = defineEvent({
    category: "upload",
    fields: {
      filename: Schema.String,
      at: Schema.Date,
      parts: Schema.ReadonlySet(Schema.String),
      size: Schema.BigInt,
      password: secret(Schema.String.check(Schema.isMaxLength(3))),
      note: Schema.optionalKey(Schema.String)
    },
    message: "m"
  })
  const values = {
    filename: "a.csv",
    at: new Date(5),
    parts: new Set(["x", "y"]),
    size: 12n,
    password: "abc"
  }

  it("gives the values back as their schemas type them, and what it does not know as the rest", () => {
    const audit = makeTestAudit()
    audit.log(Uploaded(values), { more: 1 })
    const [read] = audit.eventsOf(Uploaded)
    expect(read?.fields).toEqual({
      filename: "a.csv",
      at: values.at,
      parts: values.parts,
      size: 12n
    })
    // What is hidden on the line cannot be read back.
    expect(read?.misfits).toEqual(["password"])
    expect(read?.rest).toEqual({ more: 1, password: "[redacted]" })
    expectTypeOf(read?.fields.at).toEqualTypeOf<Date | undefined>()
  })

  it("takes each field on its own: an older or a broken one costs nothing but itself", () => {
    const line = decodeLine('{"category":"upload","filename":7,"at":"1970-01-01T00:00:00.005Z","old":true}')
    if ("damage" in line) throw new Error(line.damage)
    expect(readAs(Uploaded, line)).toEqual({
      head: line.head,
      fields: { at: new Date(5) },
      rest: { filename: 7, old: true },
      misfits: ["filename", "parts", "size", "password"]
    })
  })

  it("another category, or a mark, is none of its events", () => {
    const other = decodeLine('{"category":"uploads","filename":"a"}')
    const mark = decodeLine('{"category":"gap","id":"x"}')
    if ("damage" in other || "damage" in mark) throw new Error("both are lines")
    expect(readAs(Uploaded, other)).toBeUndefined()
    expect(readAs(defineEvent({ category: "gap", fields: {}, message: "" }), mark)).toBeUndefined()
    expect(readAs(SessionStarted, other)).toBeUndefined()
  })
})

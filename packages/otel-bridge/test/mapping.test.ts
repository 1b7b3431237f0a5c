// What a line becomes as a log record, row by row of the mapping, read back from both encodings by the official
// definitions: so what is tested is what a collector gets.
import { decodeLine } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { exactTime } from "../src/exact-time.ts"
import { makeRecordMaker } from "../src/log-records.ts"
import { fieldAttributes, headAttributes, severityNumbers } from "../src/otel-mapping.ts"
import { makeRequest } from "../src/otlp-request.ts"
import { type OtlpOptions, type OtlpProtocol, otlpSettings } from "../src/otlp-settings.ts"
import { decodeRequest, type PlainRecord } from "./plain-record.ts"

const id = "01a2027b-d6fb-7000-81a2-c3d4e5f60718"

/** A line of text as a collector reads it. */
const carry = async (
  protocol: OtlpProtocol,
  text: string,
  options: OtlpOptions = {}
): Promise<PlainRecord> => {
  const settings = otlpSettings({ ...options, protocol }, { app: "datatools", env: {} }, () => undefined)
  const line = decodeLine(text)
  if ("damage" in line) throw new Error(line.damage)
  const make = makeRecordMaker("datatools", settings, { empty: protocol === "http/json" ? "null" : null })
  const { body, headers } = await makeRequest(make([line]), settings)
  const [record] = decodeRequest(body, headers["content-type"] ?? "")
  if (record === undefined) throw new Error("no record")
  return record
}

const lineWith = (fields: object, head: object = {}): string =>
  JSON.stringify({
    ts: "2026-11-22T09:00:00.123Z",
    level: "info",
    category: "upload",
    session: "1a2c3d4e",
    message: "m",
    ...head,
    ...fields,
    seq: 12,
    id
  })

describe.each(["http/protobuf", "http/json"] as const)("over %s", (protocol) => {
  const attributesOf = async (
    fields: object,
    head: object = {}
  ): Promise<Readonly<Record<string, unknown>>> => (await carry(protocol, lineWith(fields, head))).attributes

  it("the documented line is this record", async () => {
    const record = await carry(protocol, lineWith({ filename: "customers.csv", bytes: 24813 }))
    expect(record).toEqual({
      time: "1795338000123000000",
      observed: "1795338000123000000",
      severityNumber: 9,
      severityText: "info",
      body: "m",
      eventName: "datatools.upload",
      attributes: {
        "session.id": "1a2c3d4e5f60718",
        "log.record.uid": id,
        seq: 12,
        filename: "customers.csv",
        bytes: 24813
      },
      droppedAttributesCount: 0,
      traceId: "",
      spanId: "",
      flags: 0,
      scope: "@daybook/otel-bridge 0.1.0",
      resource: expect.objectContaining({ "service.name": "datatools" })
    })
  })

  it.each([
    ["debug", 5],
    ["info", 9],
    ["warn", 13],
    ["error", 17],
    ["fatal", 21]
  ])("level %s is severity %i", async (level, number) => {
    const record = await carry(protocol, lineWith({}, { level }))
    expect([record.severityText, record.severityNumber]).toEqual([level, number])
  })

  const times: readonly (readonly [ts: string, nanos: string])[] = [
    ["2026-11-22T09:00:00.123Z", "1795338000123000000"],
    ["2026-11-22T09:00:00.001Z", "1795338000001000000"],
    ["2026-11-22T09:00:00.999Z", "1795338000999000000"],
    ["1970-01-01T00:00:00.001Z", "1000000"],
    ["2262-04-11T23:47:15.999Z", "9223372035999000000"],
    ["2262-04-11T23:47:16.000Z", "0"],
    ["1969-12-31T23:59:59.999Z", "0"],
    ["", "0"],
    ["yesterday", "0"]
  ]
  it.each(times)("the time %j is %s nanoseconds, exactly", async (ts, nanos) => {
    const record = await carry(protocol, lineWith({}, { ts }))
    expect([record.time, record.observed]).toEqual([nanos, nanos])
  })

  const senders: readonly (readonly [ts: unknown, nanos: string])[] = [
    ["2020-01-01T00:00:00.123456789Z", "1577836800123456789"],
    ["2020-01-01T00:00:00.1234567891234Z", "1577836800123456789"],
    ["2020-01-01T01:30:00+01:30", "1577836800000000000"],
    [1_577_836_800_123, "1577836800123000000"],
    ["no time", "1795338000123000000"],
    [-1, "1795338000123000000"],
    [{ a: 1 }, "1795338000123000000"],
    [1e300, "1795338000123000000"]
  ]
  it.each(senders)("a sender's time %j is %s, and ours is when we observed it", async (ts, nanos) => {
    const record = await carry(protocol, lineWith({ origin: { ts } }))
    expect(record.time).toBe(nanos)
    expect(record.observed).toBe("1795338000123000000")
    expect(record.attributes.origin).toEqual({ ts: ts === 1e300 ? "1e+300" : ts })
  })

  it("a relayed event's idempotency key is its sender's, and our id stands beside", async () => {
    expect(await attributesOf({ origin: { id: "theirs", page: "x" } })).toMatchObject({
      "log.record.uid": "theirs",
      id,
      "session.id": "1a2c3d4e5f60718",
      origin: { id: "theirs", page: "x" }
    })
    expect(await attributesOf({ origin: { id: 7 } })).toMatchObject({ "log.record.uid": id })
  })

  const [theirs, span] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"]
  const [ours, ourSpan] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"]
  it.each([
    ["a traceparent", { traceparent: `00-${theirs}-${span}-01` }, [theirs, span, 1]],
    ["ids", { trace_id: theirs, span_id: span, trace_flags: 0 }, [theirs, span, 0]],
    ["a broken traceparent", { traceparent: `00-${theirs}-${span}` }, [ours, ourSpan, 1]],
    ["a trace of zeros", { traceparent: `00-${"0".repeat(32)}-${span}-01` }, [ours, ourSpan, 1]],
    ["half of it", { trace_id: theirs }, [ours, ourSpan, 1]],
    ["no text", { traceparent: 7, trace_id: {}, span_id: [] }, [ours, ourSpan, 1]]
  ])("a relayed event is in its sender's span, when that is one: %s", async (_what, origin, wanted) => {
    const head = { trace_id: ours, span_id: ourSpan, trace_flags: 1 }
    const { traceId, spanId, flags, attributes } = await carry(protocol, lineWith({ origin, ...head }))
    expect([traceId, spanId, flags]).toEqual(wanted)
    const own = wanted[0] === ours ? {} : { trace_id: ours, span_id: ourSpan }
    expect({ trace_id: attributes.trace_id, span_id: attributes.span_id }).toEqual({
      trace_id: undefined,
      span_id: undefined,
      ...own
    })
  })

  it("an exception has OpenTelemetry's names", async () => {
    const fields = {
      exc_type: "TypeError",
      exc_message: "no",
      exc_stack: "at x",
      exc_cause: "why",
      user: "ada"
    }
    expect(await attributesOf(fields)).toEqual({
      "session.id": "1a2c3d4e5f60718",
      "log.record.uid": id,
      seq: 12,
      "exception.type": "TypeError",
      "error.type": "TypeError",
      "exception.message": "no",
      "exception.stacktrace": "at x",
      exc_cause: "why",
      "user.id": "ada"
    })
  })

  it("the span of the call is the record's, and no span stays no span, whatever is active now", async () => {
    const span = { trace_id: "0af7651916cd43dd8448eb211c80319c", span_id: "b7ad6b7169203331", trace_flags: 1 }
    const { traceId, spanId, flags, attributes } = await carry(protocol, lineWith(span))
    expect([traceId, spanId, flags]).toEqual([span.trace_id, span.span_id, 1])
    expect(attributes).not.toHaveProperty("trace_id")
    const broken = await carry(protocol, lineWith({ trace_id: "0".repeat(32), span_id: "b7ad6b7169203331" }))
    expect(broken).toMatchObject({
      traceId: "",
      spanId: "",
      attributes: { trace_id: "0".repeat(32), span_id: "b7ad6b7169203331" }
    })
  })

  it("marks are records too, with an id and no seq", async () => {
    const gap = {
      ts: "2026-11-22T09:00:00.123Z",
      level: "warn",
      category: "gap",
      session: "1a2c3d4e",
      message: "3 events are missing here: overflow",
      count: 3,
      first_seq: 4,
      last_seq: 6,
      by_category: { upload: 3 },
      reasons: { overflow: 3 },
      exporter: "otel",
      id
    }
    const { eventName, attributes, severityNumber } = await carry(protocol, JSON.stringify(gap))
    expect([eventName, severityNumber]).toEqual(["datatools.gap", 13])
    expect(attributes).toEqual({
      "session.id": "1a2c3d4e5f60718",
      "log.record.uid": id,
      count: 3,
      first_seq: 4,
      last_seq: 6,
      by_category: { upload: 3 },
      reasons: { overflow: 3 },
      exporter: "otel"
    })
  })

  it("a line of an older system has what it has", async () => {
    const record = await carry(
      protocol,
      JSON.stringify({ ts: "2020-01-01T00:00:00Z", session: "s1", note: 1 })
    )
    expect(record).toMatchObject({
      time: "1577836800000000000",
      eventName: "datatools",
      attributes: { "session.id": "s1", note: 1 }
    })
    expect(record.attributes).not.toHaveProperty("log.record.uid")
  })

  it("F85 numbers that no 64-bit integer holds are text, which no collector refuses", async () => {
    const large = { a: 1e300, b: 2 ** 63, c: -(2 ** 64), d: 2 ** 53, e: 0.1, f: -7, g: 1e21 }
    expect(await attributesOf(large)).toMatchObject({
      a: "1e+300",
      b: "9223372036854776000",
      c: "-18446744073709552000",
      d: 2 ** 53,
      e: 0.1,
      f: -7,
      g: "1e+21"
    })
    expect(await carry(protocol, lineWith({}).replace('"seq"', '"big":1e400,"seq"'))).toMatchObject({
      attributes: { big: "1e400" }
    })
  })

  it("F90 names that the SDK would lose are kept, with extra. in front", async () => {
    const text = lineWith({}).replace(
      '"seq"',
      '"__proto__":"p","":"empty","constructor":"c","n":{"__proto__":{"x":1},"constructor":"c","extra.constructor":"d"},"seq"'
    )
    const { attributes, droppedAttributesCount } = await carry(protocol, text)
    expect(attributes).toMatchObject({
      "extra.__proto__": "p",
      "extra.": "empty",
      constructor: "c",
      n: { "extra.__proto__": { x: 1 }, "extra.extra.constructor": "c", "extra.constructor": "d" }
    })
    expect(droppedAttributesCount).toBe(0)
    expect(({} as { readonly x?: number }).x).toBeUndefined()
  })

  it("a field that has one of the mapping's names does not take its place", async () => {
    const fields = { "session.id": "forged", "log.record.uid": "forged", "user.id": "u", user: "ada" }
    expect(await attributesOf(fields)).toMatchObject({
      "session.id": "1a2c3d4e5f60718",
      "log.record.uid": id,
      "user.id": "ada",
      "extra.session.id": "forged",
      "extra.log.record.uid": "forged",
      "extra.user.id": "u"
    })
  })

  it("F81 halves of surrogate pairs, which older files may hold, become U+FFFD", async () => {
    const text = lineWith({})
      .replace('"message":"m"', '"message":"a\\ud800b"')
      .replace('"seq"', '"k\\udc00":["\\ud83d"],"seq"')
    const { body, attributes } = await carry(protocol, text)
    expect(body).toBe("a\ufffdb")
    expect(attributes).toMatchObject({ "k\ufffd": ["\ufffd"] })
  })

  it("a value that is nested deeper than collectors read is cut, and says so", async () => {
    const deep = `${'{"a":'.repeat(40)}1${"}".repeat(40)}`
    const { attributes } = await carry(protocol, lineWith({}).replace('"seq"', `"deep":${deep},"seq"`))
    expect(JSON.stringify(attributes.deep)).toContain("[Truncated: depth]")
  })

  it("limits cut fields of events, never the log's own attributes, and are counted", async () => {
    const fields = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, "long text"]))
    const usual = await carry(protocol, lineWith(fields))
    expect(Object.keys(usual.attributes).length).toBe(128)
    expect(usual.droppedAttributesCount).toBe(75)
    expect(usual.attributes).toMatchObject({ "session.id": "1a2c3d4e5f60718", "log.record.uid": id, seq: 12 })
    const limits = { attributeCountMax: 300, attributeValueCharsMax: 4 }
    const cut = await carry(protocol, lineWith({ f: "long text", n: { f: ["long text"] } }), { limits })
    expect(cut.attributes).toMatchObject({ f: "long", n: { f: ["long"] } })
    expect(cut.droppedAttributesCount).toBe(0)
  })
})

it("a time is whole seconds and whole nanoseconds", () => {
  expect(exactTime(1_577_836_800_123.9)).toEqual([1_577_836_800, 123_000_000])
  expect(exactTime("2020-01-01T00:00:00.000000001Z")).toEqual([1_577_836_800, 1])
  expect([exactTime(Number.NaN), exactTime(""), exactTime(undefined)]).toEqual([
    undefined,
    undefined,
    undefined
  ])
})

it("null is OTLP's empty value in protobuf; in its JSON, where collectors refuse that, its text", async () => {
  const line = lineWith({ a: null, b: [null, { c: null }] })
  expect((await carry("http/protobuf", line)).attributes).toMatchObject({ a: null, b: [null, { c: null }] })
  expect((await carry("http/json", line)).attributes).toMatchObject({ a: "null", b: ["null", { c: "null" }] })
})

describe("tool calls, by the conventions for generative AI", () => {
  const call = {
    tool: "search",
    args: { q: "cats" },
    status: "ok",
    result_snippet: "found",
    engine: "mock",
    model: "m-1",
    call_id: "c-1",
    rpc_id: 7,
    mcp_session: "s-1",
    agent: "planner"
  }
  const tool = { category: "tool_call" }
  const carried = async (fields: object, head: object = tool) =>
    carry("http/protobuf", lineWith(fields, head))

  it("S2.2 stand beside our own names", async () => {
    const { attributes } = await carried(call)
    expect(attributes).toMatchObject({ tool: "search", status: "ok", rpc_id: 7, args: { q: "cats" } })
    expect(attributes).toMatchObject({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "search",
      "gen_ai.tool.call.id": "c-1",
      "gen_ai.request.model": "m-1",
      "gen_ai.provider.name": "mock",
      "gen_ai.agent.name": "planner",
      "mcp.method.name": "tools/call",
      "mcp.session.id": "s-1",
      "jsonrpc.request.id": "7"
    })
    for (const name of ["error.type", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result"])
      expect(attributes).not.toHaveProperty([name])
  })

  it("S2.4 an error has a type, and what is not known has no name", async () => {
    const typeOf = async (fields: object) => (await carried({ ...call, ...fields })).attributes["error.type"]
    expect(await typeOf({ status: "error" })).toBe("tool_error")
    expect(await typeOf({ status: "error", exc_type: "RangeError" })).toBe("RangeError")
    expect(await typeOf({ status: "denied" })).toBe("denied")
    expect(await typeOf({ status: "cancelled" })).toBe("cancelled")
    expect(await typeOf({ status: "pending" })).toBeUndefined()
    const { attributes } = await carried({ tool: "t", args: {}, status: "ok", engine: "", model: "" })
    expect(Object.keys(attributes).filter((name) => /^(gen_ai|mcp|jsonrpc)/.test(name))).toEqual([
      "gen_ai.operation.name",
      "gen_ai.tool.name"
    ])
  })

  it("are given to no other event, and take no field's place", async () => {
    const other = (await carried(call, { category: "upload" })).attributes
    expect(Object.keys(other).some((name) => name.startsWith("gen_ai"))).toBe(false)
    const own = (await carried({ ...call, "gen_ai.tool.name": "mine" })).attributes
    expect(own["gen_ai.tool.name"]).toBe("mine")
  })

  it("a call that no span of ours surrounds is in its caller's", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    const trace_id = "1af7651916cd43dd8448eb211c80319c"
    const callers = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" }
    expect(await carried({ ...call, traceparent })).toMatchObject(callers)
    const own = await carried({ ...call, traceparent, trace_id, span_id: "c7ad6b7169203331" })
    expect(own).toMatchObject({ traceId: trace_id, spanId: "c7ad6b7169203331" })
    expect(await carried({ ...call, traceparent: "nonsense" })).not.toMatchObject({
      traceId: callers.traceId
    })
    expect(await carried({ traceparent }, { category: "upload" })).not.toMatchObject(callers)
  })
})

it("no attribute of the log has two sources, and every level has its number", () => {
  expect(new Set(headAttributes.map(({ to }) => to)).size).toBe(headAttributes.length)
  expect(Object.keys(severityNumbers)).toEqual(["debug", "info", "warn", "error", "fatal"])
  expect(Object.keys(fieldAttributes)).toEqual(["exc_type", "exc_message", "exc_stack", "user"])
})

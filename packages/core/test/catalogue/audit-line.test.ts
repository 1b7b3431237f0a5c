// A whole line as an Effect Schema: over lines that logs wrote, of every kind that core writes, and over those of older systems.
// Lines with seals and what else only files have are in the file exporter's tests.
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { AuditLine, ExceptionCaught, OperationTimed, readAs } from "../../src/catalogue/index.ts"
import { decodeLine } from "../../src/event/decode-line.ts"
import { withContext } from "../../src/log/context.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const decode = Schema.decodeUnknownSync(AuditLine)
const encode = Schema.encodeSync(AuditLine)

/** The lines of a log that recorded one of everything, and lost some. */
const writtenLines = async (): Promise<readonly string[]> => {
  const exporter = memoryExporter({ queue: { eventsMax: 16 } })
  const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 }
  const audit = createAuditLog({
    app: "lines",
    exporters: [exporter],
    exitHook: false,
    env: {},
    traceSource: () => trace
  })
  audit.sessionStart()
  const odd = 'quotes " \\ \n \u0001 \u007f \u0085 \u202e \u2028 \ud83d\ude00 工具'
  audit.log("upload", odd, { [odd]: odd, n: 1.5e-7, big: 12345678901234567890n, none: null, list: [1, [2]] })
  audit.log("工具", "words", JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'), { level: "trace" })
  audit.log("Up Load", "reserved", { id: "mine", seq: 7, level: "x" }, { level: "loud" })
  audit.exception("here", new TypeError("no", { cause: "why" }))
  await audit.timed("recall", { bank_id: null }, (op) => {
    op.response = { hits: 2 }
  })
  audit.log(OperationTimed({ action: 7 as never }))
  audit.relay(
    { id: "01a2", ts: "2026-11-22T09:00:00Z", category: "page", level: "WARNING", x: [1] },
    { user: "ada" }
  )
  withContext({ user: "ada" }, () => audit.pageOpen("A"))
  for (let n = 0; n < 100; n++) audit.log("flood", "m", { n })
  await audit.close()
  return exporter.lines
}

describe("AuditLine", () => {
  it("S1.2 decodes every line that a log wrote as decodeLine does, and encodes it to the same text", async () => {
    const lines = await writtenLines()
    for (const line of lines) {
      const decoded = decode(line)
      expect(decoded).toEqual(decodeLine(line))
      expect(encode(decoded)).toBe(line.trimEnd())
      expect(decode(encode(decoded))).toEqual(decoded)
    }
    const kinds = lines.map((line) => decode(line).kind)
    expect(new Set(kinds)).toEqual(new Set(["event", "gap"]))
    const gap = lines.map((line) => decode(line)).find(({ kind }) => kind === "gap")
    if (gap?.kind !== "gap") throw new Error("no gap mark")
    // Typed by the kind.
    expect(gap.fields.by_category.flood).toBeGreaterThan(0)
    expect(gap.fields.reasons.overflow).toBe(gap.fields.count)
  })

  it("S1.2 gives readAs what it reads", async () => {
    const events = (await writtenLines()).map((line) => decode(line))
    const caught = events.flatMap((event) => readAs(ExceptionCaught, event) ?? [])
    expect(caught.map(({ fields }) => fields.exc_type)).toEqual(["TypeError"])
  })

  const older = [
    '{"ts": "2026-11-22T09:00:00.123+00:00", "level": "WARNING", "category": "upload", "session": "1a2c3d4e", "message": "m", "n": 3}',
    '{"ts": "2026-11-22T09:00:00+00:00", "user": "ada", "tool": "search", "args": {"q": "x"}, "status": "ok"}',
    '{"ts":1763802000123,"level":30,"message":{"a":1},"seq":"7","n":1234567890123456789}',
    '{"level":"trace","msg":"of pino","NaN":NaN}',
    "{}"
  ]

  it.each(older)("S1.17 loses nothing of an older system's line: %s", (line) => {
    const decoded = decode(line)
    expect(decoded).toEqual(decodeLine(line))
    expect(decode(encode(decoded))).toEqual(decoded)
  })

  it("fails, and quotes nothing, where a line is damaged or a mark has other fields", () => {
    const damaged = ["secret", "[1]", '{"a":1}{"b":2}', "", 7]
    for (const line of damaged) {
      const exit = Schema.decodeUnknownExit(AuditLine)(line)
      expect(Exit.isFailure(exit)).toBe(true)
      expect(String(Exit.isFailure(exit) && exit.cause)).not.toContain("secret")
    }
    expect(() => decode("no json")).toThrow("a line that is not JSON")
    expect(() => decode('{"ts":"","category":"gap","id":"x","count":"many"}')).toThrow("count")
  })

  it("a mark of a newer version keeps what this one does not know", () => {
    const line =
      '{"ts":"","level":"warn","category":"recovered","session":"s","message":"m","file":"f","bytes":1,"how":"new","id":"x"}'
    expect(decode(line).fields).toEqual({ file: "f", bytes: 1, how: "new" })
    expect(encode(decode(line))).toBe(line)
  })

  it("what is no JSON is not encoded", () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const head = { ts: "", level: "info", category: "c", session: "s", message: "m", id: "x" } as const
    expect(() => encode({ kind: "event", head, fields: circular })).toThrow("fields that are no JSON")
  })
})

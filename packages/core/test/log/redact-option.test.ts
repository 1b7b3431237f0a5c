// The option redact of a log: keys and patterns of an application, and keys that are let through, at every door.
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { AuditLog } from "../../src/api/audit-log-service.ts"
import { auditTool, recordToolCall } from "../../src/api/audit-tool.ts"
import { describePrivacy } from "../../src/api/describe-privacy.ts"
import type { RedactRules } from "../../src/encode/keys.ts"
import { paymentCards } from "../../src/encode/text-patterns.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { makeTestAudit, memoryExporter } from "../../src/testing/index.ts"

const Sold = defineEvent({
  category: "sold",
  fields: { customerNo: Schema.String, pin: Schema.String, note: Schema.String },
  message: ({ customerNo, pin }) => `${customerNo} has ${pin}`
})
const redact: RedactRules = { keys: ["customer-no"], patterns: [/\bK-\d{4}\b/], allow: ["pin"] }
const sold = { customerNo: "4711", pin: "blue", note: "see K-1234 and K-5678" }
const shown = { customerNo: "[redacted]", pin: "blue", note: "see [redacted] and [redacted]" }

describe("redact", () => {
  it("S1.15 adds keys and patterns, and lets keys through: typed, untyped, in messages and errors", () => {
    const audit = makeTestAudit({ redact })
    audit.log(Sold(sold))
    audit.log("sold", "K-1234 went", sold)
    audit.exception("sale", Object.assign(new Error("no K-1234"), sold))
    expect(audit.events.slice(0, 2).map(({ fields }) => fields)).toEqual([shown, shown])
    expect(audit.events.map(({ head }) => head.message)).toEqual([
      "[redacted] has blue",
      "[redacted] went",
      "sale: Error: no [redacted]"
    ])
    expect(audit.events[2]?.fields).toMatchObject({ exc_message: "no [redacted]", exc_fields: shown })
  })

  it("S1.15 is one log's own: another one in the process has the built-in rules", () => {
    const [own, other] = [makeTestAudit({ redact }), makeTestAudit()]
    for (const audit of [own, other, own]) audit.log(Sold(sold))
    expect(own.events.map(({ fields }) => fields)).toEqual([shown, shown])
    expect(other.events[0]?.fields).toEqual({ ...sold, pin: "[redacted]" })
    expect(other.events[0]?.head.message).toBe("4711 has [redacted]")
  })

  it("S1.15 holds for a layer too, and for its plain log", async () => {
    const exporter = memoryExporter()
    const program = Effect.gen(function* () {
      const audit = yield* AuditLog
      yield* audit.log(Sold(sold))
      audit.plain.log("sold", "m", sold)
    })
    const layer = AuditLog.layer({ app: "redact", exporters: [exporter], exitHook: false, redact })
    await Effect.runPromise(Effect.provide(program, layer))
    expect(exporter.events.map(({ fields }) => fields)).toEqual([shown, shown])
  })

  it("S1.15 S2.5 holds for what a tool was asked and answered, also where a secret would be cut at the end of a snippet", async () => {
    const [own, other] = [makeTestAudit({ redact }), makeTestAudit()]
    for (const audit of [own, other]) {
      await auditTool(audit, "sell", async (_: object) => sold)({ pin: "blue" })
      await auditTool(audit, "list", async () => `${" ".repeat(297)}K-1234`)()
      for await (const _ of auditTool(audit, "read", async function* () {
        yield `${" ".repeat(297)}K-5678`
      })());
      recordToolCall(audit, {
        tool: "mail",
        args: {},
        status: "ok",
        result: { content: [], structuredContent: sold }
      })
    }
    const snippets = own.events.map(({ fields }) => fields.result_snippet)
    const cut = `${" ".repeat(297)}[re`
    expect(snippets).toEqual([JSON.stringify(shown), cut, cut, JSON.stringify(shown)])
    expect(own.events[0]?.fields.args).toEqual({ pin: "blue" })
    expect(other.events[0]?.fields.result_snippet).toBe(JSON.stringify({ ...sold, pin: "[redacted]" }))
  })

  it("S1.15 has a pattern for payment cards, which is off unless it is asked for", () => {
    const card = { note: "paid with 4111 1111 1111 1111, order 4111111111111112" }
    const [off, on] = [makeTestAudit(), makeTestAudit({ redact: { patterns: [paymentCards] } })]
    for (const audit of [off, on]) audit.log("paid", "m", card)
    expect(off.events[0]?.fields).toEqual(card)
    expect(on.events[0]?.fields.note).toBe("paid with [redacted], order 4111111111111112")
  })

  it("is in what describePrivacy says, with the path of each name", () => {
    const Nested = defineEvent({
      category: "nested",
      fields: { who: Schema.Array(Schema.Struct({ customerNo: Schema.String, token: Schema.String })) },
      message: "m"
    })
    const written = (rules?: RedactRules): unknown =>
      describePrivacy([Sold, Nested], rules).flatMap(({ fields }) =>
        fields.filter((field) => field.written.startsWith("never")).map(({ path }) => path)
      )
    expect(written()).toEqual(["pin", "who[].token"])
    expect(written(redact)).toEqual(["customerNo", "who[].customerNo", "who[].token"])
  })

  it.each([
    [
      { keys: "customerNo" },
      'option "redact.keys" must be a list of keys such as ["customerNo"], not a text'
    ],
    [{ keys: [""] }, 'option "redact.keys[0]" must be a text with a letter or a digit, such as "customerNo"'],
    [{ allow: ["pin", "--"] }, 'option "redact.allow[1]" must be a text with a letter or a digit'],
    [{ patterns: ["K-1"] }, 'option "redact.patterns[0]" must be a regular expression'],
    [{ patterns: [/x*/] }, "that does not match the empty text"],
    [{ patterns: [/x/y] }, "without the flag y"],
    [{ patterns: [{ find: /x/ }] }, 'option "redact.patterns[0]" must be'],
    [{ key: ["a"] }, 'there is no option "redact.key"; did you mean "redact.keys"?'],
    [["a"], 'option "redact" must be an object such as']
  ])("%j is an error when the log is made, also one that is disabled", (wrong, message) => {
    const make = (): unknown =>
      createAuditLog({ app: "redact", exporters: [], enabled: false, redact: wrong as RedactRules })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
    expect(make).not.toThrow(/K-1/)
    if (!Array.isArray(wrong)) expect(() => describePrivacy([], wrong as RedactRules)).toThrow(message)
  })
})

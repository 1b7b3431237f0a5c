// Every door of a log, as one function each: it lets a value in, and returns all that people and programs may see of it. Whatever
// the value hides must be in none of them.
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { AuditLog } from "../../src/api/audit-log-service.ts"
import { auditTool, recordToolCall } from "../../src/api/audit-tool.ts"
import type { RedactRules } from "../../src/encode/keys.ts"
import { defineEvent, type TypedEvent } from "../../src/event/define-event.ts"
import { withContext } from "../../src/log/context.ts"
import { defaultQueuePolicy, type Exporter } from "../../src/pipeline/exporter.ts"
import { makeTestAudit, memoryExporter, type TestAudit } from "../../src/testing/index.ts"

type Door = (value: unknown, redact?: RedactRules) => string | Promise<string>

const inLog =
  (call: (audit: TestAudit, value: unknown) => unknown): Door =>
  async (value, redact) => {
    const audit = makeTestAudit({ redact })
    await call(audit, value)
    return [...audit.lines, ...audit.notices, JSON.stringify(audit.health())].join("\n")
  }

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))
const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : { value }

const Anything = defineEvent({
  category: "anything",
  fields: { value: Schema.Unknown },
  message: ({ value }) => (typeof value === "string" ? value : JSON.stringify({ value }))
})
const Texts = defineEvent({
  category: "texts",
  fields: { list: Schema.Array(Schema.String), one: Schema.String },
  message: ({ list, one }) => `${list[0]} and ${one}`
})
const Narrow = defineEvent({
  category: "narrow",
  fields: {
    count: Schema.Int,
    inner: Schema.Struct({ name: Schema.String }),
    kind: Schema.Literals(["a", "b"])
  },
  message: (fields) => JSON.stringify(fields)
})
const misfit = Narrow as unknown as (fields: unknown) => TypedEvent

/** An event whose fields have the names of the value, typed as what they are. */
const namedAs = (value: unknown): TypedEvent => {
  const fields = fieldsOf(value)
  const schemas = Object.fromEntries(Object.keys(fields).map((name) => [name, Schema.Unknown]))
  return defineEvent({
    category: "named",
    fields: schemas as { readonly value: typeof Schema.Unknown },
    message: (shown) => Object.values(shown).map(textOf).join(" ")
  })(fields as { readonly value: unknown })
}

const diesOf = (value: unknown): Exporter => ({
  name: "dies",
  queue: defaultQueuePolicy,
  open: () =>
    Effect.succeed({ export: () => Effect.die(Object.assign(new Error(textOf(value)), fieldsOf(value))) })
})

/** By the name of what is let in. */
export const doors: Readonly<Record<string, Door>> = {
  "a typed field": inLog((audit, value) => audit.log(Anything({ value }))),
  "typed texts": inLog((audit, value) => audit.log(Texts({ list: [textOf(value)], one: textOf(value) }))),
  "typed fields of those names": inLog((audit, value) => audit.log(namedAs(value))),
  "typed fields that do not fit": inLog((audit, value) =>
    audit.log(misfit({ count: value, inner: value, kind: value, more: value }))
  ),
  "extras of a typed event": inLog((audit, value) =>
    audit.log(Texts({ list: [], one: "" }), fieldsOf(value))
  ),
  "untyped fields": inLog((audit, value) => audit.log("c", "m", fieldsOf(value))),
  "below untyped fields": inLog((audit, value) =>
    audit.log("c", "m", { a: [{ b: value }, new Map([["c", value]])] })
  ),
  context: inLog((audit, value) =>
    withContext({ ...fieldsOf(value), more: [value] }, () => audit.log("c", "m"))
  ),
  "a message": inLog((audit, value) => audit.log("c", value as string)),
  "an error": inLog((audit, value) =>
    audit.exception(
      textOf(value),
      Object.assign(new Error(textOf(value)), { stack: textOf(value), held: value })
    )
  ),
  "a cause": inLog((audit, value) =>
    audit.exception("w", new Error("m", { cause: new Error(textOf(value), { cause: value }) }))
  ),
  "what is thrown": inLog((audit, value) => audit.exception("w", value, fieldsOf(value))),
  "the arguments of a tool": inLog((audit, value) =>
    auditTool(audit, "t", (..._given: unknown[]) => "ok")(value, [value])
  ),
  "the result of a tool": inLog((audit, value) => auditTool(audit, "t", () => value)()),
  "a result as MCP has it": inLog((audit, value) =>
    recordToolCall(audit, {
      tool: "t",
      args: {},
      status: "ok",
      result: { content: [{ type: "text", text: textOf(value) }] }
    })
  ),
  "the error of a tool": inLog((audit, value) =>
    recordToolCall(audit, { tool: "t", args: value, status: "error", error: value })
  ),
  "an operation": inLog((audit, value) =>
    audit.timed("a", { ...fieldsOf(value), request: value }, (operation) => {
      operation.response = value
      operation.metadata = fieldsOf(value)
    })
  ),
  "a page": inLog((audit, value) => audit.pageOpen(textOf(value), { fields: fieldsOf(value) })),
  "the start of a session": inLog((audit, value) => audit.sessionStart(fieldsOf(value))),
  "a relayed line": inLog((audit, value) =>
    audit.relay({ ...fieldsOf(value), id: "i", message: textOf(value), below: [value] }, { facts: value })
  ),
  "an effect": async (value, redact) => {
    const exporter = memoryExporter()
    const program = Effect.gen(function* () {
      const audit = yield* AuditLog
      yield* audit.log(Anything({ value }))
      yield* audit.log("c", textOf(value), fieldsOf(value))
    })
    const layer = AuditLog.layer({ app: "doors", exporters: [exporter], exitHook: false, redact })
    await Effect.runPromise(Effect.provide(program, layer))
    return exporter.lines.join("\n")
  },
  "the errors of exporters and listeners": async (value, redact) => {
    const seen: string[] = []
    const audit = createAuditLog({
      app: "doors",
      exporters: [diesOf(value)],
      exitHook: false,
      env: { DOORS_AUDIT_TRACE: "1" },
      notice: (line) => void seen.push(line),
      redact
    })
    audit.onHealth(() => {
      throw new Error(textOf(value))
    })
    audit.log("c", "m")
    await audit.close({ timeoutMs: 20 })
    return [...seen, JSON.stringify(audit.health())].join("\n")
  }
}

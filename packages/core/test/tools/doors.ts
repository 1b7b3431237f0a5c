// Every door of a log, as one function each: it lets a value in, and returns all that people and programs may see of it. Whatever
// the value hides must be in none of them.
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { AuditLog } from "../../src/api/audit-log-service.ts"
import { auditTool, recordToolCall } from "../../src/api/audit-tool.ts"
import type { RedactRules } from "../../src/encode/keys.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { isReservedName } from "../../src/event/head.ts"
import type { TypedEvent } from "../../src/event/typed-event.ts"
import { withContext } from "../../src/log/context.ts"
import { defaultQueuePolicy, type Exporter } from "../../src/pipeline/exporter.ts"
import { makeTestAudit, memoryExporter, type TestAudit } from "../../src/testing/index.ts"

/** What is let in: a value, and a text of it. */
export interface Guest {
  readonly value: unknown
  readonly text: string
}

type Door = (guest: Guest, redact?: RedactRules) => string | Promise<string>

const inLog =
  (call: (audit: TestAudit, value: unknown, text: string) => unknown): Door =>
  async ({ value, text }, redact) => {
    const audit = makeTestAudit({ redact })
    await call(audit, value, text)
    return [...audit.lines, ...audit.notices, JSON.stringify(audit.health())].join("\n")
  }

// Fields are spread below, and a getter would be read there.
const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.values(Object.getOwnPropertyDescriptors(value)).every((property) => "value" in property)
    ? (value as Record<string, unknown>)
    : { value }

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

/** An event whose fields have the names of the value, typed as what they are. Such names are code, so none is of another form. */
const namedAs = (value: unknown): TypedEvent => {
  const fields = fieldsOf(value)
  const names = Object.keys(fields).filter((name) => !isReservedName(name))
  if (names.length === 0 || names.some((name) => !/^[\w.-]+$/.test(name))) return Anything({ value })
  const schemas = Object.fromEntries(names.map((name) => [name, Schema.Unknown]))
  return defineEvent({
    category: "named",
    fields: schemas as { readonly value: typeof Schema.Unknown },
    message: (shown) => Object.values(shown).map(String).join(" ")
  })(fields as { readonly value: unknown })
}

const diesOf = ({ value, text }: Guest): Exporter => ({
  name: "dies",
  queue: defaultQueuePolicy,
  open: () => Effect.succeed({ export: () => Effect.die(Object.assign(new Error(text), fieldsOf(value))) })
})

/** By the name of what is let in. */
export const doors: Readonly<Record<string, Door>> = {
  "a typed field": inLog((audit, value) => audit.log(Anything({ value }))),
  "typed texts": inLog((audit, _, text) => audit.log(Texts({ list: [text], one: text }))),
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
  "a message": inLog((audit, value, text) => {
    audit.log("c", text)
    audit.log("c", value as string)
  }),
  "an error": inLog((audit, value, text) =>
    audit.exception(text, Object.assign(new Error(text), { stack: text, held: value }))
  ),
  "a cause": inLog((audit, value, text) =>
    audit.exception("w", new Error("m", { cause: new Error(text, { cause: value }) }))
  ),
  "what is thrown": inLog((audit, value) => audit.exception("w", value, fieldsOf(value))),
  "the arguments of a tool": inLog((audit, value) =>
    auditTool(audit, "t", (..._given: unknown[]) => "ok")(value, [value])
  ),
  "the result of a tool": inLog((audit, value) => auditTool(audit, "t", () => value)()),
  "a result as MCP has it": inLog((audit, _, text) =>
    recordToolCall(audit, {
      tool: "t",
      args: {},
      status: "ok",
      result: { content: [{ type: "text", text: text }] }
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
  "a page": inLog((audit, value, text) => audit.pageOpen(text, { fields: fieldsOf(value) })),
  "the start of a session": inLog((audit, value) => audit.sessionStart(fieldsOf(value))),
  "a relayed line": inLog((audit, value, text) =>
    audit.relay({ ...fieldsOf(value), id: "i", message: text, below: [value] }, { facts: value })
  ),
  "an effect": async ({ value, text }, redact) => {
    const exporter = memoryExporter()
    const program = Effect.gen(function* () {
      const audit = yield* AuditLog
      yield* audit.log(Anything({ value }))
      yield* audit.log("c", text, fieldsOf(value))
      yield* audit.flush({ timeoutMs: 60_000 })
    })
    const layer = AuditLog.layer({ app: "doors", exporters: [exporter], exitHook: false, redact })
    await Effect.runPromise(Effect.provide(program, layer))
    return exporter.lines.join("\n")
  },
  "the errors of exporters and listeners": async ({ value, text }, redact) => {
    const seen: string[] = []
    const audit = createAuditLog({
      app: "doors",
      exporters: [diesOf({ value, text })],
      exitHook: false,
      env: { DOORS_AUDIT_TRACE: "1" },
      notice: (line) => void seen.push(line),
      redact
    })
    await new Promise<void>((resolve) => {
      audit.onHealth(() => {
        resolve()
        throw new Error(text)
      })
      audit.log("c", "m")
    })
    await audit.close({ timeoutMs: 0 })
    return [...seen, JSON.stringify(audit.health())].join("\n")
  }
}

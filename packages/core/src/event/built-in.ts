// Events that core itself knows the shape of, defined without a schema: an operation with its duration, a tool call.
// Their fields come from anywhere, so every one is guarded as untyped.
import type { EventDefinition } from "./define-event.ts"
import type { FieldRule } from "./field-rule.ts"
import { levelNumber } from "./level.ts"
import { type Guard, untypedGuard } from "./privacy.ts"

/** Characters of each text in a tool's arguments, at any depth. */
export const toolArgumentCharsMax = 500
/** Characters of a tool's result that are kept. */
export const toolSnippetCharsMax = 300

const rule = (name: string, guard: Guard = untypedGuard): FieldRule => ({
  name,
  keyBytes: new TextEncoder().encode(`,"${name}":`),
  guard,
  fits: () => true
})

const define = (
  category: string,
  rules: readonly FieldRule[],
  message: EventDefinition["message"]
): EventDefinition => ({
  category,
  level: "info",
  levelNumber: levelNumber.info,
  rules,
  names: new Set(rules.map(({ name }) => name)),
  message
})

/** What `timed` records. */
export const operationDefinition: EventDefinition = define(
  "operation",
  [
    "action",
    "outcome",
    "duration_ms",
    "started_at",
    "ended_at",
    "response",
    "exc_type",
    "exc_message",
    "exc_stack"
  ].map((name) => rule(name)),
  ({ action, outcome, duration_ms: durationMs }) =>
    `${String(action)} ${outcome === "success" ? "took" : "failed after"} ${String(durationMs)} ms`
)

/** What `auditTool` records. */
export const toolDefinition: EventDefinition = define(
  "tool_call",
  [
    rule("tool"),
    rule("args", { ...untypedGuard, charsMax: toolArgumentCharsMax }),
    rule("status"),
    rule("result_chars"),
    rule("result_snippet"),
    rule("engine"),
    rule("model"),
    rule("duration_ms"),
    rule("exc_type"),
    rule("exc_message")
  ],
  ({ tool, status }) => `${String(tool)}: ${String(status)}`
)

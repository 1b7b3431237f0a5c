// The events that core itself makes: sessions, pages, exceptions, operations, tool calls. Defined without a schema,
// which would double the time to import core; `@daybook/core/catalogue` has the same with schemas, for readers.

import type { FieldRule } from "./field-rule.ts"
import { type Guard, makeGuard, searchedGuard } from "./guard.ts"
import { type Level, levelNumber } from "./level.ts"
import type { EventDefinition } from "./typed-event.ts"

/** Names that mean the same on any event: who did it, to what, how it went (success | failure | denied), and why. */
export const standardNames = ["actor", "target", "outcome", "reason"] as const

/** What is kept of something thrown: by `exception`, and of an operation or a tool call that failed. */
export const exceptionNames = ["exc_type", "exc_message", "exc_stack", "exc_cause", "exc_fields"] as const

/** What may be known of a tool call besides what it was asked and what came of it. A client's names are its claims. */
export const toolFactNames = [
  "reason",
  "call_id",
  "rpc_id",
  "source",
  "server",
  "client",
  "client_id",
  "mcp_session",
  "agent",
  "run_id",
  "parent_run_id",
  "traceparent",
  "approval"
] as const

/** Characters of each text in a tool's arguments, at any depth. */
export const toolArgumentCharsMax = 500
/** Characters of a tool's result that are kept. */
export const toolSnippetCharsMax = 300

const rule = (name: string, guard: Guard = searchedGuard): FieldRule => ({
  name,
  keyBytes: new TextEncoder().encode(`,"${name}":`),
  guard,
  hides: false,
  keysBelow: undefined,
  fits: () => true
})

// The text of a list or of a large bigint has no bound, and none of them belongs here.
const word = (value: unknown): string =>
  (typeof value === "object" && value !== null) || typeof value === "function" || typeof value === "bigint"
    ? `[${typeof value}]`
    : String(value)

const define = (
  form: { readonly category: string; readonly level?: Level; readonly fields: readonly string[] },
  message: EventDefinition["message"],
  guards: Readonly<Record<string, Guard>> = {}
): EventDefinition => {
  const level = form.level ?? "info"
  const names = new Set([...form.fields, ...standardNames])
  const rules = [...names].map((name) => rule(name, guards[name]))
  return {
    category: form.category,
    level,
    levelNumber: levelNumber[level],
    rules,
    names,
    message,
    // Made with `word`.
    isInWords: true
  }
}

/** `log_file`, `filtered`, `layout` and `sealed` come from exporters. */
export const sessionStarted: EventDefinition = define(
  {
    category: "session",
    fields: [
      "platform",
      "runtime",
      "runtime_version",
      "user",
      "cwd",
      "tz_offset",
      "log_file",
      "filtered",
      "layout",
      "sealed"
    ]
  },
  "Session started"
)

export const sessionEnded: EventDefinition = define(
  { category: "session", fields: ["duration_ms"] },
  "Session ended"
)

export const recordingChanged: EventDefinition = define(
  { category: "session", fields: ["allow", "level_min", "allow_before", "level_min_before"] },
  "Recording rules changed"
)

export const pageOpened: EventDefinition = define(
  { category: "nav", fields: ["page"] },
  ({ page }) => `Opened ${word(page)}`
)

export const exceptionCaught: EventDefinition = define(
  { category: "error", level: "error", fields: exceptionNames },
  ({ exc_type: type, exc_message: message }) => `${word(type)}: ${word(message)}`
)

export const operationTimed: EventDefinition = define(
  {
    category: "operation",
    fields: [
      "action",
      "transport",
      "bank_id",
      "outcome",
      "duration_ms",
      "started_at",
      "ended_at",
      "request",
      "response",
      "metadata",
      ...exceptionNames
    ]
  },
  ({ action, outcome, duration_ms: durationMs }) => {
    const end = outcome === "failure" || outcome === "denied" ? outcomeInWords[outcome] : "took"
    return durationMs === undefined ? word(action) : `${word(action)} ${end} ${word(durationMs)} ms`
  }
)

const outcomeInWords = { failure: "failed after", denied: "was denied after" } as const

export const toolCalled: EventDefinition = define(
  {
    category: "tool_call",
    fields: [
      "tool",
      "args",
      "status",
      "result_chars",
      "result_snippet",
      "result_media",
      "engine",
      "model",
      "duration_ms",
      ...toolFactNames,
      ...exceptionNames
    ]
  },
  ({ tool, status }) => `${word(tool)}: ${word(status)}`,
  { args: makeGuard({ charsMax: toolArgumentCharsMax, inCodePoints: true }) }
)

// Showing what a tool was asked to do: one event for each call of a function that an agent may call. Fits the shapes of
// MCP (`{ content: [{ type: "text", text }], isError }`) and of AI SDK tools (`execute(args, options)`).

import { cutPoint } from "../encode/byte-writer.ts"
import { describeThrown } from "../encode/thrown.ts"
import { toolCalled, toolSnippetCharsMax } from "../event/built-in.ts"
import { TypedEvent } from "../event/define-event.ts"
import { currentContext } from "../log/context.ts"
import { optionOf } from "../log/input.ts"
import type { Audit } from "./audit.ts"

/** Thrown by a tool that was not allowed to run: recorded as denied, not as an error. */
export class ToolDenied extends Error {
  override readonly name = "ToolDenied"
}

/**
 * The same function, whose every call is recorded: arguments (texts cut to 500 characters, at any depth), status
 * ok | error | denied, the length of the result and its first 300 characters, engine and model from the context.
 * Only the first argument is recorded when there is one object, as agents call tools; else all of them.
 * What the tool returns or throws goes on untouched. Recording never throws and is never waited for.
 */
export const auditTool =
  <Args extends readonly unknown[], Result>(
    audit: Audit,
    tool: string,
    run: (...args: Args) => Result | PromiseLike<Result>
  ): ((...args: Args) => Promise<Result>) =>
  async (...args) => {
    const startedMs = performance.now()
    const { engine = "", model = "" } = currentContext() ?? {}
    const record = (status: "ok" | "error" | "denied", more: Readonly<Record<string, unknown>>): void =>
      audit.log(
        new TypedEvent(toolCalled, {
          tool,
          args: isObject(args[0]) ? args[0] : args,
          status,
          engine,
          model,
          duration_ms: Math.round(performance.now() - startedMs),
          ...more
        }),
        undefined,
        status === "ok" ? {} : { level: "warn" }
      )
    let result: Result
    try {
      result = await run(...args)
    } catch (error) {
      const { type, message } = describeThrown(error)
      record(type === "ToolDenied" ? "denied" : "error", {
        result_chars: 0,
        result_snippet: "",
        exc_type: type,
        exc_message: message
      })
      throw error
    }
    const text = toText(result)
    const snippet = text.slice(0, cutPoint(text, toolSnippetCharsMax))
    record(isErrorResult(result) ? "error" : "ok", { result_chars: text.length, result_snippet: snippet })
    return result
  }

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const isErrorResult = (result: unknown): boolean => optionOf(result, "isError") === true

// The text that an agent reads: of an MCP result its text parts, of anything else its JSON.
const toText = (result: unknown): string => {
  if (typeof result === "string") return result
  try {
    if (isObject(result) && "content" in result && Array.isArray(result.content)) {
      const parts: readonly unknown[] = result.content
      return parts.map((part) => (isObject(part) && "text" in part ? String(part.text) : "")).join("")
    }
    return JSON.stringify(result) ?? ""
  } catch {
    return ""
  }
}

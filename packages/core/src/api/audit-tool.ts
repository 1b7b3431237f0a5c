// Showing what a tool was asked to do: one event for each call of a function that an agent may call. Fits the shapes of
// MCP (`{ content: [{ type: "text", text }], isError }`) and of AI SDK tools (`execute(args, options)`).
import { pointsIn, unitsOfPoints } from "../encode/code-points.ts"
import { describeThrown, exceptionFields, textOf, writtenText } from "../encode/described.ts"
import type { Fields } from "../encode/fields.ts"
import { builtInKeys } from "../encode/keys.ts"
import { kindOf } from "../encode/kind-of.ts"
import { withoutSecrets } from "../encode/text-patterns.ts"
import { toolCalled, toolSnippetCharsMax } from "../event/built-in.ts"
import { TypedEvent } from "../event/typed-event.ts"
import { encodeLimits, eventLimits } from "../limits.ts"
import { currentContext, inContext } from "../log/context.ts"
import { optionOf } from "../log/input.ts"
import type { Audit } from "./audit.ts"

/** Thrown by a tool that was not allowed to run: recorded as denied, not as an error. */
export class ToolDenied extends Error {
  override readonly name = "ToolDenied"
}

/** How a call went. */
export type ToolStatus = "ok" | "error" | "denied"

/** One call of a tool that was not wrapped, or that was denied and never ran. */
export interface ToolCall {
  readonly tool: string
  readonly args: unknown
  readonly status: ToolStatus
  /** What came of it; its length and its first 300 characters are recorded. */
  readonly result?: unknown
  /** Why it did not come to a result. */
  readonly error?: unknown
  /** Whose call it was. Default: the context's. */
  readonly user?: string | undefined
}

/** Records one call, as `auditTool` records those of a wrapped function. Engine and model come from the context. */
export const recordToolCall = (audit: Pick<Audit, "log">, call: ToolCall): void => {
  const [tool, args, status, result, error, user] = ["tool", "args", "status", "result", "error", "user"].map(
    (name) => optionOf(call, name)
  )
  const context = currentContext()
  const around = user === undefined ? context : { ...context, user }
  const more = error === undefined ? {} : exceptionFields(describeThrown(error))
  inContext(around, () => record(audit, { tool, args, status, ...resultFields(result), ...more }))
}

/**
 * The same function, whose every call is recorded: arguments (texts cut to 500 characters, at any depth), status
 * ok | error | denied, the length of the result and its first 300 characters, engine and model from the context. Only the first
 * argument is recorded when there is one object, as agents call tools; else all of them.
 *
 * It keeps `this`, and returns or throws what the tool does. A promise is recorded when it settles; a generator is the tool's own,
 * and is recorded when it ends, with `reason` "not read to its end" where its reader stopped before. One that is never read to an
 * end is not recorded. Recording never throws and is never waited for.
 */
export const auditTool = <This, Args extends readonly unknown[], Result>(
  audit: Pick<Audit, "log">,
  tool: string,
  run: (this: This, ...args: Args) => Result
): ((this: This, ...args: Args) => Result) =>
  function (...args) {
    const call = new Call(audit, tool, args)
    let result: Result
    try {
      result = Reflect.apply(run, this, args)
    } catch (error) {
      call.failed(error)
      throw error
    }
    return call.passOn(result)
  }

/** One call of a wrapped function, from its beginning to its end. */
class Call {
  private readonly startedMs = performance.now()
  // A generator may end where another context holds.
  private readonly context = currentContext()
  private readonly audit: Pick<Audit, "log">
  private readonly tool: unknown
  private readonly args: unknown
  private hasEnded = false

  constructor(audit: Pick<Audit, "log">, tool: unknown, args: readonly unknown[]) {
    this.audit = audit
    this.tool = tool
    this.args = isObject(args[0]) ? args[0] : args
  }

  succeeded(result: unknown): void {
    this.end(isErrorResult(result) ? "error" : "ok", resultFields(result))
  }

  failed(error: unknown, before: Fields = resultFields(undefined)): void {
    const thrown = describeThrown(error)
    const status = thrown.type === "ToolDenied" ? "denied" : "error"
    this.end(status, { ...before, ...exceptionFields(thrown) })
  }

  /** What the caller gets: the result itself, or the promise that follows it. */
  passOn<Result>(result: Result): Result {
    if (isObject(result) || typeof result === "function") {
      const follow = this.followed(result)
      if (follow !== undefined) return follow as Result
    }
    this.succeeded(result)
    return result
  }

  private followed(result: object): unknown {
    if (isGenerator(result)) return this.watched(result)
    try {
      const { then } = result as { readonly then?: unknown }
      if (typeof then !== "function") return undefined
      // A second look at the same promise would hide that its rejection is not handled, and would start a query twice.
      return (
        then.call(
          result,
          (value: unknown) => {
            this.succeeded(value)
            return value
          },
          (error: unknown) => {
            this.failed(error)
            throw error
          }
        ) ?? result
      )
    } catch (error) {
      this.failed(error)
      return result
    }
  }

  // The reader has the tool's own generator; only its three methods are looked at as they pass.
  private watched(generator: AnyGenerator): AnyGenerator {
    const output = new Output()
    const watch = (name: "next" | "return" | "throw"): void => {
      const own = generator[name]
      const look = (step: Step): Step => {
        output.take(step)
        if (step.done === true) this.readOut(output, name === "return")
        return step
      }
      const value = (...given: readonly unknown[]): unknown => {
        let step: Step | Promise<Step>
        try {
          step = Reflect.apply(own, generator, given)
        } catch (error) {
          this.failed(error, output.fields())
          throw error
        }
        if (!("then" in step)) return look(step)
        return step.then(look, (error: unknown) => {
          this.failed(error, output.fields())
          throw error
        })
      }
      Object.defineProperty(generator, name, { value, writable: true, configurable: true })
    }
    for (const name of ["next", "return", "throw"] as const) watch(name)
    return generator
  }

  private readOut(output: Output, isStopped: boolean): void {
    const status = isErrorResult(output.last) ? "error" : "ok"
    this.end(status, { ...output.fields(), ...(isStopped ? { reason: "not read to its end" } : {}) })
  }

  private end(status: ToolStatus, more: Fields): void {
    if (this.hasEnded) return
    this.hasEnded = true
    const { audit, tool, args } = this
    const durationMs = Math.round(performance.now() - this.startedMs)
    inContext(this.context, () => record(audit, { tool, args, status, duration_ms: durationMs, ...more }))
  }
}

type Step = { readonly done?: boolean; readonly value?: unknown }
type AnyGenerator = Readonly<
  Record<"next" | "return" | "throw", (...given: readonly unknown[]) => Step | Promise<Step>>
>

/** What a generator gave: its texts one after another, or else the last of its other values. */
class Output {
  last: unknown
  private chars = 0
  private beginning = ""

  take({ done, value }: Step): void {
    if (typeof value === "string") {
      this.chars += pointsIn(value)
      this.beginning = joined(this.beginning, value)
    } else if (done !== true || value !== undefined) this.last = value
  }

  fields(): Fields {
    const { chars, beginning, last } = this
    return chars > 0 ? { result_chars: chars, result_snippet: snippetOf(beginning) } : resultFields(last)
  }
}

const record = (audit: Pick<Audit, "log">, fields: Fields): void => {
  const { engine = "", model = "" } = currentContext() ?? {}
  const event = new TypedEvent(toolCalled, { engine, model, ...fields, tool: textOf(fields.tool) })
  audit.log(event, undefined, fields.status === "ok" ? {} : { level: "warn" })
}

const resultFields = (result: unknown): Fields => {
  const texts = textsOf(result)
  return {
    result_chars: texts.reduce((sum, text) => sum + pointsIn(text), 0),
    result_snippet: snippetOf(texts.reduce(joined, ""))
  }
}

// Searched before it is cut: what is left of a secret has no form any more.
const snippetOf = (text: string): string => {
  if (text.length <= toolSnippetCharsMax) return text
  const safe = withoutSecrets(text.slice(0, snippetUnitsMax), builtInKeys)
  return safe.slice(0, unitsOfPoints(safe, toolSnippetCharsMax))
}

/** A code point has at most two units; and what a secret may have behind them. */
const snippetUnitsMax = 2 * toolSnippetCharsMax + encodeLimits.searchedBehindCut

// As much of them as a snippet can take: together they may be longer than a text can be.
const joined = (before: string, text: string): string =>
  before.length >= snippetUnitsMax ? before : before + text.slice(0, snippetUnitsMax)

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const isGenerator = (value: object): value is AnyGenerator => {
  try {
    const kind = kindOf(value)
    return (kind === "Generator" || kind === "AsyncGenerator") && Object.isExtensible(value)
  } catch {
    return false
  }
}

const isErrorResult = (result: unknown): boolean => optionOf(result, "isError") === true

// The texts that an agent reads: of an MCP result its text parts, of anything else its JSON as a line would hold it.
const textsOf = (result: unknown): readonly string[] => {
  if (result === undefined || typeof result === "symbol" || typeof result === "function") return [""]
  if (typeof result === "string") return [result]
  try {
    const content = isObject(result) ? optionOf(result, "content") : undefined
    if (!Array.isArray(content)) return [writtenText(result)]
    return content.slice(0, eventLimits.itemsMax).map((part) => {
      const text = optionOf(part, "text")
      return text === undefined ? "" : textOf(text)
    })
  } catch {
    return [""]
  }
}

// Showing what a tool was asked to do: one event for each call of a function that an agent may call. Fits the shapes of
// MCP (`{ content: [{ type: "text", text }], isError }`) and of AI SDK tools (`execute(args, options)`).
import { pointsIn } from "../encode/code-points.ts"
import { describeThrown, exceptionFields } from "../encode/described.ts"
import type { Fields } from "../encode/fields.ts"
import type { Keys } from "../encode/keys.ts"
import { kindOf } from "../encode/kind-of.ts"
import { currentContext, inContext } from "../log/context.ts"
import { optionOf } from "../log/input.ts"
import type { Audit } from "./audit.ts"
import { keysOfAudit } from "./keys-of-audit.ts"
import { Call, factsOf, record, type ToolFacts, type ToolStatus } from "./tool-call.ts"
import { joined, resultFields, snippetOf } from "./tool-result.ts"

/** One call of a tool that was not wrapped, or that was denied and never ran. */
export interface ToolCall extends ToolFacts {
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
  inContext(around, () =>
    record(audit, {
      tool,
      args,
      status,
      ...resultFields(result, keysOfAudit(audit)),
      ...factsOf(call),
      ...more
    })
  )
}

/**
 * The same function, whose every call is recorded: arguments (texts cut to 500 characters, at any depth), status
 * ok | error | denied | cancelled, the length of the result and its first 300 characters, engine and model from the context. Only the first
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
    const call = new Call(audit, tool, { args: isObject(args[0]) ? args[0] : args })
    let result: Result
    try {
      result = call.run(() => Reflect.apply(run, this, args))
    } catch (error) {
      call.end({ error })
      throw error
    }
    return passOn(call, result)
  }

/** What the caller gets: the result itself, or the promise that follows it. */
const passOn = <Result>(call: Call, result: Result): Result => {
  if (isObject(result) || typeof result === "function") {
    const follow = followed(call, result)
    if (follow !== undefined) return follow as Result
  }
  call.end({ result })
  return result
}

const followed = (call: Call, result: object): unknown => {
  if (isGenerator(result)) return watched(call, result)
  try {
    const { then } = result as { readonly then?: unknown }
    if (typeof then !== "function") return undefined
    // A second look at the same promise would hide that its rejection is not handled, and would start a query twice.
    return (
      then.call(
        result,
        (value: unknown) => {
          call.end({ result: value })
          return value
        },
        (error: unknown) => {
          call.end({ error })
          throw error
        }
      ) ?? result
    )
  } catch (error) {
    call.end({ error })
    return result
  }
}

// The reader has the tool's own generator; only its three methods are looked at as they pass.
const watched = (call: Call, generator: AnyGenerator): AnyGenerator => {
  const output = new Output()
  const watch = (name: "next" | "return" | "throw"): void => {
    const own = generator[name]
    const look = (step: Step): Step => {
      output.take(step)
      if (step.done === true) readOut(call, output, name === "return")
      return step
    }
    const failed = (error: unknown): never => {
      call.end({ error }, output.fields(call.keys))
      throw error
    }
    const value = (...given: readonly unknown[]): unknown => {
      let step: Step | Promise<Step>
      try {
        step = call.run(() => Reflect.apply(own, generator, given))
      } catch (error) {
        return failed(error)
      }
      return "then" in step ? step.then(look, failed) : look(step)
    }
    Object.defineProperty(generator, name, { value, writable: true, configurable: true })
  }
  for (const name of ["next", "return", "throw"] as const) watch(name)
  return generator
}

const readOut = (call: Call, output: Output, isStopped: boolean): void => {
  if (isStopped) call.note({ reason: "not read to its end" })
  call.end({ result: output.last }, output.fields(call.keys))
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

  fields(keys: Keys): Fields {
    const { chars, beginning, last } = this
    return chars > 0
      ? { result_chars: chars, result_snippet: snippetOf(beginning, keys) }
      : resultFields(last, keys)
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const isGenerator = (value: object): value is AnyGenerator => {
  try {
    const kind = kindOf(value)
    return (kind === "Generator" || kind === "AsyncGenerator") && Object.isExtensible(value)
  } catch {
    return false
  }
}

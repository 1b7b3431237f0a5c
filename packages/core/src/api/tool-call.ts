// One call of a tool, from its beginning to its record: what is known of it, what is noted while it runs, how it ended. One call is
// one record, also when a wrapped tool runs inside a server that is audited: the inner call then adds to the outer one's record.
// audit-tool.ts opens a call for each call of a wrapped function; @daybook/agents for each that a protocol or an SDK shows.
import { unitsOfPoints } from "../encode/code-points.ts"
import { describeThrown, exceptionFields, type Thrown, textOf } from "../encode/described.ts"
import type { Fields } from "../encode/fields.ts"
import type { Keys } from "../encode/keys.ts"
import { toolCalled, toolFactNames, toolSnippetCharsMax } from "../event/built-in.ts"
import { TypedEvent } from "../event/typed-event.ts"
import { carried, currentContext, inContext, withCarried } from "../log/context.ts"
import { optionOf } from "../log/input.ts"
import type { Audit } from "./audit.ts"
import { keysOfAudit } from "./keys-of-audit.ts"
import { dataOf, isErrorResult, keysIn, resultFields, textsOf } from "./tool-result.ts"

/**
 * Thrown by a tool that was not allowed to run: recorded as denied, not as an error. An MCP server makes a text of it; so that its call is
 * denied all the same, make the error where the tool runs, and not beforehand.
 */
export class ToolDenied extends Error {
  override readonly name = "ToolDenied"

  constructor(message?: string, options?: ErrorOptions) {
    super(message, options)
    // A server makes a text of what a tool throws. By its words it is known again.
    runningCall()?.threw(this)
  }
}

/**
 * How a call went. `cancelled`: the caller gave up, which does not undo what the tool has done. `pending`: it was asked, and has not
 * ended yet; another record of the same `call_id` says how it did.
 */
export type ToolStatus = "ok" | "error" | "denied" | "cancelled" | "pending"

/** Who allowed a call, or did not. */
export interface ToolApproval {
  readonly decision: "approved" | "denied" | "cancelled"
  /** The authenticated user who decided; never a name that a client gave itself. */
  readonly by?: string | undefined
  /** When it was decided. */
  readonly at?: Date | string | undefined
  /** How: `elicitation`, `policy`, a dialogue of the application. */
  readonly via?: string | undefined
  readonly reason?: string | undefined
}

/** What may be known of a call besides. */
export interface ToolFacts {
  readonly reason?: string | undefined
  /** The same on all records of one call. */
  readonly call_id?: string | undefined
  /** The id of its JSON-RPC request, unique in its MCP session only. */
  readonly rpc_id?: string | number | undefined
  /** Which door saw it: `mcp`, `ai-sdk`, … */
  readonly source?: string | undefined
  readonly server?: string | undefined
  /** What the client calls itself. */
  readonly client?: string | undefined
  /** The client as the authentication knows it. */
  readonly client_id?: string | undefined
  readonly mcp_session?: string | undefined
  readonly agent?: string | undefined
  readonly run_id?: string | undefined
  readonly parent_run_id?: string | undefined
  /** The span that the caller says it is in, as W3C Trace Context writes it. */
  readonly traceparent?: string | undefined
  /** `denied` and `cancelled` decide the status too. */
  readonly approval?: ToolApproval | undefined
  /** Default: the context's. */
  readonly engine?: string | undefined
  readonly model?: string | undefined
}

/** What stands on the line of arguments or of a result: as everywhere, their keys, or nothing. */
export type ToolDetail = "redacted" | "keys" | "none"

/** A call that begins. */
export interface ToolCallStart extends ToolFacts {
  readonly tool: string
  readonly args: unknown
  /** Whose call it is. Default: the context's. */
  readonly user?: string | undefined
}

/** How it ended. An error makes it denied, cancelled or an error; a result that says `isError` an error. */
export interface ToolCallEnd {
  readonly status?: ToolStatus | undefined
  readonly result?: unknown
  readonly error?: unknown
}

/** A call that runs. */
export interface RunningToolCall {
  /** Whose it is, as its line will say. */
  readonly user: string | undefined
  /** Runs the tool, or a part of it, so that `noteToolCall` and wrapped tools inside know of this call. */
  run<A>(run: () => A): A
  /** Adds to its record. */
  note(facts: ToolFacts): void
  /** The event that says that it was asked: for a record before the tool runs. */
  pending(reason?: string): TypedEvent
  /** Writes its record. Only the first one counts. */
  end(how: ToolCallEnd): void
}

/**
 * A call that something else runs, for frameworks that say when a call begins and ends. `args` and `result` say how much of them
 * stands on the line; with less than "redacted", of an error only the type does, because its message may quote them.
 */
export const startToolCall = (
  audit: Pick<Audit, "log">,
  call: ToolCallStart,
  detail: { readonly args?: ToolDetail | undefined; readonly result?: ToolDetail | undefined } = {}
): RunningToolCall => {
  const { args = "redacted", result = "redacted" } = detail
  const opened = new Call(audit, optionOf(call, "tool"), argsFields(optionOf(call, "args"), args), {
    user: optionOf(call, "user"),
    result,
    showsErrors: args === "redacted" && result === "redacted",
    canAdopt: true
  })
  opened.note(call)
  return opened
}

/**
 * Adds to the record of the call that is running: who approved it, why it ended as it did. Found across `await` wherever
 * `withContext` is; outside of any call it does nothing.
 */
export const noteToolCall = (facts: ToolFacts): void => runningCall()?.note(facts)

/** The call that is running here, for what is to be noted when its context is gone. */
export const currentToolCall = (): RunningToolCall | undefined => runningCall()

interface CallForm {
  readonly user: unknown
  readonly result: ToolDetail
  readonly showsErrors: boolean
  /** A server's call takes the first wrapped tool of its name that runs inside it as itself. */
  readonly canAdopt: boolean
}

const ofWrapped: CallForm = { user: undefined, result: "redacted", showsErrors: true, canAdopt: false }

export class Call implements RunningToolCall {
  private readonly startedMs = performance.now()
  // A generator may end where another context holds.
  private readonly context: Fields | undefined
  private readonly audit: Pick<Audit, "log">
  /** Which keys are secret to its log. */
  readonly keys: Keys
  private readonly tool: unknown
  private readonly args: Fields
  private readonly form: CallForm
  /** Whose record this call adds to. */
  private readonly outer: Call | undefined
  private facts: Fields = {}
  /** What was thrown inside, of which a server may have made a text by the end. */
  private readonly thrownInside: unknown[] = []
  private hasAdopted = false
  private hasEnded = false

  constructor(audit: Pick<Audit, "log">, tool: unknown, args: Fields, form: CallForm = ofWrapped) {
    this.audit = audit
    this.keys = keysOfAudit(audit)
    this.tool = tool
    this.args = args
    this.form = form
    const context = currentContext()
    this.context = form.user === undefined ? context : { ...context, user: form.user }
    const running = runningCall()
    if (running?.adopts(audit, tool) === true) this.outer = running
  }

  get user(): string | undefined {
    const user = optionOf(this.context, "user")
    return typeof user === "string" ? user : undefined
  }

  run<A>(run: () => A): A {
    return withCarried(this.context, this.outer ?? this, run)
  }

  note(facts: ToolFacts): void {
    if (this.outer === undefined) this.facts = { ...this.facts, ...factsOf(facts) }
    else this.outer.facts = { ...factsOf(facts), ...this.outer.facts }
  }

  pending(reason?: string): TypedEvent {
    const facts = { ...this.outer?.facts, ...this.facts, ...(reason === undefined ? {} : { reason }) }
    return toEvent({
      tool: this.tool,
      ...this.args,
      status: "pending",
      ...resultFields(undefined, this.keys),
      ...facts
    })
  }

  end(how: ToolCallEnd, result: Fields = shownResult(how.result, this.form.result, this.keys)): void {
    if (this.hasEnded) return
    this.hasEnded = true
    if (this.outer !== undefined) {
      // Its own end follows, with the result as the caller gets it.
      if ("error" in how) this.outer.threw(how.error)
      return
    }
    const failure = this.failureOf(how)
    const { audit, tool, args, facts, form } = this
    const status = statusOf(facts.approval) ?? how.status ?? endOf(failure?.type, how.result)
    const errors = failure === undefined ? {} : exceptionFields(failure)
    const durationMs = Math.round(performance.now() - this.startedMs)
    inContext(this.context, () =>
      record(audit, {
        tool,
        ...args,
        status,
        duration_ms: durationMs,
        ...result,
        ...facts,
        ...(form.showsErrors || failure === undefined ? errors : { exc_type: failure.type })
      })
    )
  }

  adopts(audit: Pick<Audit, "log">, tool: unknown): boolean {
    if (!this.form.canAdopt || this.hasAdopted || this.hasEnded) return false
    if (audit !== this.audit || tool !== this.tool) return false
    this.hasAdopted = true
    return true
  }

  threw(thrown: unknown): void {
    // A tool may throw as often as it likes on its way to a result.
    if (this.thrownInside.length < thrownInsideMax) this.thrownInside.push(thrown)
  }

  // An error that a server has made a text of is known by its words.
  private failureOf(how: ToolCallEnd): Thrown | undefined {
    const thrown = "error" in how ? describeThrown(how.error) : undefined
    if (thrown === undefined && !isErrorResult(how.result)) return undefined
    const words = thrown === undefined ? textsOf(how.result, this.keys) : [thrown.message]
    const inside = this.thrownInside.map(describeThrown)
    return inside.findLast(({ message }) => words.includes(message)) ?? thrown
  }
}

const thrownInsideMax = 16

export const toEvent = (fields: Fields): TypedEvent => {
  const { engine = "", model = "" } = currentContext() ?? {}
  return new TypedEvent(toolCalled, { engine, model, ...fields, tool: textOf(fields.tool) })
}

/** Records one call, with the context's engine and model. */
export const record = (audit: Pick<Audit, "log">, fields: Fields): void => {
  audit.log(toEvent(fields), undefined, fields.status === "ok" ? {} : { level: "warn" })
}

const factNames = [...toolFactNames, "engine", "model"]

/** Those that were given, each read once. */
export const factsOf = (given: unknown): Fields => {
  const facts: Record<string, unknown> = {}
  for (const name of factNames) {
    const value = name === "approval" ? approvalOf(optionOf(given, name)) : optionOf(given, name)
    if (value !== undefined) facts[name] = value
  }
  return facts
}

const approvalOf = (given: unknown): Fields | undefined => {
  if (given === undefined) return undefined
  const approval: Record<string, unknown> = {}
  for (const name of ["decision", "by", "at", "via", "reason"]) {
    const value = optionOf(given, name)
    if (value !== undefined) approval[name] = value
  }
  return approval
}

/** What a decision makes of a call. */
const statusOf = (approval: unknown): ToolStatus | undefined => {
  const decision = optionOf(approval, "decision")
  return decision === "denied" || decision === "cancelled" ? decision : undefined
}

// By what its error calls itself: those of an AbortSignal say that the caller gave up.
const endOf = (type: string | undefined, result: unknown): ToolStatus => {
  if (type === undefined) return isErrorResult(result) ? "error" : "ok"
  if (type === "ToolDenied") return "denied"
  return type === "AbortError" || type === "TimeoutError" ? "cancelled" : "error"
}

const argsFields = (args: unknown, detail: ToolDetail): Fields => {
  if (detail === "redacted") return { args }
  return { args: detail === "keys" ? keysIn(args) : [] }
}

const shownResult = (result: unknown, detail: ToolDetail, keysOfLog: Keys): Fields => {
  const fields = resultFields(result, keysOfLog)
  if (detail === "redacted") return fields
  const keys = detail === "keys" ? keysIn(dataOf(result)) : []
  const snippet = keys.length === 0 ? "" : JSON.stringify(keys)
  return { ...fields, result_snippet: snippet.slice(0, unitsOfPoints(snippet, toolSnippetCharsMax)) }
}

const runningCall = (): Call | undefined => {
  const found = carried()
  return found instanceof Call ? found : undefined
}

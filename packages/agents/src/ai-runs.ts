// The runs of the AI SDK that are under way, and the tool calls of each: those that its tools execute, and those that never come to a
// tool, because the model named none that is there, or a person or a policy said no. Each call is one record; one that waits for a
// person, or is left to the application or the provider, is pending.
import {
  type Audit,
  currentToolCall,
  describeThrown,
  type RunningToolCall,
  startToolCall,
  type ToolApproval,
  type ToolCallEnd
} from "@daybook/core"
import { answersIn, endOf, resultOf } from "./ai-content.ts"
import { answerOf, type DetailOptions } from "./detail.ts"
import { listIn, partOf, textIn } from "./part-of.ts"
import { unseen } from "./unseen.ts"

/** As much of the SDK's start of a run as says whose it is. */
export interface AiStart {
  readonly callId?: string
  readonly operationId?: string
  readonly functionId?: string | undefined
  /** What `telemetry.includeRuntimeContext` lets through. */
  readonly runtimeContext?: Readonly<Record<string, unknown>> | undefined
}

/** How the calls of the AI SDK are recorded. */
export interface AiSdkOptions extends DetailOptions {
  /** Whose run it is: from the application's authentication. Default: the user of the context. */
  readonly user?: ((run: AiStart) => string | undefined) | undefined
}

interface Run {
  readonly id: string
  readonly user: string | undefined
  readonly agent: string | undefined
  readonly parent: string | undefined
  engine: string | undefined
  model: string | undefined
  /** What people answered, by the id of the call that they were asked about. */
  readonly approvals: Map<string, { readonly approval: ToolApproval; readonly part: unknown }>
  /** Calls that a tool executes. */
  readonly running: Map<string, RunningToolCall>
  /** Calls that the model asked for, and that have no record yet. */
  readonly asked: Map<string, unknown>
  readonly recorded: Set<string>
  /** Calls whose result the provider gives in a later step. */
  readonly deferred: Map<string, { readonly part: unknown; readonly approval?: ToolApproval | undefined }>
}

/** Of streams whose reader went away no end is heard; so many runs are kept at most. */
const runsMax = 10_000

export class AiRuns {
  private readonly audit: Audit
  private readonly options: AiSdkOptions
  private readonly runs = new Map<string, Run>()
  /** The run of each call whose tool is at work: a tool may start a run of its own. */
  private readonly runOf = new WeakMap<RunningToolCall, string>()

  private readonly thrownBy = new WeakMap<RunningToolCall, object>()

  constructor(audit: Audit, options: AiSdkOptions) {
    this.audit = audit
    this.options = options
  }

  started(event: AiStart): void {
    const id = textIn(event, "callId")
    const operation = textIn(event, "operationId")
    if (id === undefined || (operation !== "ai.generateText" && operation !== "ai.streamText")) return
    const outer = currentToolCall()
    const run: Run = {
      id,
      user: answerOf(this.options.user, event),
      agent: textIn(event, "functionId"),
      parent: outer === undefined ? undefined : this.runOf.get(outer),
      engine: textIn(event, "provider"),
      model: textIn(event, "modelId"),
      approvals: new Map(),
      running: new Map(),
      asked: new Map(),
      recorded: new Set(),
      deferred: new Map()
    }
    this.runs.set(id, run)
    for (const { part, approved, reason } of answersIn(listIn(event, "messages"))) {
      const callId = textIn(part, "toolCallId") ?? ""
      const decision = approved ? "approved" : "denied"
      const approval = { decision, at: new Date(), via: "ai-sdk", reason } as const
      if (approved) run.approvals.set(callId, { approval, part })
      else this.record(run, part, event, { status: "denied" }, { approval })
    }
    const [oldest] = this.runs.keys()
    if (this.runs.size > runsMax && oldest !== undefined) this.ended({ callId: oldest }, "never ended")
  }

  stepStarted(event: object): void {
    const run = this.runFor(event)
    if (run === undefined) return
    run.engine = textIn(event, "provider") ?? run.engine
    run.model = textIn(event, "modelId") ?? run.model
    // Tools that people have approved ran before the first step; what has not run was refused by the SDK's second look.
    for (const [id, { approval, part }] of run.approvals) {
      run.approvals.delete(id)
      if (partOf(part, "providerExecuted") === true) run.deferred.set(id, { part, approval })
      else
        this.record(run, part, event, { status: "denied" }, { approval, reason: "the approval did not hold" })
    }
  }

  modelAnswered(event: object): void {
    const run = this.runFor(event)
    for (const part of listIn(event, "content")) {
      const id = textIn(part, "toolCallId")
      if (run === undefined || id === undefined || textIn(part, "type") !== "tool-call") continue
      if (!run.recorded.has(id) && !run.running.has(id)) run.asked.set(id, part)
    }
  }

  runTool<A>(event: { readonly toolCallId: string; readonly execute: () => PromiseLike<A> }): PromiseLike<A> {
    const call = unseen(() => this.opened(event))
    return call === undefined ? event.execute() : this.watched(call, event)
  }

  toolEnded(event: object): void {
    const run = this.runFor(event)
    const output = partOf(event, "toolOutput")
    const id = textIn(output, "toolCallId") ?? ""
    const call = run?.running.get(id)
    if (run === undefined || call === undefined) return
    run.running.delete(id)
    if (textIn(output, "type") !== "tool-error") return call.end({ result: partOf(output, "output") })
    call.end({ error: this.thrownBy.get(call) ?? partOf(output, "error") })
  }

  /** What did not come to a tool. */
  stepEnded(event: object): void {
    const run = this.runFor(event)
    const content = listIn(event, "content")
    if (run === undefined) return
    for (const [id, { part, approval }] of run.deferred) {
      const how = resultOf(id, content)
      if (how !== undefined && run.deferred.delete(id)) this.record(run, part, event, how, { approval })
    }
    for (const part of content) {
      const id = textIn(part, "toolCallId")
      if (id === undefined || textIn(part, "type") !== "tool-call" || run.recorded.has(id)) continue
      run.asked.delete(id)
      const { how, reason, approval } = endOf(part, content)
      this.record(run, part, event, how, { reason, approval })
      if (how.status === "pending" && partOf(part, "providerExecuted") === true)
        run.deferred.set(id, { part })
    }
  }

  failed(event: unknown): void {
    const { type } = describeThrown(partOf(event, "error"))
    const isGivenUp = type === "AbortError" || type === "TimeoutError"
    this.ended(event, isGivenUp ? "aborted" : `the run failed: ${type}`)
  }

  /** No call of it is heard of any more. */
  ended(event: unknown, reason: string): void {
    const run = this.runFor(event)
    if (run === undefined) return
    this.runs.delete(run.id)
    for (const call of run.running.values()) {
      call.note({ reason })
      call.end({ status: "cancelled" })
    }
    for (const part of run.asked.values())
      this.record(run, part, undefined, { status: "cancelled" }, { reason })
  }

  private async watched<A>(
    call: RunningToolCall,
    { execute }: { readonly execute: () => PromiseLike<A> }
  ): Promise<A> {
    try {
      return await call.run(execute)
    } catch (error) {
      // Its event may have the error withheld.
      if (typeof error === "object" && error !== null) this.thrownBy.set(call, error)
      throw error
    }
  }

  private opened(event: object): RunningToolCall | undefined {
    const run = this.runFor(event)
    const id = textIn(event, "toolCallId")
    if (run === undefined || id === undefined) return undefined
    const call = this.start(run, partOf(event, "toolCall"), event)
    const approved = run.approvals.get(id)
    if (approved !== undefined) call.note({ approval: { ...approved.approval, by: call.user } })
    run.approvals.delete(id)
    run.asked.delete(id)
    run.running.set(id, call)
    this.runOf.set(call, run.id)
    return call
  }

  private start(run: Run, part: unknown, event: unknown): RunningToolCall {
    const { user, agent, id, parent, engine, model } = run
    const callId = textIn(part, "toolCallId")
    if (callId !== undefined) run.recorded.add(callId)
    const { args, result } = this.options
    return startToolCall(
      this.audit,
      {
        tool: textIn(part, "toolName") ?? "",
        args: partOf(part, "input"),
        user,
        source: "ai-sdk",
        call_id: callId,
        agent,
        run_id: id,
        parent_run_id: parent,
        engine,
        model
      },
      // What the run's own telemetry options withhold is not recorded either.
      {
        args: partOf(event, "recordInputs") === false ? "none" : args,
        result: partOf(event, "recordOutputs") === false ? "none" : result
      }
    )
  }

  private record(
    run: Run,
    part: unknown,
    event: unknown,
    how: ToolCallEnd,
    facts: { readonly reason?: string | undefined; readonly approval?: ToolApproval | undefined }
  ): void {
    const call = this.start(run, part, event)
    const { approval } = facts
    // A policy is no user.
    const by = approval?.via === "ai-sdk" ? call.user : undefined
    call.note(approval === undefined ? facts : { ...facts, approval: { ...approval, by } })
    call.end(how)
  }

  private runFor(event: unknown): Run | undefined {
    return this.runs.get(textIn(event, "callId") ?? "")
  }
}

// The entry of `@daybook/agents/ai-sdk`: a telemetry integration of the AI SDK, version 7, that records each tool call of
// `generateText`, `streamText` and agents. Knows the SDK's events by their shape only; what it makes of them is in ai-runs.ts.
import { type Audit, checkOptions, optionRule } from "@daybook/core"
import { AiRuns, type AiSdkOptions, type AiStart } from "./ai-runs.ts"
import { detailRules } from "./detail.ts"
import { unseen } from "./unseen.ts"

export type { AiSdkOptions, AiStart } from "./ai-runs.ts"

/** What `registerTelemetry` and the option `telemetry.integrations` take. */
export interface AiSdkAudit {
  onStart(event: object): void
  onStepStart(event: object): void
  onLanguageModelCallEnd(event: object): void
  onToolExecutionEnd(event: object): void
  onStepEnd(event: object): void
  onAbort(event: object): void
  onError(event: unknown): void
  onEnd(event: object): void
  executeTool<A>(event: {
    readonly callId: string
    readonly toolCallId: string
    readonly execute: () => PromiseLike<A>
  }): PromiseLike<A>
}

/**
 * `registerTelemetry(auditAiSdk(audit, { user }))` records every tool call of the process, and
 * `generateText({ telemetry: { integrations: [auditAiSdk(audit)] } })` those of one run.
 *
 * @throws TypeError for an option that is wrong.
 */
export const auditAiSdk = (audit: Audit, options: AiSdkOptions = {}): AiSdkAudit => {
  checkOptions("auditAiSdk", options, { ...detailRules, user: optionRule.callable })
  const runs = new AiRuns(audit, options)
  return {
    onStart: (event) => unseen(() => runs.started(event as AiStart)),
    onStepStart: (event) => unseen(() => runs.stepStarted(event)),
    onLanguageModelCallEnd: (event) => unseen(() => runs.modelAnswered(event)),
    onToolExecutionEnd: (event) => unseen(() => runs.toolEnded(event)),
    onStepEnd: (event) => unseen(() => runs.stepEnded(event)),
    onAbort: (event) => unseen(() => runs.ended(event, "aborted")),
    onError: (event) => unseen(() => runs.failed(event)),
    onEnd: (event) => unseen(() => runs.ended(event, "the run ended before")),
    executeTool: (event) => runs.runTool(event)
  }
}

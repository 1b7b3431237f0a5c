// What is read of the AI SDK's messages and of the content of a step: what people answered, and what became of the calls that no tool
// of the application executed.
import type { ToolApproval, ToolCallEnd } from "@daybook/core"
import { listIn, partOf, textIn } from "./part-of.ts"

/** What people answered since the last run, each with the call that it is about. */
export const answersIn = (
  messages: readonly unknown[]
): readonly { readonly part: unknown; readonly approved: boolean; readonly reason: string | undefined }[] => {
  const last = messages.at(-1)
  if (textIn(last, "role") !== "tool") return []
  const earlier = messages.filter((message) => textIn(message, "role") === "assistant").flatMap(contentOf)
  const answers = contentOf(last)
  return answers.filter(isOf("tool-approval-response")).flatMap((answer) => {
    const request = earlier.find(
      (part) =>
        textIn(part, "type") === "tool-approval-request" &&
        partOf(part, "approvalId") === partOf(answer, "approvalId")
    )
    const id = textIn(request, "toolCallId")
    const part = earlier.findLast(
      (one) => textIn(one, "type") === "tool-call" && textIn(one, "toolCallId") === id
    )
    // One that has its result already was answered in an earlier run.
    const isDone = answers.some(
      (one) => textIn(one, "type") === "tool-result" && textIn(one, "toolCallId") === id
    )
    if (id === undefined || part === undefined || isDone) return []
    return [{ part, approved: partOf(answer, "approved") === true, reason: textIn(answer, "reason") }]
  })
}

const contentOf = (message: unknown): readonly unknown[] => listIn(message, "content")

const isOf =
  (type: string) =>
  (part: unknown): boolean =>
    textIn(part, "type") === type

interface End {
  readonly how: ToolCallEnd
  readonly reason?: string | undefined
  readonly approval?: ToolApproval | undefined
}

const partFor = (id: string, type: string, content: readonly unknown[]): unknown =>
  content.find(
    (part) =>
      textIn(part, "type") === type &&
      (textIn(part, "toolCallId") ?? textIn(partOf(part, "toolCall"), "toolCallId")) === id
  )

/** The result or the error of a call in the content of a step. */
export const resultOf = (id: string, content: readonly unknown[]): ToolCallEnd | undefined => {
  const result = partFor(id, "tool-result", content)
  if (result !== undefined) return { result: partOf(result, "output") }
  const failure = partFor(id, "tool-error", content)
  return failure === undefined ? undefined : { error: partOf(failure, "error") }
}

/** How a call ended that no tool of the application executed, by the other parts of its step. */
export const endOf = (call: unknown, content: readonly unknown[]): End => {
  const id = textIn(call, "toolCallId") ?? ""
  if (partOf(call, "invalid") === true) return { how: { error: partOf(call, "error") } }
  const how = resultOf(id, content)
  if (how !== undefined) return { how }
  const answer = partFor(id, "tool-approval-response", content)
  if (partOf(answer, "approved") === false) {
    const reason = textIn(answer, "reason")
    return {
      how: { status: "denied" },
      approval: { decision: "denied", at: new Date(), via: "policy", reason }
    }
  }
  return {
    how: { status: "pending" },
    reason: whyPending(call, partFor(id, "tool-approval-request", content))
  }
}

const whyPending = (call: unknown, request: unknown): string => {
  if (request !== undefined) return "waits for approval"
  return partOf(call, "providerExecuted") === true ? "left to the provider" : "left to the application"
}

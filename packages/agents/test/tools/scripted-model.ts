// The AI SDK's mock model with a script: the parts of each of its answers, given whole to `generateText` and one by one to `streamText`.
import { simulateReadableStream } from "ai"
import { MockLanguageModelV4 } from "ai/test"

export type Part =
  | { readonly text: string }
  | {
      readonly tool: string
      readonly input: unknown
      readonly id?: string
      readonly providerExecuted?: boolean
      readonly result?: unknown
      /** The call was in an earlier answer. */
      readonly isDeferred?: boolean
    }

type Content = { readonly type: string; readonly text?: string; readonly toolCallId?: string }

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 }
}

/** One answer for each list of parts; after the last one it says "done". */
export const scriptedModel = (...answers: readonly (readonly Part[])[]): MockLanguageModelV4 => {
  let next = 0
  const parts = () => {
    const answer = answers[next++] ?? [{ text: "done" }]
    const calls = answer.some((part) => "tool" in part)
    const content = answer.flatMap((part, index): readonly Content[] => {
      if ("text" in part) return [{ type: "text", text: part.text }]
      const { tool: toolName, input, providerExecuted, result, id: toolCallId = `call-${index + 1}` } = part
      const text = typeof input === "string" ? input : JSON.stringify(input)
      const call: Content & Record<string, unknown> = {
        type: "tool-call",
        toolCallId,
        toolName,
        input: text,
        providerExecuted
      }
      const answer: Content & Record<string, unknown> = { type: "tool-result", toolCallId, toolName, result }
      if (part.isDeferred === true) return [answer]
      return result === undefined ? [call] : [call, answer]
    })
    const finishReason = { unified: calls ? "tool-calls" : "stop", raw: undefined }
    return { content, finishReason }
  }
  return new MockLanguageModelV4({
    provider: "mock",
    modelId: "scripted-1",
    doGenerate: async () => ({ ...parts(), usage, warnings: [] }) as never,
    doStream: async () => {
      const { content, finishReason } = parts()
      const chunks = content.flatMap((part) =>
        part.type === "text"
          ? [
              { type: "text-start", id: "t" },
              { type: "text-delta", id: "t", delta: part.text },
              { type: "text-end", id: "t" }
            ]
          : [part]
      )
      return {
        stream: simulateReadableStream({
          chunks: [{ type: "stream-start", warnings: [] }, ...chunks, { type: "finish", finishReason, usage }]
        })
      } as never
    }
  })
}

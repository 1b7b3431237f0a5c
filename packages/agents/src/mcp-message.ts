// What is read of MCP's messages: requests to call a tool, their ends, and the questions that a tool asks its user. Messages are
// whatever a client sent; each part is read as unknown.

import { partOf, textIn } from "./part-of.ts"

/** The id of a JSON-RPC request. */
export type RpcId = string | number

/** The parts of a message that say what it is. */
export interface McpMessage {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

export const idOf = (message: McpMessage): RpcId | undefined => asId(message.id)

export const asId = (id: unknown): RpcId | undefined =>
  typeof id === "string" || typeof id === "number" ? id : undefined

export const isToolCall = ({ method }: McpMessage): boolean => method === "tools/call"

/** Of a result or an error, and of no request. */
export const isResponse = (message: McpMessage): boolean =>
  message.method === undefined && (message.result !== undefined || message.error !== undefined)

/** What a client calls itself, "name version": at the handshake, or in the envelope of one request. */
export const clientOf = (params: unknown): string | undefined => {
  const info =
    partOf(params, "clientInfo") ?? partOf(partOf(params, "_meta"), "io.modelcontextprotocol/clientInfo")
  const name = textIn(info, "name")
  const version = textIn(info, "version")
  return name === undefined || version === undefined ? name : `${name} ${version}`
}

/** Why a result is none yet: it is asked for more, or a task goes on; another request of the client gets the rest. */
export const unfinished = (result: unknown): string | undefined => {
  if (partOf(result, "resultType") === "input_required" || partOf(result, "inputRequests") !== undefined)
    return "waits for input"
  return partOf(result, "task") === undefined ? undefined : "runs as a task"
}

/** A JSON-RPC error as something thrown. */
export const asThrown = (error: unknown): object => ({
  name: "JsonRpcError",
  message: textIn(error, "message") ?? "",
  code: partOf(error, "code")
})

const decisions = { accept: "approved", decline: "denied", cancel: "cancelled" } as const

/** What a user decided who was asked. */
export const decisionOf = (result: unknown): (typeof decisions)[keyof typeof decisions] | undefined => {
  const action = textIn(result, "action")
  return action !== undefined && Object.hasOwn(decisions, action)
    ? decisions[action as keyof typeof decisions]
    : undefined
}

/** The same of a request that is made again with the answers that were asked for: the one that weighs most. */
export const decisionIn = (answers: unknown): ReturnType<typeof decisionOf> => {
  if (typeof answers !== "object" || answers === null) return undefined
  const found = Object.values(answers).map(decisionOf)
  return (["denied", "cancelled", "approved"] as const).find((decision) => found.includes(decision))
}

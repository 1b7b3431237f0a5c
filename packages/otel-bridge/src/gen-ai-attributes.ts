// A tool call by OpenTelemetry's names for generative AI and MCP, beside our own. The conventions are in development and their names may
// change, so all of them stand here, with the version that they follow. Arguments and results have names there too, which are given
// only when asked for: `args` and `result_snippet` have them already, as far as they were recorded.
import type { AuditEvent } from "@daybook/core"
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions"
import type {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_TOOL_CALL_ARGUMENTS,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_CALL_RESULT,
  ATTR_GEN_AI_TOOL_NAME,
  ATTR_JSONRPC_REQUEST_ID,
  ATTR_MCP_METHOD_NAME,
  ATTR_MCP_SESSION_ID
} from "@opentelemetry/semantic-conventions/incubating"

/** What the table follows: OpenTelemetry's repository semantic-conventions-genai. */
export const genAiVersion = "0.1.0"

type Fields = AuditEvent["fields"]

/** Each attribute, and what of the line it says; `undefined` where it has nothing to say. */
export const genAiAttributes: readonly {
  readonly to: string
  readonly read: (fields: Fields) => string | undefined
}[] = [
  { to: "gen_ai.operation.name" satisfies typeof ATTR_GEN_AI_OPERATION_NAME, read: () => "execute_tool" },
  { to: "gen_ai.tool.name" satisfies typeof ATTR_GEN_AI_TOOL_NAME, read: ({ tool }) => textOf(tool) },
  {
    to: "gen_ai.tool.call.id" satisfies typeof ATTR_GEN_AI_TOOL_CALL_ID,
    read: (call) => textOf(call.call_id)
  },
  {
    to: "gen_ai.request.model" satisfies typeof ATTR_GEN_AI_REQUEST_MODEL,
    read: ({ model }) => textOf(model)
  },
  {
    to: "gen_ai.provider.name" satisfies typeof ATTR_GEN_AI_PROVIDER_NAME,
    read: ({ engine }) => textOf(engine)
  },
  { to: "gen_ai.agent.name" satisfies typeof ATTR_GEN_AI_AGENT_NAME, read: ({ agent }) => textOf(agent) },
  {
    to: "mcp.method.name" satisfies typeof ATTR_MCP_METHOD_NAME,
    read: (call) => (call.rpc_id === undefined ? undefined : "tools/call")
  },
  { to: "mcp.session.id" satisfies typeof ATTR_MCP_SESSION_ID, read: (call) => textOf(call.mcp_session) },
  {
    to: "jsonrpc.request.id" satisfies typeof ATTR_JSONRPC_REQUEST_ID,
    read: ({ rpc_id: id }) => (typeof id === "number" ? String(id) : textOf(id))
  },
  { to: ATTR_ERROR_TYPE, read: ({ status, exc_type: type }) => textOf(type) ?? errorTypeOf(status) }
]

/** Attributes that are given only when asked for, and the fields of the line that they repeat. */
export const toolContentAttributes: readonly (readonly [string, string])[] = [
  ["gen_ai.tool.call.arguments" satisfies typeof ATTR_GEN_AI_TOOL_CALL_ARGUMENTS, "args"],
  ["gen_ai.tool.call.result" satisfies typeof ATTR_GEN_AI_TOOL_CALL_RESULT, "result_snippet"]
]

export const isToolCall = ({ head, fields }: AuditEvent): boolean =>
  head.category === "tool_call" && typeof fields.tool === "string"

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

// A result that says it is an error has no type of its own.
const errorTypeOf = (status: unknown): string | undefined => {
  if (status === "error") return "tool_error"
  return status === "denied" || status === "cancelled" ? status : undefined
}

// The entry of `@daybook/agents/mcp`: an MCP server whose every tool call is recorded, whatever becomes of it. Works at the protocol:
// it looks at the messages of each connection, so it sees tools that were registered before and after, unknown tools and refused
// arguments. Knows the SDK's servers by their shape only, versions 1 and 2.
import { type Audit, type CommittingAudit, checkOptions, optionRule } from "@daybook/core"
import { detailRules } from "./detail.ts"
import { type AuditMcpOptions, type McpConnection, watchConnection } from "./mcp-connection.ts"

export type { AuditMcpOptions, McpExtra } from "./mcp-connection.ts"

/** `McpServer` or `Server` of the SDK, by its shape. */
export interface AuditableMcpServer {
  connect(connection: never): Promise<void>
}

/**
 * Records each tool call of the server: one line when it ends, however it ends. Call it before or after `connect`; it returns the same
 * server.
 *
 * @throws TypeError for an option that is wrong, and for what is no server.
 */
export const auditMcpServer: {
  <Server extends AuditableMcpServer>(
    server: Server,
    audit: CommittingAudit,
    options: AuditMcpOptions & { readonly before: "commit" }
  ): Server
  <Server extends AuditableMcpServer>(
    server: Server,
    audit: Audit,
    options?: AuditMcpOptions & { readonly before?: undefined }
  ): Server
} = <Server extends AuditableMcpServer>(
  server: Server,
  audit: Audit | CommittingAudit,
  options: AuditMcpOptions = {}
): Server => {
  checkOptions("auditMcpServer", options, {
    ...detailRules,
    user: optionRule.callable,
    before: optionRule.oneOf("commit")
  })
  const inner = protocolOf(server)
  const setting = { audit, options, server: nameOf(inner._serverInfo) }
  const watch = (connection: unknown, isStarted: boolean): void => {
    if (isConnection(connection)) watchConnection(connection, setting, isStarted)
  }
  const { connect, transport } = inner
  if (transport !== undefined) watch(transport, true)
  const value = (connection: unknown, ...more: readonly unknown[]): unknown => {
    watch(connection, false)
    return Reflect.apply(connect, inner, [connection, ...more])
  }
  Object.defineProperty(inner, "connect", { value, writable: true, configurable: true })
  return server
}

interface Protocol {
  readonly connect: (...given: readonly unknown[]) => unknown
  readonly transport?: unknown
  /** No way to it is public. */
  readonly _serverInfo?: unknown
}

// `McpServer` connects the `Server` that it is built on.
const protocolOf = (server: unknown): Protocol => {
  const found = [(server as { readonly server?: unknown } | undefined)?.server, server].find(isProtocol)
  if (found === undefined)
    throw new TypeError("auditMcpServer: the first argument must be a server of the MCP SDK, with connect()")
  return found
}

const isProtocol = (value: unknown): value is Protocol =>
  typeof value === "object" && value !== null && "connect" in value && typeof value.connect === "function"

const isConnection = (value: unknown): value is McpConnection =>
  typeof value === "object" &&
  value !== null &&
  "start" in value &&
  "send" in value &&
  typeof value.start === "function" &&
  typeof value.send === "function"

/** "name version", as it calls itself. */
const nameOf = (info: unknown): string | undefined => {
  const { name, version } = (info ?? {}) as { readonly name?: unknown; readonly version?: unknown }
  return typeof name === "string" ? (typeof version === "string" ? `${name} ${version}` : name) : undefined
}

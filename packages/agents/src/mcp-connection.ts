// The messages of one connection of an MCP server, as they pass: opens a call for each request to call a tool, and ends it with its
// response, its cancellation or the end of the connection. Messages go on as they came; only with `before: "commit"` does a request
// wait, and one that cannot be recorded is answered here.
import {
  type Audit,
  type CommittingAudit,
  currentToolCall,
  describeThrown,
  type RunningToolCall,
  startToolCall,
  type ToolApproval,
  type ToolCallEnd
} from "@daybook/core"
import { answerOf, type DetailOptions } from "./detail.ts"
import {
  asId,
  asThrown,
  clientOf,
  decisionIn,
  decisionOf,
  idOf,
  isResponse,
  isToolCall,
  type McpMessage,
  type RpcId,
  unfinished
} from "./mcp-message.ts"
import { partOf, textIn } from "./part-of.ts"
import { unseen } from "./unseen.ts"

/** What a connection knows of a message that it received; the SDK's versions differ in how the HTTP request is named. */
export interface McpExtra {
  /** What the authentication found, if the server has one. */
  readonly authInfo?:
    | {
        readonly clientId?: string
        readonly scopes?: readonly string[]
        readonly extra?: Readonly<Record<string, unknown>>
      }
    | undefined
  readonly sessionId?: string | undefined
  readonly requestInfo?: unknown
  readonly request?: unknown
}

/** How an MCP server is audited. */
export interface AuditMcpOptions extends DetailOptions {
  /**
   * Whose call it is, of what the connection knows of a message: from its authentication only, because everything else is the client's
   * claim. Default: the user of the context.
   */
  readonly user?: ((extra: McpExtra) => string | undefined) | undefined
  /**
   * `"commit"`: a call is written durably before the tool runs, with status `pending`, and refused when it cannot be. So a process that
   * is killed inside a tool leaves a line that says what was asked.
   */
  readonly before?: "commit" | undefined
}

/** A server's log, options, and what it calls itself. */
export interface McpSetting {
  readonly audit: Audit | CommittingAudit
  readonly options: AuditMcpOptions
  readonly server: string | undefined
}

/** A connection of the SDK. Its protocol sets the listeners before it starts it. */
export interface McpConnection {
  start(): Promise<void>
  send(message: McpMessage, options?: unknown): Promise<void>
  onmessage?: ((message: McpMessage, extra?: McpExtra) => void) | undefined
  onclose?: (() => void) | undefined
  readonly sessionId?: string | undefined
}

/** Records the calls of a connection: from its start, or from now on where it was started already. */
export const watchConnection = (connection: McpConnection, setting: McpSetting, isStarted: boolean): void => {
  const calls = new ConnectionCalls(connection, setting)
  const { start, send } = connection
  connection.send = (message, options) => {
    unseen(() => calls.sent(message, options))
    return Reflect.apply(send, connection, [message, options])
  }
  if (isStarted) return calls.listen()
  connection.start = () => {
    calls.listen()
    return Reflect.apply(start, connection, [])
  }
}

/** A call that has not been answered. */
interface OpenCall {
  readonly call: RunningToolCall
  isOver: boolean
}

class ConnectionCalls {
  private readonly connection: McpConnection
  private readonly setting: McpSetting
  /** A client may use an id twice; each of its calls is recorded. */
  private readonly open = new Map<RpcId, OpenCall[]>()
  /** What tools have asked their users, by the id of the question. */
  private readonly asked = new Map<RpcId, RunningToolCall>()
  private client: string | undefined

  constructor(connection: McpConnection, setting: McpSetting) {
    this.connection = connection
    this.setting = setting
  }

  listen(): void {
    const { connection } = this
    const { onmessage, onclose } = connection
    connection.onmessage = (message, extra) => {
      const goOn = (): void => {
        if (onmessage !== undefined) Reflect.apply(onmessage, connection, [message, extra])
      }
      const opened = unseen(() => this.received(message, extra))
      if (this.setting.options.before === "commit" && isToolCall(message) && idOf(message) !== undefined)
        void this.recordFirst(opened, message, goOn)
      else if (opened === undefined) goOn()
      else opened.call.run(goOn)
    }
    connection.onclose = () => {
      unseen(() => this.closed())
      if (onclose !== undefined) Reflect.apply(onclose, connection, [])
    }
  }

  /** A call, if the message asks for one. */
  private received(message: McpMessage, extra: McpExtra | undefined): OpenCall | undefined {
    const id = idOf(message)
    const { method, params } = message
    if (id !== undefined && isToolCall(message)) return this.opened(id, params, extra)
    if (method === "initialize") this.client = clientOf(params)
    if (method === "notifications/cancelled") this.cancelled(params)
    if (id !== undefined && isResponse(message)) this.answered(id, message.result)
    return undefined
  }

  sent(message: McpMessage, options: unknown): void {
    const id = idOf(message)
    if (id === undefined) return
    if (isResponse(message)) this.end(id, endOf(message))
    if (message.method !== "elicitation/create") return
    const asking = this.asking(options)
    if (asking !== undefined) this.asked.set(id, asking)
  }

  /** With the end of the connection no call is answered any more. */
  private closed(): void {
    for (const id of [...this.open.keys()]) this.cancelAll(id, "the connection was closed")
    this.asked.clear()
  }

  private opened(id: RpcId, params: unknown, extra: McpExtra | undefined): OpenCall {
    const { audit, options, server } = this.setting
    const { sessionId } = this.connection
    const user = answerOf(options.user, { ...extra, sessionId })
    const meta = partOf(params, "_meta")
    const call = startToolCall(
      audit,
      {
        tool: textIn(params, "name") ?? "",
        args: partOf(params, "arguments") ?? {},
        user,
        // A call has two records only where it is written beforehand.
        call_id: options.before === undefined ? undefined : crypto.randomUUID(),
        rpc_id: id,
        source: "mcp",
        server,
        client: clientOf(params) ?? this.client,
        client_id: extra?.authInfo?.clientId,
        mcp_session: sessionId,
        traceparent: textIn(meta, "traceparent")
      },
      options
    )
    decided(call, decisionIn(partOf(params, "inputResponses")))
    const opened = { call, isOver: false }
    this.open.set(id, [...(this.open.get(id) ?? []), opened])
    return opened
  }

  private async recordFirst(
    opened: OpenCall | undefined,
    { id }: McpMessage,
    goOn: () => void
  ): Promise<void> {
    if (opened === undefined) return this.refuse(id)
    const { call } = opened
    const { audit } = this.setting
    try {
      await call.run(() => (audit as CommittingAudit).commit(call.pending()))
    } catch (error) {
      if (opened.isOver) return
      const { type, message } = describeThrown(error)
      call.note({ reason: `could not be recorded before it ran: ${type}: ${message}` })
      this.end(asId(id), { status: "denied" }, call)
      return this.refuse(id)
    }
    if (!opened.isOver) call.run(goOn)
  }

  private async refuse(id: unknown): Promise<void> {
    const error = { code: internalError, message: "The tool was not run: the call could not be recorded." }
    // A connection that fails has said so to its protocol.
    await this.connection.send({ jsonrpc: "2.0", id, error } as McpMessage).catch(() => undefined)
  }

  private cancelled(params: unknown): void {
    const id = asId(partOf(params, "requestId"))
    if (id !== undefined) this.cancelAll(id, textIn(params, "reason"))
  }

  private cancelAll(id: RpcId, reason: string | undefined): void {
    for (const { call } of this.open.get(id) ?? []) if (reason !== undefined) call.note({ reason })
    while (this.open.has(id)) this.end(id, { status: "cancelled" })
  }

  private answered(id: RpcId, result: unknown): void {
    const call = this.asked.get(id)
    this.asked.delete(id)
    if (call !== undefined) decided(call, decisionOf(result))
  }

  // Of several calls of one id it is the one that runs where its response is sent, else the oldest.
  private end(
    id: RpcId | undefined,
    how: ToolCallEnd & { readonly reason?: string },
    ending: RunningToolCall | undefined = currentToolCall()
  ): void {
    const calls = id === undefined ? [] : (this.open.get(id) ?? [])
    const ended = calls.find(({ call }) => call === ending) ?? calls[0]
    if (id === undefined || ended === undefined) return
    const rest = calls.filter((opened) => opened !== ended)
    if (rest.length === 0) this.open.delete(id)
    else this.open.set(id, rest)
    ended.isOver = true
    if (how.reason !== undefined) ended.call.note({ reason: how.reason })
    ended.call.end(how)
  }

  /** The call whose tool asks its user: the one that the question names, or the one that is running here. */
  private asking(options: unknown): RunningToolCall | undefined {
    const related = asId(partOf(options, "relatedRequestId"))
    const named = related === undefined ? undefined : this.open.get(related)?.[0]
    return named?.call ?? currentToolCall()
  }
}

const decided = (call: RunningToolCall, decision: ToolApproval["decision"] | undefined): void => {
  if (decision !== undefined)
    call.note({ approval: { decision, by: call.user, at: new Date(), via: "elicitation" } })
}

/** JSON-RPC's code for what is the server's fault. */
const internalError = -32603

const endOf = ({ result, error }: McpMessage): ToolCallEnd & { readonly reason?: string } => {
  if (error !== undefined) return { error: asThrown(error) }
  const reason = unfinished(result)
  return reason === undefined ? { result } : { status: "pending", reason }
}

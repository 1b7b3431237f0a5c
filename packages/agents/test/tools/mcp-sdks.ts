// Both major versions of the MCP SDK behind one form, so that one table of cases runs against each: a server, a client of the same
// version, and a pair of connections between them in memory.
import { Client as Client2, InMemoryTransport as Pair2 } from "@modelcontextprotocol/client"
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js"
import { InMemoryTransport as Pair1 } from "@modelcontextprotocol/sdk/inMemory.js"
import { Server as Server1 } from "@modelcontextprotocol/sdk/server/index.js"
import { McpServer as McpServer1 } from "@modelcontextprotocol/sdk/server/mcp.js"
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js"
import { CallToolRequestSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js"
import { createMcpHandler, McpServer as McpServer2, Server as Server2 } from "@modelcontextprotocol/server"

/** What a tool of either version gets beside its arguments. */
export type ToolExtra = { readonly signal?: AbortSignal; readonly mcpReq?: { readonly signal: AbortSignal } }

export interface TestServer {
  registerTool(
    name: string,
    form: object,
    run: (args: never, extra: ToolExtra) => unknown
  ): { disable(): void }
  connect(connection: never): Promise<void>
  close(): Promise<void>
  readonly server: { elicitInput(question: object): Promise<{ readonly action: string }> }
}

export interface TestClient {
  connect(connection: TestConnection): Promise<void>
  call(name: string, args: object, options?: object, more?: object): Promise<ToolAnswer>
  close(): Promise<void>
}

export interface ToolAnswer {
  readonly content: readonly { readonly type: string; readonly text?: string }[]
  readonly isError?: boolean
}

export interface TestConnection {
  onmessage?: (message: never) => void
  start(): Promise<void>
  send(message: object, options?: object): Promise<void>
  close(): Promise<void>
  sessionId?: string
}

export interface McpSdk {
  readonly version: string
  server(): TestServer
  /** The server below, whose one handler gets all calls. */
  lowServer(onCall: (name: string) => unknown): { connect(connection: never): Promise<void> }
  client(onQuestion?: () => object): TestClient
  pair(): readonly [TestConnection, TestConnection]
  /** A server for each HTTP request. */
  stateless(make: () => TestServer): (request: Request) => Promise<Response>
}

const server = { name: "files", version: "1.2.3" }
const client = { name: "desk", version: "4.5.6" }
const low = { capabilities: { tools: {} } }
const asks = { capabilities: { elicitation: {} } }

const sdk1: McpSdk = {
  version: "1",
  server: () => new McpServer1(server) as unknown as TestServer,
  lowServer: (onCall) => {
    const made = new Server1(server, low)
    made.setRequestHandler(CallToolRequestSchema, async ({ params }) => onCall(params.name) as never)
    return made
  },
  client: (onQuestion) => {
    const made = new Client1(client, onQuestion === undefined ? {} : asks)
    if (onQuestion !== undefined)
      made.setRequestHandler(ElicitRequestSchema, async () => onQuestion() as never)
    return {
      connect: (connection) => made.connect(connection as never),
      call: (name, args, options, more) =>
        made.callTool({ name, arguments: args, ...more } as never, undefined, options) as Promise<ToolAnswer>,
      close: () => made.close()
    }
  },
  pair: () => Pair1.createLinkedPair() as unknown as [TestConnection, TestConnection],
  stateless: (make) => async (request) => {
    const connection = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await make().connect(connection as never)
    return connection.handleRequest(request)
  }
}

const sdk2: McpSdk = {
  version: "2",
  server: () => new McpServer2(server) as unknown as TestServer,
  lowServer: (onCall) => {
    const made = new Server2(server, low)
    made.setRequestHandler("tools/call", async ({ params }) => onCall(params.name) as never)
    return made
  },
  client: (onQuestion) => {
    const made = new Client2(client, onQuestion === undefined ? {} : asks)
    if (onQuestion !== undefined)
      made.setRequestHandler("elicitation/create", async () => onQuestion() as never)
    return {
      connect: (connection) => made.connect(connection as never),
      call: (name, args, options, more) =>
        made.callTool({ name, arguments: args, ...more } as never, options as never) as Promise<ToolAnswer>,
      close: () => made.close()
    }
  },
  pair: () => Pair2.createLinkedPair() as unknown as [TestConnection, TestConnection],
  stateless: (make) => createMcpHandler(() => make() as unknown as McpServer2).fetch
}

export const mcpSdks: readonly McpSdk[] = [sdk1, sdk2]

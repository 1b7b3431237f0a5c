// The protocol of 2026-07-28, which version 2 of the SDK has: requests without a session, with the client's name in each, and questions
// to the user that the client answers by a second request.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { acceptedContent, createMcpHandler, inputRequired, McpServer } from "@modelcontextprotocol/server"
import { describe, expect, it } from "vitest"
import { z } from "zod"
import { auditMcpServer } from "../src/mcp.ts"
import { agentLog } from "./tools/agent-log.ts"

const confirmation = z.object({ confirm: z.boolean() })

describe("a tool that asks by its result", () => {
  it.each([
    ["accept", "approved", "ok"],
    ["decline", "denied", "denied"]
  ] as const)("S2.4 is pending, and then %s: %s, %s", async (action, decision, status) => {
    const log = agentLog()
    const handler = createMcpHandler(() => {
      const server = new McpServer({ name: "files", version: "1" })
      server.registerTool("deploy", { inputSchema: z.object({ env: z.string() }) }, ({ env }, context) => {
        const answers = context.mcpReq.inputResponses
        if (answers === undefined)
          return inputRequired({
            inputRequests: {
              sure: inputRequired.elicit({ message: "Sure?", requestedSchema: confirmation })
            }
          })
        const confirmed = acceptedContent(answers, "sure", confirmation)
        return { content: [{ type: "text", text: confirmed?.confirm ? `deployed to ${env}` : "left alone" }] }
      })
      return auditMcpServer(server, log.audit, { user: () => "ada" })
    })
    const client = new Client(
      { name: "desk", version: "2" },
      { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode: { pin: "2026-07-28" } } }
    )
    client.setRequestHandler("elicitation/create", async () =>
      action === "accept" ? { action, content: { confirm: true } } : { action }
    )
    const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init))
    await client.connect(new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), { fetch }))
    await client.callTool({ name: "deploy", arguments: { env: "live" } })
    await client.close()
    expect(await log.fields()).toEqual([
      expect.objectContaining({
        tool: "deploy",
        status: "pending",
        reason: "waits for input",
        client: "desk 2"
      }),
      expect.objectContaining({
        tool: "deploy",
        status,
        user: "ada",
        client: "desk 2",
        approval: expect.objectContaining({ decision, by: "ada", via: "elicitation" })
      })
    ])
  })
})

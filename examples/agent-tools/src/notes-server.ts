// The tools: an MCP server over a few notes, audited at its protocol. One tool asks the user before it deletes, one never
// comes back.

import { auditMcpServer } from "@daybook/agents/mcp"
import type { CommittingAudit } from "@daybook/core"
import { McpServer } from "@modelcontextprotocol/server"
import { z } from "zod"

const notes = new Map([
  ["shopping", "milk, bread"],
  ["diary", "slept badly again"]
])

const text = (said: string) => ({ content: [{ type: "text" as const, text: said }] })

export const notesServer = (audit: CommittingAudit, onStuck: () => void = () => undefined): McpServer => {
  const server = new McpServer({ name: "notes", version: "1.0.0" })
  server.registerTool(
    "search_notes",
    { description: "Finds notes", inputSchema: z.object({ words: z.string() }) },
    ({ words }) =>
      text(
        [...notes]
          .filter(([, note]) => note.includes(words))
          .map(([name]) => name)
          .join(", ")
      )
  )
  server.registerTool(
    "delete_note",
    { description: "Deletes a note", inputSchema: z.object({ name: z.string() }) },
    async ({ name }, { mcpReq }) => {
      const { action } = await mcpReq.elicitInput({
        message: `Delete "${name}"?`,
        requestedSchema: { type: "object", properties: {} }
      })
      if (action !== "accept") return text("nothing was deleted")
      notes.delete(name)
      return text(`deleted ${name}`)
    }
  )
  server.registerTool(
    "rebuild_index",
    { description: "Takes for ever", inputSchema: z.object({ folder: z.string() }) },
    () => {
      onStuck()
      return new Promise(() => undefined)
    }
  )
  // The user comes from the authentication of the connection, and a call is on the disk before its tool runs.
  return auditMcpServer(server, audit, { user: ({ authInfo }) => userOf(authInfo), before: "commit" })
}

const userOf = (authInfo: { readonly extra?: Readonly<Record<string, unknown>> } | undefined) => {
  const user = authInfo?.extra?.user
  return typeof user === "string" ? user : undefined
}

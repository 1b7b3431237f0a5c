// Many calls at once: each is one line, and no line is in another.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { describe, expect, it } from "vitest"
import { z } from "zod"
import { auditMcpServer } from "../src/mcp.ts"
import { mcpSdks } from "../test/tools/mcp-sdks.ts"

const count = 10_000
const atOnce = 50

describe.each(mcpSdks)("MCP SDK version $version", (sdk) => {
  it("S2.9 10,000 calls with 50 in flight are 10,000 whole lines, each user's in that user's file", async () => {
    const dir = mkdtempSync(join(tmpdir(), "daybook-agents-"))
    const audit = createAuditLog({
      app: "agents",
      exporters: [fileExporter({ dir, layout: "user" })],
      exitHook: false
    })
    const server = sdk.server()
    server.registerTool(
      "search",
      { inputSchema: z.object({ n: z.number() }) },
      async ({ n }: { n: number }) => {
        if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
        return { content: [{ type: "text", text: `found ${n}` }] }
      }
    )
    auditMcpServer(server, audit, { user: ({ authInfo }) => authInfo?.clientId })
    const [clientEnd, serverEnd] = sdk.pair()
    const send = clientEnd.send.bind(clientEnd)
    let sent = 0
    clientEnd.send = (message) => send(message, { authInfo: { clientId: `user-${sent++ % 3}` } })
    const client = sdk.client()
    await Promise.all([server.connect(serverEnd as never), client.connect(clientEnd)])
    let next = 0
    const work = async (): Promise<void> => {
      for (let n = next++; n < count; n = next++) await client.call("search", { n })
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    await client.close()
    expect(await audit.close({ timeoutMs: 30_000 })).toMatchObject({ complete: true, dropped: 0 })
    const found = new Set<number>()
    for (const user of ["user-0", "user-1", "user-2"]) {
      const folder = join(dir, user, "tool_audit")
      for (const line of readdirSync(folder).flatMap((name) =>
        readFileSync(join(folder, name), "utf8").trimEnd().split("\n")
      )) {
        const { category, ...fields } = JSON.parse(line)
        if (category !== "tool_call") continue
        expect(fields).toMatchObject({ user, status: "ok", result_snippet: `found ${fields.args.n}` })
        found.add(fields.args.n)
      }
    }
    expect(found.size).toBe(count)
    rmSync(dir, { recursive: true })
  }, 60_000)
})

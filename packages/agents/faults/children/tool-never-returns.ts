// An MCP server whose tool never comes back: prints "inside" when it runs. Arguments: the directory, the SDK's version, "before" or not.
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { z } from "zod"
import { auditMcpServer } from "../../src/mcp.ts"
import { mcpSdks } from "../../test/tools/mcp-sdks.ts"

const [dir = "", version, before] = process.argv.slice(2)
const audit = createAuditLog({
  app: "agents",
  exporters: [fileExporter({ dir, required: true, sync: "batch", layout: "user" })]
})
const sdk = mcpSdks.find((one) => one.version === version)
if (sdk === undefined) throw new Error(`there is no version "${version}"`)
const server = sdk.server()
server.registerTool("delete", { inputSchema: z.object({ path: z.string(), apiKey: z.string() }) }, () => {
  process.stdout.write("inside\n")
  return new Promise(() => undefined)
})
if (before === "before") auditMcpServer(server, audit, { user: () => "ada", args: "keys", before: "commit" })
else auditMcpServer(server, audit, { user: () => "ada", args: "keys" })
const [clientEnd, serverEnd] = sdk.pair()
const client = sdk.client()
await Promise.all([server.connect(serverEnd as never), client.connect(clientEnd)])
await client.call("delete", { path: "/srv", apiKey: "k-1" })

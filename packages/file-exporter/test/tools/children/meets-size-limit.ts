// Logs more than the limit on file sizes allows, says how far it came, and tries again when it is told on stdin.
// Argument: the directory.
import { once } from "node:events"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = ""] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })] })
const flush = async (): Promise<void> => {
  const { complete, written, pending, dropped } = await audit.flush({ timeoutMs: 10_000 })
  const { lastError = "" } = audit.health().exporters[0] ?? {}
  console.log(JSON.stringify({ complete, written, pending, dropped, lastError }))
}
for (let n = 1; n <= 1_000; n++) audit.log("load", "one of a thousand", { n })
await flush()
await flush()
await once(process.stdin, "data")
await flush()
await audit.close()
process.stdin.destroy()

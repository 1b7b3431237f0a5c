// Logs for ever, a batch at a time, and prints the last seq of every batch that a flush confirmed. Somebody ends it.
// Arguments: the directory, and the characters of each event's filler.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", fillerChars] = process.argv.slice(2)
const filler = "x".repeat(Number(fillerChars))
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })] })
const { session } = audit.health()
for (let n = 1; ; n++) {
  audit.log("load", "one of many", { filler })
  if (n % 100 !== 0) continue
  const { written } = await audit.flush({ timeoutMs: 30_000 })
  process.stdout.write(`${JSON.stringify({ session, written })}\n`)
}

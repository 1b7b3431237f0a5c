// Commits for ever from several places at once, and prints session and seq of every event that has its receipt. Somebody
// ends it. Arguments: the directory, places, the characters of each event's filler, and the exporter's other options.
import process from "node:process"
import { createAuditLog, defineEvent } from "@daybook/core"
import { type FileExporterOptions, fileExporter } from "@daybook/file-exporter"

const [dir = "", places, fillerChars, options = "{}"] = process.argv.slice(2)
const filler = "x".repeat(Number(fillerChars))
const Paid = defineEvent({ category: "payment", fields: {}, message: "Paid" })
const audit = createAuditLog({
  app: "datatools",
  exporters: [
    fileExporter({ dir, sync: "batch", ...(JSON.parse(options) as FileExporterOptions), required: true })
  ]
})
const { session } = audit.health()
const commitOn = async (): Promise<never> => {
  for (;;) {
    const { seq } = await audit.commit(Paid({}), { filler }, { timeoutMs: 30_000 })
    process.stdout.write(`${JSON.stringify({ session, seq })}\n`)
  }
}
await Promise.all(Array.from({ length: Number(places) }, commitOn))

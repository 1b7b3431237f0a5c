// Commits for ever, ten at a time, and prints the seq of every event that has its receipt. Somebody ends it.
// Argument: the directory.
import process from "node:process"
import { createAuditLog, defineEvent } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = ""] = process.argv.slice(2)
const Paid = defineEvent({ category: "payment", fields: {}, message: "Paid" })
const audit = createAuditLog({
  app: "datatools",
  exporters: [fileExporter({ dir, sync: "batch", required: true })]
})
const { session } = audit.health()
const commitOn = async (): Promise<never> => {
  for (;;) {
    const { durability, seq } = await audit.commit(Paid({}), {}, { timeoutMs: 30_000 })
    process.stdout.write(`${JSON.stringify({ session, durability, seq })}\n`)
  }
}
await Promise.all(Array.from({ length: 10 }, commitOn))

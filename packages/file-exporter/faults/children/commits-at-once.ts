// Commits events from several places at once, and touches a file after each receipt, so that who traces the process sees
// when it came. Prints the receipts. Arguments: the directory, places, commits of each, and the file to touch.
import { accessSync } from "node:fs"
import process from "node:process"
import { createAuditLog, defineEvent, type Receipt } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", places, commits, told = ""] = process.argv.slice(2)
const Paid = defineEvent({ category: "payment", fields: {}, message: "Paid" })
const audit = createAuditLog({
  app: "datatools",
  exporters: [fileExporter({ dir, sync: "batch", required: true })]
})
const receipts: Receipt[] = []
const commitSome = async (): Promise<void> => {
  for (let n = 1; n <= Number(commits); n++) {
    receipts.push(await audit.commit(Paid({}), {}, { timeoutMs: 30_000 }))
    accessSync(told)
  }
}
await Promise.all(Array.from({ length: Number(places) }, commitSome))
const { complete, written, dropped } = await audit.close({ timeoutMs: 20_000 })
console.log(JSON.stringify({ receipts, complete, written, dropped }))

// Logs a little at each turn, waiting for room, until somebody writes to its stdin, and closes. Prints what close said.
// Arguments: the directory, and the exporter's other options as JSON.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", options = "{}"] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir, ...JSON.parse(options) })] })
let isTold = false
process.stdin.once("data", () => {
  isTold = true
})
console.log("ready")
while (!isTold) {
  audit.log("load", "one of many")
  await audit.room()
  await new Promise((resolve) => setImmediate(resolve))
}
process.stdin.destroy()
console.log(JSON.stringify(await audit.close({ timeoutMs: 30_000 })))

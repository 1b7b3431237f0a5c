// One of several processes that write to one day's file at once. Waits for room and prints what close said.
// Arguments: the directory, how many events, and how many characters the filler of each has.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", count, fillerChars = "0"] = process.argv.slice(2)
const filler = "x".repeat(Number(fillerChars))
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })] })
for (let n = 1; n <= Number(count); n++) {
  audit.log("load", "one of thousands", { n, filler })
  await audit.room()
}
console.log(JSON.stringify(await audit.close({ timeoutMs: 30_000 })))

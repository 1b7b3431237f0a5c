// Logs three events, waits until they are written, and ends before a seal is due. Arguments: the directory, and how it ends.
import { renameSync, writeFileSync } from "node:fs"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", how = ""] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })] })
for (let n = 1; n <= 3; n++) audit.log("load", "one of three", { n })
await audit.flush({ timeoutMs: 10_000 })
if (how === "gone") {
  renameSync(dir, `${dir}-away`)
  writeFileSync(dir, "")
}
console.log("written")
if (how === "exit") process.exit()
if (how === "SIGTERM") setInterval(() => undefined, 1_000)

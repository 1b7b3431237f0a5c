// A server that is started as root, loads its log, and becomes another user before it serves. Arguments: the directory, and
// the user. Everything is loaded before: the other user may not be able to read the program.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", user = ""] = process.argv.slice(2)
process.setgroups?.([])
process.setgid?.(Number(user))
process.setuid?.(Number(user))
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })] })
for (let n = 1; n <= 4; n++) {
  audit.log("load", "one of some", { n })
  await audit.flush({ timeoutMs: 10_000 })
}
console.log(JSON.stringify(await audit.close({ timeoutMs: 10_000 })))

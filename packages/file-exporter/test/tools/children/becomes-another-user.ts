// A server that is started as root, loads its log, and becomes another user before it serves. Arguments: the directory, the
// user, and how many events it logs. A test that needs another user takes this one: that user may not be able to read the
// program, so all of it is loaded before.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", user = "", count = "4"] = process.argv.slice(2)
process.setgroups?.([])
process.setgid?.(Number(user))
process.setuid?.(Number(user))
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })] })
for (let n = 1; n <= Number(count); n++) audit.log("load", "one of some", { n })
await audit.flush({ timeoutMs: 10_000 })
console.log(JSON.stringify(await audit.close({ timeoutMs: 200 })))

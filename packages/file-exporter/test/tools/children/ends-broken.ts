// Logs 100 events where nothing can be written, and ends as it is told. Arguments: the directory, and how to end.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", ending] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })] })
for (let n = 1; n <= 100; n++) audit.log("load", "one of a hundred", { n })
await audit.flush({ timeoutMs: 10_000 })
if (ending === "exit") process.exit(7)
if (ending === "throw") throw new RangeError("on purpose")

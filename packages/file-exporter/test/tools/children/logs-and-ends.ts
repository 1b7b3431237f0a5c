// Logs events to wherever the environment says, and comes to its natural end. Argument: how many.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const audit = createAuditLog({ app: "datatools", exporters: [fileExporter()] })
for (let n = 1; n <= Number(process.argv[2]); n++) audit.log("load", "one of some", { n })
await audit.flush({ timeoutMs: 10_000 })

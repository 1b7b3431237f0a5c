// Logs 6,000 events to a queue of 5,000 while the directory cannot be made, then makes the place good. Prints health
// before and the last flush. Arguments: the directory, and the file that stands in its way.
import { rmSync } from "node:fs"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", obstacle = ""] = process.argv.slice(2)
const audit = createAuditLog({
  app: "datatools",
  exporters: [fileExporter({ dir, queue: { eventsMax: 5_000 } })]
})
for (let n = 1; n <= 3_000; n++) audit.log("load", "one of 6,000", { n })
await audit.flush({ timeoutMs: 10_000 })
for (let n = 3_001; n <= 6_000; n++) audit.log(n % 2 === 0 ? "even" : "odd", "one of 6,000", { n })
const broken = await audit.flush({ timeoutMs: 10_000 })
rmSync(obstacle)
const mended = await audit.flush({ timeoutMs: 10_000 })
await audit.close({ timeoutMs: 10_000 })
console.log(JSON.stringify({ broken, mended }))

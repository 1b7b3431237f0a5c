// Writes one day of a given size, in events of about 4 kB, as fast as the log has room, and closes. Prints what close said.
// Arguments: the directory, and how many events.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { clockAt } from "../test-clock.ts"

const [dir = "", count] = process.argv.slice(2)
// One time for all, so that midnight does not cut it in two.
const clock = clockAt(Date.now())
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })], clock })
const text = "a line of some report, and another one. ".repeat(92)
for (let n = 1; n <= Number(count); n++) {
  audit.log("report", "one of a gigabyte", { n, text })
  if (!audit.hasRoom()) await audit.room()
}
console.log(JSON.stringify(await audit.close({ timeoutMs: 60_000 })))

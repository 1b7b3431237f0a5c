// Logs on while an operation of its disk is held: waits until the system has the first batch ("written"), or until its
// exporter is stalled ("stalled"), logs 1,000 events in
// a hundred turns, says so by touching a file, and closes. Arguments: the directory, the path of the day's
// file, what to wait for, the file to touch, and the exporter's other options as JSON.
import { accessSync, statSync } from "node:fs"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", path = "", held, told = "", options = "{}"] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir, ...JSON.parse(options) })] })
const isHeld = (): boolean =>
  held === "stalled"
    ? audit.health().exporters[0]?.state === "stalled"
    : (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0

for (let n = 1; n <= 10; n++) audit.log("load", "before", { n })
while (!isHeld()) await new Promise((resolve) => setImmediate(resolve))
for (let turn = 1; turn <= 100; turn++) {
  for (let n = 1; n <= 10; n++) audit.log("load", "meanwhile", { turn, n })
  await new Promise((resolve) => setImmediate(resolve))
}
const { accepted = 0, written = 0, state } = audit.health().exporters[0] ?? {}
accessSync(told)
const { complete, ...closed } = await audit.close({ timeoutMs: 30_000 })
const { written: writtenAtLast, dropped, pending } = closed
console.log(JSON.stringify({ accepted, written, state, complete, writtenAtLast, dropped, pending }))

// Logs some rounds of events and flushes after each, whatever the disk says, then closes. Prints what every flush and the
// close said, and the states that the exporter went through. Arguments: the directory, rounds, events in each, and the
// exporter's other options as JSON.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", rounds, eventsInRound, options = "{}"] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir, ...JSON.parse(options) })] })
const states: string[] = []
audit.onHealth(({ exporters }) => states.push(exporters[0]?.state ?? ""))
const flushed: boolean[] = []
for (let round = 1; round <= Number(rounds); round++) {
  for (let n = 1; n <= Number(eventsInRound); n++) audit.log("load", "one of some", { round, n })
  flushed.push((await audit.flush({ timeoutMs: 20_000 })).complete)
}
const { complete, accepted, written, dropped, pending } = await audit.close({ timeoutMs: 20_000 })
console.log(JSON.stringify({ flushed, states, closed: { complete, accepted, written, dropped, pending } }))

// An application whose time zone is changed while it runs: one event in each zone at the same moment, then one batch.
// Arguments: the directory, the moment, and the zones.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { clockAt } from "../test-clock.ts"

const [dir = "", at, ...zones] = process.argv.slice(2)
const clock = clockAt(Number(at))
const audit = createAuditLog({ app: "zone", exporters: [fileExporter({ dir })], clock })
for (const zone of zones) {
  process.env.TZ = zone
  // The log looks at the calendar once a second.
  clock.now += 1_000
  audit.log("load", zone)
}
const { written } = await audit.close({ timeoutMs: 10_000 })
console.log(JSON.stringify({ written }))

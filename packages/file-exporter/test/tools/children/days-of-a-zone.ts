// Logs an event every 30 minutes of a few days, in the time zone that it was started in, and prints the time of each, with
// its path as it is computed.
// All of them are written at once, on whatever day that is. Arguments: the directory, the first and the last time.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { auditLogPath, fileExporter } from "@daybook/file-exporter"
import { clockAt } from "../test-clock.ts"

const [dir = "", from, to] = process.argv.slice(2)
const clock = clockAt(Number(from))
const audit = createAuditLog({ app: "zone", exporters: [fileExporter({ dir })], clock })
const events: { readonly at: number; readonly path: string }[] = []
for (; clock.now <= Number(to); clock.now += 30 * 60_000) {
  events.push({ at: clock.now, path: auditLogPath({ app: "zone", dir, at: clock.now }) })
  audit.log("load", "one of some days")
}
const { written } = await audit.close({ timeoutMs: 10_000 })
console.log(JSON.stringify({ events, written }))

// An application that catches what nobody else caught and goes on. Its log directory is good, but a directory stands in
// the place of the day's file until the exception has passed. Prints what a flush says then. Argument: the directory.
import { mkdirSync, rmdirSync } from "node:fs"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { auditLogPath, fileExporter } from "@daybook/file-exporter"

const [dir = ""] = process.argv.slice(2)
const path = auditLogPath({ app: "survivor", dir, at: Date.now() })
mkdirSync(path)

const audit = createAuditLog({ app: "survivor", exporters: [fileExporter({ dir })] })
const caught = new Promise<void>((resolve) => {
  process.once("uncaughtException", () => resolve())
})
for (let n = 1; n <= 10; n++) audit.log("load", "one of ten", { n })
setImmediate(() => {
  throw new RangeError("on purpose")
})
await caught
rmdirSync(path)
const flushed = await audit.flush({ timeoutMs: 10_000 })
console.log(JSON.stringify({ flushed }))

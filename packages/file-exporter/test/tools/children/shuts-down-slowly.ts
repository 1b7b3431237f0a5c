// An application that hears of an error that nobody caught, takes its time to shut down, and says so in its last event.
// Arguments: the directory, and how many milliseconds it takes.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", ms = "0"] = process.argv.slice(2)
const audit = createAuditLog({ app: "shutdown", exporters: [fileExporter({ dir })] })
audit.log("load", "before")
process.once("uncaughtException", () => {
  setTimeout(() => {
    audit.log("load", "shutting down")
    process.exit(1)
  }, Number(ms))
})
setImmediate(() => {
  throw new RangeError("on purpose")
})

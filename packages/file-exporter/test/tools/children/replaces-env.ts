// An application that puts an object of its own in the place of process.env, after it has loaded the log: what is written
// is read where the reader looks by itself. Argument: the directory.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { auditLogDir, fileExporter, readRecent } from "@daybook/file-exporter"

const app = "datatools"
process.env = { DATATOOLS_AUDIT_DIR: process.argv[2] }
const audit = createAuditLog({ app, exporters: [fileExporter()] })
audit.log("load", "written and read in one folder")
await audit.close({ timeoutMs: 10_000 })
const rows: string[] = []
for await (const row of readRecent({ app, categories: ["load"] }))
  if ("head" in row) rows.push(row.head.message)
console.log(JSON.stringify({ rows, found: auditLogDir({ app }) }))

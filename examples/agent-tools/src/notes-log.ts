// The log of the example: a file for each user and day, written through to the disk before a call that is committed
// goes on.
import { type CommittingAudit, createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

export const app = "agent-tools"

export const openLog = (dir: string): CommittingAudit =>
  createAuditLog({
    app,
    exporters: [fileExporter({ dir, layout: "user", required: true, sync: "batch" })]
  })

// Logs one event of each user, in files of users, and ends before the writer has begun. Arguments: the directory, and the
// users.
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", ...users] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir, layout: "user" })] })
for (const user of users) audit.log("load", `of ${user}`, { user })
process.exit()

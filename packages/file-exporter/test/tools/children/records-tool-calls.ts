// An agent platform: tools of three users that run at the same time and end in any order, recorded in one file a user.
// Prints what close said. Arguments: the directory, and how many calls.
import process from "node:process"
import { auditTool, createAuditLog, withContext } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", count] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir, layout: "user" })] })
const search = auditTool(audit, "search", async ({ text, turns }: { text: string; turns: number }) => {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
  return `found ${text}`
})
const calls: Promise<string>[] = []
for (let n = 1; n <= Number(count); n++) {
  const text = `${n} of process ${process.pid}: `.padEnd(40 + (n % 400), String(n))
  calls.push(withContext({ user: `user-${n % 3}` }, () => search({ text, turns: n % 7 })))
}
await Promise.all(calls)
console.log(JSON.stringify(await audit.close({ timeoutMs: 30_000 })))

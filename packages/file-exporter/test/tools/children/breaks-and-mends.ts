// A place that is broken and mended again, round after round, with many events and many attempts in each. Prints what
// every flush wrote. Arguments: the directory, which is replaced by a file to break it, and the number of rounds.
import { rmSync, writeFileSync } from "node:fs"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", rounds] = process.argv.slice(2)
const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir })] })
const written: number[] = []
for (let round = 1; round <= Number(rounds); round++) {
  rmSync(dir, { recursive: true, force: true })
  writeFileSync(dir, "")
  for (let attempt = 1; attempt <= 3; attempt++) {
    for (let n = 1; n <= 100; n++) audit.log("load", "while it is broken")
    written.push((await audit.flush({ timeoutMs: 10_000 })).written)
  }
  rmSync(dir)
  written.push((await audit.flush({ timeoutMs: 10_000 })).written)
}
await audit.close({ timeoutMs: 10_000 })
console.log(JSON.stringify({ written }))

// A disk whose `open` does not come back: for the first call, until the application has gone on logging for a while; or
// never. Prints the states and numbers on the way. Arguments: the directory, "late" or "never".
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { nodeFileLayer } from "../../../src/disk/file-layer.node.ts"
import { makeFileExporter } from "../../../src/file-exporter.node.ts"

const [dir = "", when] = process.argv.slice(2)
let letGo = (): void => undefined
const gate = new Promise<void>((resolve) => {
  letGo = resolve
})
let opens = 0
const layer = {
  ...nodeFileLayer,
  openAppend: async (path: string) => {
    opens += 1
    if (opens === 1) await gate
    return nodeFileLayer.openAppend(path)
  }
}
const exporter = makeFileExporter(layer, { dir, exportTimeoutMs: 1_000 })
const audit = createAuditLog({ app: "datatools", exporters: [exporter] })

const stalled = new Promise<void>((resolve) => {
  audit.onHealth(({ exporters }) => {
    if (exporters[0]?.state === "stalled") resolve()
  })
})
for (let n = 1; n <= 500; n++) audit.log("load", "one of a thousand", { n })
// Our own timers would let the process go while it waits for nothing else.
const hold = setInterval(() => undefined, 1_000)
await stalled
clearInterval(hold)
for (let n = 501; n <= 1_000; n++) audit.log("load", "one of a thousand", { n })
const opensWhileStalled = opens
const flushed = await audit.flush({ timeoutMs: 100 })
if (when === "late") letGo()
const closed = await audit.close({ timeoutMs: when === "late" ? 10_000 : 100 })
console.log(JSON.stringify({ opensWhileStalled, flushed, closed }))

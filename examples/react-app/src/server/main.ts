// The demo: a collector, the app, and one line for each record that the collector receives, until Ctrl-C.
// Usage: npm run demo:web

import { printable } from "@daybook/core/event-line"
import { demoLogDir } from "@daybook/example-data-tools/demo-inputs"
import { type ReceivedEvent, startLocalCollector } from "@daybook/example-node-service/local-collector"
import pc from "picocolors"
import { buildApp } from "./serve-app.ts"

const firstPort = 5173
const categoryWidth = 9

const recordLine = ({ name, level, message }: ReceivedEvent): string => {
  const category = printable(name.replace(/^datatools\./, "")).padEnd(categoryWidth)
  const paint = level === "error" || level === "fatal" ? pc.red : level === "warn" ? pc.yellow : pc.cyan
  return `  ${pc.dim("collector")}  ${paint(category)}  ${printable(message)}`
}

let recordCount = 0
const print = (event: ReceivedEvent): void => {
  recordCount += 1
  console.log(recordLine(event))
}

console.log(`\n  ${pc.bold("Data tools")}  ${pc.dim("building the app …")}`)
const collector = await startLocalCollector(print)
const built = await buildApp()
const trailDir = demoLogDir()
const app = await built.serve({ collectorUrl: collector.url, port: firstPort, trailDir })

console.log(`
  ${pc.green("➜")}  ${pc.bold(pc.cyan(app.url))}

  ${pc.dim("1")}  Drop a CSV file, or take a sample, and press ${pc.bold("Analyze")}
  ${pc.dim("2")}  Break something on the page ${pc.bold("Trouble")}, and find it in the ${pc.bold("History")}
  ${pc.dim("3")}  Open ${pc.bold("Diagnostics")} in the side bar: download the log, or open its folder

  ${pc.dim(`Below are the records that the collector (${collector.name}) receives. Ctrl-C stops the demo.`)}
`)

let isEnding = false
const end = async (): Promise<void> => {
  if (isEnding) return
  isEnding = true
  await app.stop()
  await collector.stop()
  built.remove()
  const records = recordCount === 1 ? "1 record" : `${recordCount} records`
  console.log(`\n  The collector received ${records}. The day's file is in ${trailDir}\n`)
  process.exit()
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end())

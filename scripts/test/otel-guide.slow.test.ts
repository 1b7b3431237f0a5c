// The guide to OpenTelemetry, held against the code: its one line runs as it stands there and reaches the collector that the
// environment names, every other program in it type-checks, and what it says of variables is what the package follows.
import { execFile, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { otelVariables } from "../../packages/otel-bridge/src/otel-variables.ts"

const root = join(import.meta.dirname, "../..")
// Inside the repository, so that its packages are found by name.
const cache = join(root, "node_modules/.cache")
mkdirSync(cache, { recursive: true })
const scratch = mkdtempSync(join(cache, "otel-guide-"))
afterAll(() => rmSync(scratch, { recursive: true }))

const guide = readFileSync(join(root, "docs/guides/opentelemetry.md"), "utf8")
const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map(([, block = ""]) => block)

it("its one line sends to the collector that the environment names", async () => {
  const requests: string[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(`${request.url} ${await text(request)}`)
    response.writeHead(200, { "content-type": "application/json" }).end("{}")
  }
  const server = createServer((request, response) => void take(request, response))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())
  const program = join(scratch, "one-line.mjs")
  writeFileSync(program, blocks("js")[0] ?? "")
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@daybook/source", program],
    {
      env: {
        PATH: process.env.PATH ?? "",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json"
      }
    }
  )
  expect({ stdout, stderr }).toEqual({ stdout: "{ complete: true, written: 1 }\n", stderr: "" })
  expect(requests).toEqual([expect.stringMatching(/^\/v1\/logs .*"Theme changed".*datatools\.settings/)])
})

/** The README has the one line alone. */
const readmeLine = (): string => {
  const readme = readFileSync(join(root, "README.md"), "utf8")
  const [line = ""] = /^const audit = .*otelExporter.*$/m.exec(readme) ?? []
  expect(line).not.toBe("")
  return `import { createAuditLog } from "@daybook/core"
import { otelExporter, otelTraceSource } from "@daybook/otel-bridge"
export ${line}`
}

it("each of its TypeScript programs type-checks, and so does the README's line", () => {
  const programs = [...blocks("ts"), readmeLine()]
  expect(programs.length).toBeGreaterThan(3)
  for (const [index, block] of programs.entries()) writeFileSync(join(scratch, `block-${index}.ts`), block)
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { noEmit: true, composite: false, incremental: false, types: ["node"] },
    include: ["*.ts"]
  }
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config))
  const { stdout } = spawnSync("tsc", ["-p", scratch], { cwd: root, encoding: "utf8" })
  expect(stdout).toBe("")
})

it("it names only variables that are followed", () => {
  const followed = Object.values(otelVariables).flatMap(({ names }) => names)
  const named = [...guide.matchAll(/`(OTEL_[A-Z_]+)`/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(5)
  for (const name of named) expect(followed).toContain(name)
})

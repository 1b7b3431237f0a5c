// The whole demo, as a person runs it: into PGlite, and into PostgreSQL where there is one, whose rows are then looked at from
// outside.
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Pool } from "pg"
import { expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../scripts/database-servers.ts"

const root = join(import.meta.dirname, "..")

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly home: string
}

const runDemo = (...args: readonly string[]): Promise<Ended> => {
  const home = mkdtempSync(join(tmpdir(), "operations-test-"))
  onTestFinished(() => rmSync(home, { recursive: true }))
  return new Promise((resolve) => {
    const program = ["--conditions=@daybook/source", "--import", "tsx", join(root, "src/main.ts"), ...args]
    const env = { PATH: process.env.PATH ?? "", HOME: home, TMPDIR: home }
    execFile(process.execPath, program, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr, home })
    )
  })
}

/** The rows of the report of a tenant, without when and how long. */
const rowsIn = (stdout: string, tenant: string): readonly string[] => {
  const report = stdout.slice(stdout.indexOf(`  ${tenant}.astrocyte_audit_log  `)).split("\n\n")[1] ?? ""
  return report
    .split("\n")
    .slice(1)
    .map((line) =>
      line
        .trim()
        .replace(/\d\d:\d\d:\d\d +\d+ +/, "")
        .replace(/ +/g, " ")
    )
}

const expectRows = ({ code, stdout, stderr, home }: Ended): void => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  expect(stdout).toMatch(
    /The database is still starting: \d+ bytes wait for it\n {2}there is no database pool yet\n/
  )
  expect(stdout).toContain("\n  Everything has arrived\n")
  expect(stdout).toContain("\n  Closed: 0 bytes wait, 0 rows were refused\n")
  expect(rowsIn(stdout, "acme")).toEqual([
    'retain http b-1 success {"chars": 15} → {"memories": 1} {}',
    'recall mcp b-1 success {"chars": 3} → {"found": 1} {"tier": "hot"}'
  ])
  expect(rowsIn(stdout, "globex")).toEqual([
    'retain http b-7 success {"chars": 4} → {"memories": 1} {}',
    'forget mcp b-9 failure – → – {"error": "RangeError"}',
    'recall bench – {"chars": 3} → – {}'
  ])
  for (const line of stdout.split("\n").filter((line) => !line.includes(home)))
    expect(line.length, line).toBeLessThanOrEqual(100)
  expect(readdirSync(home, { recursive: true }).some((name) => String(name).endsWith(".jsonl"))).toBe(true)
}

it("S3.4 S3.10 S3.11 operations that were recorded before there was a database are rows of each tenant's table", async () => {
  const ended = await runDemo()
  expect(ended.stdout).toContain("\n  The database is there: PGlite, in memory\n")
  expectRows(ended)
}, 60_000)

it("S3.5 S3.11 the same in PostgreSQL, by its URL, and a second run adds its rows", async ({ skip }) => {
  const server = await startPostgres()
  if ("missing" in server) return skip(server.missing)
  onTestFinished(() => server.stop())
  const own = new URL(server.url)
  own.pathname = `operations_${process.pid}`
  const admin = new Pool({ connectionString: server.url, max: 1 })
  // The server ends connections that are left.
  admin.on("error", () => undefined)
  await admin.query(`create database operations_${process.pid}`)
  expectRows(await runDemo("--url", own.href))
  expectRows(await runDemo("--url", own.href))
  const pool = new Pool({ connectionString: own.href, max: 1 })
  pool.on("error", () => undefined)
  const counts = await pool.query(
    `select action, transport, bank_id, metadata->>'outcome' as outcome, count(*)::int as rows,
    bool_and(ended_at >= started_at) as ends from globex.astrocyte_audit_log group by 1, 2, 3, 4 order by 1`
  )
  await pool.end()
  await admin.query(`drop database operations_${process.pid} with (force)`)
  await admin.end()
  expect(counts.rows).toEqual([
    { action: "forget", transport: "mcp", bank_id: "b-9", outcome: "failure", rows: 2, ends: true },
    { action: "recall", transport: "bench", bank_id: null, outcome: null, rows: 2, ends: true },
    { action: "retain", transport: "http", bank_id: "b-7", outcome: "success", rows: 2, ends: true }
  ])
}, 120_000)

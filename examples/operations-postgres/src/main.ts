// The demo: a memory service records its operations at once, while its database still starts; a delivery writes them into one
// table for each tenant when it is there. Then the rows are shown.
// Usage: npm run demo:operations -- [--dir DIR] [--url postgres://USER@HOST/DATABASE]
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { createAuditLog, withContext } from "@daybook/core"
import { OperationTimed } from "@daybook/core/catalogue"
import { auditLogPath, fileExporter } from "@daybook/file-exporter"
import { deliver } from "@daybook/file-exporter/delivery"
import { readDay } from "@daybook/file-exporter/read"
import { sqlExporter } from "@daybook/sql-exporter"
import { type Database, openDatabase } from "./database.ts"
import { makeMemoryService } from "./memory-service.ts"
import { operations, tableName, tenantStatements } from "./operations-table.ts"
import { reportQuery, rowsReport } from "./rows-report.ts"

const app = "memory-service"
const tenants = ["acme", "globex"] as const
const usage = `Usage: npm run demo:operations -- [--dir DIR] [--url URL]

  --dir DIR  where the day files are (default: a new temporary folder)
  --url URL  postgres://USER:PASSWORD@HOST:PORT/DATABASE instead of PGlite; the schemas "acme" and "globex" are made there
             where they are missing (default: the environment variable OPERATIONS_POSTGRES_URL)`

interface Task {
  readonly dir?: string | undefined
  readonly url?: string | undefined
}

/** What is asked for, or the mistake in the arguments. */
const readArguments = (): Task | { readonly mistake: string } => {
  try {
    return parseArgs({ options: { dir: { type: "string" }, url: { type: "string" } } }).values
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) }
  }
}

const run = async ({ dir: given, url = process.env.OPERATIONS_POSTGRES_URL }: Task): Promise<void> => {
  const dir = given === undefined ? mkdtempSync(join(tmpdir(), "operations-demo-")) : resolve(given)
  const begin = Date.now()
  let database: Database | undefined
  const files = fileExporter({ dir, retentionDays: 30 })
  const audit = createAuditLog({ app, allow: ["retain", "recall", "forget"], exporters: [files] })
  const delivery = deliver({
    app,
    dir,
    source: files,
    to: sqlExporter({
      name: "postgres",
      // Asked when rows are written: until there is one, they wait.
      pool: () => database?.pool,
      schema: ({ fields }) => String(fields.tenant ?? "public"),
      tables: [operations],
      table: false
    }),
    // They go to stderr by default. Here the lines below say the same.
    notice: () => undefined
  })

  const banks = new Map<string, string[]>()
  const overHttp = makeMemoryService(audit, "http", banks)
  const overMcp = makeMemoryService(audit, "mcp", banks)
  await overHttp.retain("acme", "b-1", "Ada prefers tea")
  await overMcp.recall("acme", "b-1", "tea")
  await overHttp.retain("globex", "b-7", "天气很好")
  await overMcp.forget("globex", "b-9").catch(() => undefined)
  // An entry that is recorded by hand, and an operation that is not on the list.
  withContext({ tenant: "globex" }, () =>
    audit.log(OperationTimed({ action: "recall", transport: "bench", request: { chars: 3 } }))
  )
  await withContext({ tenant: "acme" }, () => audit.timed("reflect", {}, () => undefined))
  await audit.flush()
  console.log("\n  The service has worked, and its operations are in the day file:")
  console.log(`  ${auditLogPath({ app, dir, at: begin })}`)
  const before = await delivery.flush()
  console.log(`\n  The database is still starting: ${before.pendingBytes} bytes wait for it`)
  console.log(`  ${delivery.health().lastError ?? ""}`)

  const opened = await openDatabase(url)
  try {
    for (const tenant of tenants) for (const sql of tenantStatements(tenant)) await opened.query(sql)
    database = opened
    console.log(`\n  The database is there: ${opened.name}`)
    // One attempt now; without it the next one comes by itself after a second or two.
    const { complete, pendingBytes } = await delivery.flush({ timeoutMs: 30_000 })
    console.log(`  ${complete ? "Everything has arrived" : `${pendingBytes} bytes still wait`}`)
    const ids = await idsByTenant(dir, begin, audit.health().session)
    for (const tenant of tenants) {
      const rows = await opened.query(reportQuery(tenant, tableName, ids.get(tenant) ?? []))
      for (const line of rowsReport(`${tenant}.${tableName}`, rows)) console.log(line)
      if (rows.length !== ids.get(tenant)?.length) process.exitCode = 1
    }
    await audit.close()
    const ended = await delivery.close()
    console.log(`\n  Closed: ${ended.pendingBytes} bytes wait, ${ended.dead} rows were refused\n`)
  } finally {
    await opened.close()
  }
}

/** The ids of this run's operations, as they stand in the day files. */
const idsByTenant = async (
  dir: string,
  begin: number,
  session: string
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const ids = new Map<string, string[]>()
  const days = new Set([begin, Date.now()].map((at) => new Date(at).toLocaleDateString("sv")))
  for (const day of days) {
    for await (const row of readDay({ app, dir, day, session, categories: ["operation"] })) {
      if ("damage" in row) continue
      const tenant = String(row.fields.tenant)
      ids.set(tenant, [...(ids.get(tenant) ?? []), row.head.id])
    }
  }
  return ids
}

const task = readArguments()
if ("mistake" in task) {
  console.error(`demo:operations: ${task.mistake}\n\n${usage}`)
  process.exitCode = 2
} else {
  await run(task)
}

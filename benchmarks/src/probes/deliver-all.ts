// A folder of day files into a database, once by a delivery and once by a bare loop that reads the same files: read, parse,
// insert many rows a statement into a plain table with a unique id. The bare loop is what a program without Daybook would do: it
// keeps no place, has no hash, and forgets nothing only as long as nothing fails.

import { createReadStream } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { deliver } from "@daybook/file-exporter/delivery"
import pg from "pg"
import type { Job, Sample } from "../job.ts"
import { daybookApp } from "../libraries/daybook.ts"
import { isPostgres, sqlEnd } from "./far-ends.ts"
import { cpuMicros, peakBytes } from "./process-cost.ts"

/** More than any run takes. */
const endlessMs = 3_600_000

/** What is in use, after a collection: the heap, and the memory of buffers. */
const usedBytes = (): number => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** So often what is in use is measured on the way. More collections would hide how the process itself grows. */
const looks = 4

export const deliverAll = async ({ dir, settings }: Job): Promise<Sample> => {
  const database = String(settings.database)
  const to = sqlEnd(database)
  const usedAtStart = usedBytes()
  const bytesAtStart = process.memoryUsage.rss()
  const cpuAtStart = cpuMicros()
  const startMs = performance.now()
  const delivery = deliver({ app: daybookApp, dir, to, env: {} })
  let used = 0
  let looked = 0
  const looking = setInterval(() => {
    const { delivered, pendingBytes } = delivery.health()
    const share = 1 - pendingBytes / Number(settings.dayBytes)
    if (!(delivered > 0 && share > (looked + 1) / (looks + 1))) return
    looked += 1
    used = Math.max(used, usedBytes())
  }, 20)
  const { complete, delivered } = await delivery.flush({ timeoutMs: endlessMs })
  clearInterval(looking)
  const tookMs = performance.now() - startMs
  const cpu = cpuMicros() - cpuAtStart
  const growthBytes = peakBytes() - bytesAtStart
  used = Math.max(used, usedBytes())
  await delivery.close()
  if (!complete) throw new Error(`not all was delivered: ${JSON.stringify(delivery.health())}`)
  return {
    lines: delivered,
    rows: await rowsIn(database, "audit_events"),
    linesPerSecond: delivered / (tookMs / 1_000),
    cpuMicrosPerLine: cpu / delivered,
    growthBytes,
    usedGrowthBytes: used - usedAtStart
  }
}

const rowsIn = async (database: string, table: string): Promise<number> => {
  const sql = `select count(*) as count from ${table}`
  if (!isPostgres(database)) {
    const sqlite = new DatabaseSync(database)
    const row = sqlite.prepare(sql).get()
    sqlite.close()
    return Number(row?.count)
  }
  const client = new pg.Client(database)
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  return Number(rows[0]?.count)
}

type Row = readonly (string | number | null)[]

/** A database as the bare loop uses it. */
interface BareTable {
  readonly insert: (rows: readonly Row[]) => unknown
  readonly run: (sql: string) => unknown
  readonly close: () => unknown
}

const columns = 8
const rowsInStatement = 1_000
/** As many lines as a delivery's batch of 1 MiB has, about. */
const statementsInTransaction = 4

export const bareInsert = async ({ dir, settings }: Job): Promise<Sample> => {
  const database = String(settings.database)
  const bytesAtStart = process.memoryUsage.rss()
  const table = await (isPostgres(database) ? barePostgres(database) : bareSqlite(database))
  const cpuAtStart = cpuMicros()
  const startMs = performance.now()
  let lines = 0
  let statements = 0
  let rows: Row[] = []
  const flush = async (isLast: boolean): Promise<void> => {
    if (statements === 0) await table.run("begin")
    if (rows.length > 0) await table.insert(rows)
    statements += 1
    rows = []
    if (!isLast && statements < statementsInTransaction) return
    await table.run("commit")
    statements = 0
  }
  for (const name of (await readdir(dir)).filter((name) => name.endsWith(".jsonl"))) {
    let rest = ""
    for await (const piece of createReadStream(join(dir, name), {
      encoding: "utf8",
      highWaterMark: 256 * 1024
    })) {
      const texts = `${rest}${piece}`.split("\n")
      rest = texts.pop() ?? ""
      for (const text of texts) {
        const { id, ts, level, category, session, seq, message, ...fields } = JSON.parse(text)
        rows.push([id, ts, level, category, session, seq ?? null, message, JSON.stringify(fields)])
        lines += 1
        if (rows.length === rowsInStatement) await flush(false)
      }
    }
  }
  await flush(true)
  const tookMs = performance.now() - startMs
  const cpu = cpuMicros() - cpuAtStart
  const growthBytes = peakBytes() - bytesAtStart
  await table.close()
  return {
    lines,
    rows: await rowsIn(database, "bare_events"),
    linesPerSecond: lines / (tookMs / 1_000),
    cpuMicrosPerLine: cpu / lines,
    growthBytes
  }
}

const bareSqlite = (path: string): BareTable => {
  const sqlite = new DatabaseSync(path)
  // As safe as the delivery's.
  sqlite.exec("pragma journal_mode = wal; pragma synchronous = full")
  sqlite.exec(
    "create table bare_events (id text primary key, ts text, level text, category text, session text, seq integer, message text, fields text)"
  )
  const statement = (count: number) => {
    const row = `(${Array.from({ length: columns }, () => "?").join(",")})`
    const values = Array.from({ length: count }, () => row).join(",")
    return sqlite.prepare(`insert into bare_events values ${values} on conflict (id) do nothing`)
  }
  const whole = statement(rowsInStatement)
  return {
    insert: (rows) => (rows.length === rowsInStatement ? whole : statement(rows.length)).run(...rows.flat()),
    run: (sql) => sqlite.exec(sql),
    close: () => sqlite.close()
  }
}

const barePostgres = async (url: string): Promise<BareTable> => {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(
    "create table bare_events (id uuid primary key, ts timestamptz, level text, category text, session text, seq bigint, message text, fields jsonb)"
  )
  const textOf = (count: number): string => {
    const row = (at: number): string =>
      `(${Array.from({ length: columns }, (_, column) => `$${at * columns + column + 1}`).join(",")})`
    const values = Array.from({ length: count }, (_, at) => row(at)).join(",")
    return `insert into bare_events values ${values} on conflict (id) do nothing`
  }
  const whole = textOf(rowsInStatement)
  return {
    insert: (rows) =>
      client.query(rows.length === rowsInStatement ? whole : textOf(rows.length), rows.flat()),
    run: (sql) => client.query(sql),
    close: () => client.end()
  }
}

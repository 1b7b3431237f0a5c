// Where the lines of a campaign go: each kind of far end, empty, and what has arrived there.

import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { CompiledQuery, Kysely, MysqlDialect, PostgresDialect } from "kysely"
import { createPool } from "mysql2"
import { Pool } from "pg"
import { expect, type TestContext } from "vitest"
import { startMariadb, startPostgres } from "../../../scripts/database-servers.ts"
import { freshDir } from "../../file-exporter/test/tools/file-bench.ts"
import { startOfficial } from "../../otel-bridge/faults/official.ts"
import type { FarEndKind } from "./far-end.ts"
import type { Arrived } from "./trail.ts"

export interface FarEnd {
  /** A URL, or SQLite's path. */
  readonly at: string
  /** True where an id arrives once, however often it is sent. */
  readonly isExact: boolean
  arrived(): Promise<Arrived>
}

/** Skips the test where there is no such far end. */
export const openFarEnd = async (test: TestContext, kind: FarEndKind): Promise<FarEnd> => {
  if (kind === "SQLite") return sqliteFarEnd(join(freshDir(), "audit.db"))
  if (kind === "the official collector") return collectorFarEnd(test)
  const found = await (kind === "PostgreSQL" ? startPostgres() : startMariadb())
  if ("missing" in found) return test.skip(found.missing)
  test.onTestFinished(() => found.stop())
  const database = `daybook_${process.pid}_${Date.now()}`
  await ask(kind, found.url, `create database ${database}`)
  const url = new URL(found.url)
  url.pathname = database
  const { href: at } = url
  return {
    at,
    isExact: true,
    arrived: async () => timesOf((await ask(kind, at, "select id from audit_events")).map(({ id }) => id))
  }
}

/** One statement, on a connection of its own. */
export const ask = async (
  kind: "PostgreSQL" | "MariaDB",
  url: string,
  sql: string
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const dialect =
    kind === "PostgreSQL"
      ? new PostgresDialect({ pool: new Pool({ connectionString: url, max: 1 }) })
      : new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: 1 }) })
  const kysely = new Kysely<unknown>({ dialect })
  try {
    return (await kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(sql))).rows
  } finally {
    await kysely.destroy()
  }
}

export const sqliteFarEnd = (at: string): FarEnd => ({
  at,
  isExact: true,
  arrived: async () => {
    const database = new DatabaseSync(at)
    try {
      return timesOf(
        database
          .prepare("select id from audit_events")
          .all()
          .map(({ id }) => id)
      )
    } finally {
      database.close()
    }
  }
})

const collectorFarEnd = async (test: TestContext): Promise<FarEnd> => {
  const { url, files } = await startOfficial(test, { way: "file" })
  return {
    at: url,
    isExact: false,
    // What it has acknowledged stands in its file already.
    arrived: async () => {
      await files.until(() => true)
      const known = new Map<unknown, string>()
      const ids = files.records.map((record) => {
        const { "log.record.uid": id } = record.attributes
        const text = JSON.stringify({ ...record, observed: "" })
        expect(known.get(id) ?? text, "a repeat is the same record").toBe(text)
        known.set(id, text)
        return id
      })
      return timesOf(ids)
    }
  }
}

const timesOf = (ids: readonly unknown[]): Arrived => {
  const times = new Map<string, number>()
  for (const id of ids) times.set(String(id), (times.get(String(id)) ?? 0) + 1)
  return times
}

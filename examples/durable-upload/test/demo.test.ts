// The whole demo, as a person runs it: into SQLite, and into MariaDB where there is one. What it says at the end is held against
// the day files and the database.
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { createPool, type RowDataPacket } from "mysql2/promise"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { startMariadb } from "../../../scripts/database-servers.ts"
import { wrapped } from "../src/screen.ts"

const root = join(import.meta.dirname, "..")
const home = mkdtempSync(join(tmpdir(), "durable-upload-test-"))
afterAll(() => rmSync(home, { recursive: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const runDemo = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const program = ["--conditions=@daybook/source", "--import", "tsx", join(root, "src/main.ts"), ...args]
    const env = { PATH: process.env.PATH ?? "", HOME: home, TMPDIR: home }
    execFile(process.execPath, program, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    )
  })

type Line = Readonly<Record<string, unknown>>

const eventsIn = (dir: string): readonly Line[] =>
  readdirSync(join(dir, "logs"))
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) =>
      readFileSync(join(dir, "logs", name), "utf8")
        .trim()
        .split("\n")
    )
    .filter((text) => text !== "")
    .map((text): Line => JSON.parse(text))
    .filter(({ category }) => category === "use_log" || category === "login_log")

const tables = ["nano_banana_user_use_log", "nano_banana_user_log"] as const

/** Numbers behind a text, in the order in which the demo says them. */
const numbersBehind = (stdout: string, before: RegExp): readonly number[] =>
  [...stdout.matchAll(new RegExp(`${before.source}([\\d.]+) s`, "g"))].map(([, number]) => Number(number))

const runTimeoutMs = 60_000

describe("the demo with SQLite", () => {
  const dir = join(home, "studio")
  let ended: Ended
  let events: readonly Line[]
  let rows: readonly (readonly Line[])[]

  beforeAll(async () => {
    ended = await runDemo("--dir", dir)
    events = eventsIn(dir)
    const database = new DatabaseSync(join(dir, "audit.db"))
    rows = tables.map((table) => database.prepare(`select * from ${table} order by ts`).all())
    database.close()
  }, runTimeoutMs)

  it("exits with 0, says nothing on stderr, and says where the files are", () => {
    expect(ended).toMatchObject({ code: 0, stderr: "" })
    expect(ended.stdout).toContain(
      `\n  Day files  ${join(dir, "logs")}\n  Database   SQLite, ${join(dir, "audit.db")}\n`
    )
  })

  it("is read in one look: few lines, none wider than 100 columns but for the paths, without control codes", () => {
    const lines = ended.stdout.split("\n").filter((line) => !line.includes(home))
    expect(lines.length).toBeLessThan(45)
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100)
    expect(ended.stdout).not.toMatch(/[\r\x1b]/)
  })

  it("S4.1 S4.8 S4.19 every confirmed event is in the files and in the tables, once", () => {
    expect(events).toHaveLength(22)
    const ids = rows.flat().map(({ event_id: id }) => id)
    expect([...ids].sort()).toEqual(events.map(({ id }) => id).sort())
    expect(ended.stdout).toContain("22 events were confirmed; 22 are in the tables exactly once,")
    expect(ended.stdout).toContain("0 missing there, 0 missing in the files, 0 more than once")
    expect(ended.stdout).toContain("is closed; 0 lines set aside")
  })

  it("S4.4 S4.5 S4.20 the tables have what the lines have, the long prompt whole", () => {
    const [uses = [], logins = []] = rows
    const valuesOf = (row: Line, keys: readonly string[]) => keys.map((key) => row[key] ?? null)
    const keys = ["user_name", "device_name", "prompt", "status", "model", "duration_ms", "ts"]
    const lines = events.filter(({ category }) => category === "use_log")
    expect(uses.map((row) => valuesOf(row, keys))).toEqual(lines.map((line) => valuesOf(line, keys)))
    expect(
      uses.some(({ user_name: user, device_name: device }) => user === "未知用户" && device === "未知设备")
    ).toBe(true)
    expect(Math.max(...uses.map(({ prompt }) => Buffer.byteLength(String(prompt))))).toBe(40_959)
    for (const { login_time: at } of logins) expect(at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    expect(logins).toHaveLength(2)
  })

  it("S4.9 while the database is away the lag grows, and attempts come after 1 s, 2 s, 4 s", () => {
    const during = ended.stdout.slice(
      ended.stdout.indexOf("another program locks"),
      ended.stdout.indexOf("is closed;")
    )
    const waits = numbersBehind(during, /next attempt in /)
    expect(waits.length).toBeGreaterThanOrEqual(3)
    // Each is ±20 %, and is seen a little later than it begins.
    for (const [number, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(1.2 * 2 ** number + 0.1)
    const ages = numbersBehind(during, /oldest /)
    expect(ages).toEqual([...ages].sort((one, other) => one - other))
    expect(during).toMatch(/ \d\d kB wait, /)
    expect(during).toContain("has the\n                      database locked (SQLite 5)")
  })

  it("S4.11 S4.22 the program is ended while the database is away, and its next start sends what stayed in the files", () => {
    expect(ended.stdout).toMatch(/is closed; \d\d kB stay in the day files/)
    const after = ended.stdout.slice(ended.stdout.indexOf("is started again"))
    expect(after).toContain("lets go of the database file")
    expect(after).toMatch(/idle: \d\d lines arrived, nothing waits/)
  })

  it(
    "run once more in its folder, it goes on with the same files and database",
    async () => {
      const again = await runDemo("--dir", dir)
      expect(again).toMatchObject({ code: 0, stderr: "" })
      const database = new DatabaseSync(join(dir, "audit.db"))
      const [uses] = database.prepare(`select count(*) as rows from ${tables[0]}`).all()
      database.close()
      expect(uses?.rows).toBe(40)
      expect(eventsIn(dir)).toHaveLength(44)
    },
    runTimeoutMs
  )
})

it("S4.14 the demo with MariaDB: the network is cut, and every confirmed event is in the tables once", async ({
  skip
}) => {
  const server = await startMariadb()
  if ("missing" in server) return skip(server.missing)
  onTestFinished(() => server.stop())
  const pool = createPool({ uri: server.url, connectionLimit: 1 })
  onTestFinished(() => pool.end())
  const name = `durable_upload_${process.pid}`
  await pool.query(`create database ${name}`)
  const url = new URL(server.url)
  url.pathname = name
  const ended = await runDemo("--dir", join(home, "mariadb"), "--url", url.href)
  expect(ended).toMatchObject({ code: 0, stderr: "" })
  expect(ended.stdout).toContain("reached (ECONNREFUSED)")
  expect(ended.stdout).toContain("22 events were confirmed; 22 are in the tables exactly once,")
  const [rows] = await pool.query<RowDataPacket[]>(
    tables.map((table) => `select event_id from ${name}.${table}`).join(" union all ")
  )
  expect(rows.map(({ event_id: id }) => id).sort()).toEqual(
    eventsIn(join(home, "mariadb"))
      .map(({ id }) => id)
      .sort()
  )
  await pool.query(`drop database ${name}`)
}, 120_000)

it("names a mistake in its arguments, and how it is used", async () => {
  const { code, stdout, stderr } = await runDemo("--dri", home)
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
  expect(stderr).toMatch(/^demo:upload: Unknown option '--dri'(?:.|\n)*\n\nUsage: npm run demo:upload -- /)
})

it("lines are cut between words, and a word that is longer stays whole", () => {
  expect(wrapped("one two three", 7)).toEqual(["one two", "three"])
  expect(wrapped("a /a/long/path b", 5)).toEqual(["a", "/a/long/path", "b"])
})

// What an operator does: proving, delivering, looking at what was set aside, sending again, keys, and asking what is wrong.
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync
} from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { fileExporter, readSealKey } from "@daybook/file-exporter"
import { describe, expect, it, onTestFinished } from "vitest"
import { daybook, ended, folderWith, lineAt, startDaybook, untilSaid } from "./tools/run-daybook.ts"

const logged = async (dir: string, count: number, key?: string): Promise<void> => {
  const seal = key === undefined ? {} : { seal: { key: readSealKey({ path: key }) } }
  const audit = createAuditLog({ app: "shop", exporters: [fileExporter({ dir, ...seal })], exitHook: false })
  for (let n = 1; n <= count; n++) audit.log("order", `order-${n}`, { n })
  await audit.close({ timeoutMs: 10_000 })
}

const dayFileIn = (dir: string): string =>
  join(dir, readdirSync(dir).find((name) => name.endsWith(".jsonl")) ?? "")

describe("keys and verify", () => {
  it("F120 a key is made, signs, and proves; a change is a finding", async () => {
    const place = folderWith()
    const made = daybook(["keys", "new", "--json"], { cwd: place })
    expect(made.code).toBe(0)
    const { private: secret, public: open, fingerprint } = JSON.parse(made.stdout)
    expect([secret, open]).toEqual(["seal-key.pem", "seal-key.pub.pem"])
    expect(statSync(join(place, secret)).mode & 0o777).toBe(0o600)
    for (const file of [secret, open])
      expect(daybook(["keys", "show", file], { cwd: place }).stdout).toContain(fingerprint)
    expect(daybook(["keys", "show", secret], { cwd: place }).stdout).not.toContain("PRIVATE")
    expect(daybook(["keys", "new"], { cwd: place }).code).toBe(74)
    const dir = join(place, "logs")
    await logged(dir, 20, join(place, secret))
    const proved = daybook(["verify", dir, "--key", join(place, open)])
    expect([proved.code, proved.stdout.split(".")[0]]).toEqual([0, "SIGNED"])
    expect(JSON.parse(daybook(["verify", dir, "--json"]).stdout).verdict).toBe("intact")
    writeFileSync(dayFileIn(dir), readFileSync(dayFileIn(dir), "utf8").replace("order-7", "order-8"))
    const broken = daybook(["verify", dir, "--key", join(place, open)])
    expect([broken.code, broken.stdout.split(".")[0]]).toEqual([1, "BROKEN"])
  })

  it("keys that are given are a demand: what none of them signed is a finding", async () => {
    const place = folderWith()
    daybook(["keys", "new"], { cwd: place })
    await logged(join(place, "logs"), 5)
    expect(daybook(["verify", join(place, "logs")]).code).toBe(0)
    expect(daybook(["verify", join(place, "logs"), "--key", join(place, "seal-key.pub.pem")]).code).toBe(1)
  })

  it("F120 seals that were kept elsewhere prove that nothing was rolled back", async () => {
    const place = folderWith()
    const dir = join(place, "logs")
    const anchors = join(place, "anchors.jsonl")
    const anchor = (seal: object): void => appendFileSync(anchors, `${JSON.stringify(seal)}\n`)
    const audit = createAuditLog({
      app: "shop",
      exporters: [fileExporter({ dir, seal: { anchor } })],
      exitHook: false
    })
    for (let n = 0; n < 1_500; n++) audit.log("order", `order-${n}`)
    await audit.close({ timeoutMs: 10_000 })
    const proved = daybook(["verify", dir, "--anchor", anchors])
    expect([proved.code, proved.stdout.split(".")[0]]).toEqual([0, "ANCHORED"])
    const lines = readFileSync(dayFileIn(dir), "utf8").split("\n")
    const firstSeal = lines.findIndex((line) => line.includes('"category":"seal"'))
    writeFileSync(dayFileIn(dir), `${lines.slice(0, firstSeal + 1).join("\n")}\n`)
    expect(daybook(["verify", dir]).code).toBe(0)
    expect(daybook(["verify", dir, "--anchor", anchors]).code).toBe(1)
    writeFileSync(anchors, "no seal\n")
    expect(daybook(["verify", dir, "--anchor", anchors])).toMatchObject({ code: 2, stdout: "" })
  })

  it("nothing to verify ends with 3", () => {
    expect(daybook(["verify", folderWith({ "shop-2026-11-22.jsonl": "" })]).code).toBe(3)
  })
})

/** A far end of the user's own: takes lines into a file, and refuses those with a text. */
const farEnd = (dir: string, refuses: string): string => {
  const path = join(dir, "far-end.mjs")
  writeFileSync(
    path,
    `import { appendFileSync } from "node:fs"
import { ExportError, promiseExporter } from ${JSON.stringify(import.meta.resolve("@daybook/core"))}
export default () => promiseExporter({ name: "far", send: async (batch) => {
  const text = new TextDecoder().decode(batch.bytes())
  if (${JSON.stringify(refuses)} !== "" && text.includes(${JSON.stringify(refuses)}))
    throw new ExportError({ reason: "Cannot take it: no such value", retryable: false, outcome: "failed", divisible: true })
  appendFileSync(${JSON.stringify(join(dir, "arrived.jsonl"))}, text)
} })`
  )
  return path
}

describe("deliver", () => {
  const arrivedIn = (dir: string): readonly string[] =>
    (readFileSync(join(dir, "arrived.jsonl"), "utf8").match(/order-\d+/g) ?? []).sort()

  it("S4.15 S4.22 once, with what was refused, its status, and its dead letters once more", async () => {
    const place = folderWith()
    const dir = join(place, "logs")
    await logged(dir, 4)
    const about = ["--app", "shop", "--dir", dir]
    expect(daybook(["deliver", ...about, "--status"])).toMatchObject({
      code: 0,
      stdout: "Nothing is delivered from here.\n"
    })
    const once = daybook(["deliver", ...about, "--to", farEnd(place, "order-3"), "--once", "--json"])
    expect(once.code).toBe(1)
    expect(JSON.parse(once.stdout)).toMatchObject({ complete: true, dead: 1, pendingBytes: 0 })
    expect(arrivedIn(place)).toEqual(["order-1", "order-2", "order-4"])
    const status = daybook(["deliver", ...about, "--status"])
    expect([status.code, status.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^far {2}not running\n {2}all is settled; holds nothing.*\n.* 1 refused.*\n {2}1 dead letters wait/
      )
    ])
    const dead = daybook(["deliver", ...about, "--dead", "list", "--json"])
    expect(JSON.parse(dead.stdout)).toMatchObject({
      reason: expect.stringMatching(/no such value/),
      line: expect.stringContaining("order-3")
    })
    expect(daybook(["deliver", ...about, "--dead", "retry", "--to", farEnd(place, "")])).toMatchObject({
      code: 0,
      stdout: "1 delivered, 0 still set aside\n"
    })
    expect(arrivedIn(place)).toEqual(["order-1", "order-2", "order-3", "order-4"])
    expect(daybook(["deliver", ...about, "--dead", "list"])).toMatchObject({
      code: 0,
      stdout: "Nothing is set aside.\n"
    })
    expect(daybook(["deliver", ...about, "--forget", "farr"]).stderr).toMatch(/did you mean far\?/)
    expect(daybook(["deliver", ...about, "--forget", "far"]).code).toBe(0)
    expect(daybook(["deliver", ...about, "--forget", "far"]).code).toBe(3)
  })

  it("runs until Ctrl-C, delivers what comes meanwhile, and keeps its place", async () => {
    const place = folderWith()
    const dir = join(place, "logs")
    await logged(dir, 2)
    const about = ["--app", "shop", "--dir", dir]
    const child = startDaybook(["deliver", ...about, "--to", farEnd(place, "")])
    await untilSaid(child, "stderr", "idle")
    expect(daybook(["deliver", ...about, "--forget", "far"]).stderr).toMatch(/is running/)
    const over = ended(child)
    child.kill("SIGINT")
    expect(await over).toBe(130)
    const status = JSON.parse(daybook(["deliver", ...about, "--status", "--json"]).stdout)
    expect(status).toMatchObject({ name: "far", holds: true, pendingBytes: 0, letters: 0 })
    expect(arrivedIn(place)).toEqual(["order-1", "order-2"])
  })

  it("a far end that is down ends --once with 74, and says why", async () => {
    const place = folderWith()
    await logged(join(place, "logs"), 2)
    const { code, stderr } = daybook([
      "deliver",
      "--app",
      "shop",
      "--dir",
      join(place, "logs"),
      "--to",
      "otlp:http://127.0.0.1:9",
      "--once"
    ])
    expect(code).toBe(74)
    expect(stderr).toMatch(/127\.0\.0\.1:9/)
  })
})

describe("replay", () => {
  it("sends the lines that are asked for to a folder, with their times and ids", async () => {
    const place = folderWith({
      "old/shop-2026-11-22.jsonl": [0, 1, 2]
        .map((n) => lineAt(n, `order-${n}`, { level: n === 1 ? "error" : "info" }))
        .join("")
    })
    const to = `file:${join(place, "new")}`
    expect(daybook(["replay", join(place, "old"), "--to", to, "--dry-run"])).toMatchObject({
      code: 0,
      stdout: "3 would be sent, 0 refused, 0 damaged\n"
    })
    expect(daybook(["replay", join(place, "old"), "--to", to, "--level", "error", "--json"]).stdout).toMatch(
      /"sent":1/
    )
    const rows = daybook(["query", "--json", join(place, "new")])
      .stdout.trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(rows).toMatchObject([
      { ts: "2026-11-22T09:00:01.000Z", message: "order-1", id: "01a2027b-d6fb-7000-81a2-000000000001" }
    ])
  })
})

describe("sql schema", () => {
  it("prints statements that end in semicolons", () => {
    for (const dialect of ["postgresql", "mariadb", "sqlite"]) {
      const { code, stdout } = daybook(["sql", "schema", "--dialect", dialect, "--table", "events"])
      expect(code).toBe(0)
      expect(stdout).toMatch(/create table .*events[\s\S]*;\n$/i)
    }
  })
})

describe("sql sweep", () => {
  it("S3.14 deletes what is older than the retention says, and says how much", () => {
    const place = folderWith({
      "logs/shop-2026-11-22.jsonl":
        [0, 1].map((n) => lineAt(n, `order-${n}`).replace("2026-11-22T", "2020-11-22T")).join("") +
        lineAt(2, "order-2").replace("2026-11-22T", "2999-11-22T")
    })
    const module = join(place, "far-end.mjs")
    const from = JSON.stringify(import.meta.resolve("@daybook/sql-exporter"))
    writeFileSync(
      module,
      `import { nodeSqlite, sqlExporter } from ${from}
export const options = { dialect: nodeSqlite(${JSON.stringify(join(place, "events.db"))}), migrate: true, retention: { days: 30, column: "ts" } }
export default () => sqlExporter({ ...options, retention: undefined })`
    )
    expect(daybook(["replay", join(place, "logs"), "--to", module]).stdout).toMatch(/^3 sent/)
    const swept = daybook(["sql", "sweep", module])
    expect([swept.code, swept.stdout]).toEqual([
      0,
      expect.stringMatching(/audit_events.* 2 rows deleted, older than 30 days/)
    ])
    expect(JSON.parse(daybook(["sql", "sweep", module, "--json"]).stdout)).toMatchObject({
      deleted: 0,
      days: 30
    })
    expect(daybook(["sql", "sweep", join(place, "none.mjs")]).code).toBe(3)
    writeFileSync(module, "export const nothing = 1")
    expect(daybook(["sql", "sweep", module]).code).toBe(2)
  })
})

describe("doctor", () => {
  const asked = (args: readonly string[], env = {}): readonly { is: string; about: string; says: string }[] =>
    daybook(["doctor", "--app", "shop", "--json", ...args], { env })
      .stdout.trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  const problems = (args: readonly string[], env = {}): readonly string[] =>
    asked(args, env)
      .filter(({ is }) => is === "problem")
      .map(({ about, says }) => `${about}: ${says}`)

  it("finds nothing wrong with a log that is well, and says so", async () => {
    const dir = folderWith()
    chmodSync(dir, 0o700)
    await logged(dir, 5)
    const { code, stdout } = daybook(["doctor", "--app", "shop", "--dir", dir])
    expect(stdout).toMatch(/Nothing is wrong\.\n$/)
    expect(code).toBe(0)
    expect(problems(["--dir", dir])).toEqual([])
  })

  it("says where each setting came from", () => {
    const dir = folderWith()
    chmodSync(dir, 0o700)
    const settings = asked([], { SHOP_AUDIT_DIR: dir, SHOP_AUDIT_ENABLED: "0" }).filter(
      ({ about }) => about === "setting"
    )
    expect(settings[0]?.says).toMatch(/from the environment, SHOP_AUDIT_DIR/)
    expect(problems([], { SHOP_AUDIT_DIR: dir, SHOP_AUDIT_ENABLED: "0" })).toEqual([
      "setting: SHOP_AUDIT_ENABLED=0: the log is switched off"
    ])
  })

  it("finds open rights, holes, damage, a wrong clock, a key that did not sign, and far ends that do not answer", async () => {
    const place = folderWith({
      "logs/shop-2026-11-22.jsonl": `${lineAt(0, "a")}{torn\n{"ts":"2026-11-22T09:00:02.000Z","level":"warn","category":"gap","session":"1a2c3d4e","message":"m","count":7,"reasons":{"overflow":7},"id":"01a2027b-d6fb-7000-81a2-c3d4e5f60718"}\n`,
      "logs/shop-2099-01-01.jsonl": lineAt(0, "b").replace("2026-11-22T", "2099-01-01T"),
      "no-key.pem": "nothing"
    })
    chmodSync(join(place, "logs"), 0o777)
    chmodSync(join(place, "no-key.pem"), 0o600)
    const found = problems([
      "--dir",
      join(place, "logs"),
      "--key",
      join(place, "no-key.pem"),
      "--to",
      "otlp:http://127.0.0.1:9",
      "--to",
      "postgres://u:secret@127.0.0.1:9/x"
    ]).join("\n")
    expect(found).toMatch(/^folder: .*may write into it/m)
    expect(found).toMatch(/^files: others on this machine may read/m)
    expect(found).toMatch(/^events: 7 events are missing .*7 overflow/m)
    expect(found).toMatch(/^lines: 1 damaged/m)
    expect(found).toMatch(/^clock: shop-2099-01-01\.jsonl is of a day to come/m)
    expect(found).toMatch(/^key: .* cannot be used/m)
    expect(found).toMatch(/^far end: http:\/\/127\.0\.0\.1:9 does not answer: ECONNREFUSED/m)
    expect(found).toMatch(/^far end: postgres:\/\/127\.0\.0\.1:9 does not answer/m)
    expect(found).not.toContain("secret")
    expect(daybook(["doctor", "--app", "shop", "--dir", join(place, "logs")]).code).toBe(1)
  })

  it("finds what nothing delivers, and dead letters", async () => {
    const place = folderWith()
    const dir = join(place, "logs")
    mkdirSync(dir, { mode: 0o700 })
    await logged(dir, 3)
    daybook(["deliver", "--app", "shop", "--dir", dir, "--to", farEnd(place, "order-2"), "--once"])
    await logged(dir, 3)
    expect(problems(["--dir", dir])).toEqual([
      expect.stringMatching(/^delivery: far: .* wait, and nothing delivers them/),
      expect.stringMatching(/^delivery: far: 1 dead letters/)
    ])
  })

  it("a collector that answers is fine", async () => {
    const server = createServer().listen(0, "127.0.0.1")
    await new Promise((resolve) => server.on("listening", resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const child = startDaybook([
      "doctor",
      "--app",
      "shop",
      "--dir",
      folderWith(),
      "--to",
      `otlp:http://127.0.0.1:${port}`
    ])
    expect(await untilSaid(child, "stdout", "answers")).toContain(
      `✓ far end     http://127.0.0.1:${port} answers`
    )
  })
})

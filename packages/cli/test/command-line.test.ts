// The program from outside: its words, its exit codes, what goes to stdout and what to stderr, and what it loads to say them.

import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { version } from "../src/version.ts"
import { daybook, folderWith, lineAt, nodeArgs } from "./tools/run-daybook.ts"

const shop = (): string =>
  folderWith({
    "shop-2026-11-22.jsonl": [
      lineAt(0, "first", { user: "ada", status: "ok" }),
      lineAt(1, "second", { level: "error", user: "bo", args: { path: "/etc" } }),
      lineAt(43_200, "third", { category: "nav" })
    ].join("")
  })

describe("help and versions", () => {
  it("help names each command, and goes to stdout", () => {
    const { code, stdout, stderr } = daybook(["--help"])
    expect([code, stderr]).toEqual([0, ""])
    expect(daybook(["help"]).stdout).toBe(stdout)
    for (const command of ["tail", "query", "stats", "verify", "deliver", "replay", "sql", "keys", "doctor"])
      expect(stdout).toMatch(new RegExp(`^  ${command} +\\S`, "m"))
  })

  it("the version is the package's", () => {
    const { version: packaged } = JSON.parse(
      readFileSync(join(import.meta.dirname, "../package.json"), "utf8")
    )
    expect([daybook(["--version"]).stdout.trim(), version]).toEqual([packaged, packaged])
  })

  // A start takes less than one and a half of Node's own (npm run bench -- --only command-line): nothing of Effect, of core or of
  // what reads is loaded for it.
  it.each([["--help"], ["--version"], ["tail", "--help"]])(
    "%s %s loads the words of the program, and nothing that works",
    (...args) => {
      const hook = `import { registerHooks } from "node:module"
      const urls = []
      registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context) } })
      process.on("exit", () => process.stderr.write(JSON.stringify(urls)))`
      const { stderr } = spawnSync(
        process.execPath,
        [
          `--import=data:text/javascript,${encodeURIComponent(hook)}`,
          ...nodeArgs,
          ...args.filter((one) => one !== undefined)
        ],
        { encoding: "utf8" }
      )
      const loaded: readonly string[] = JSON.parse(stderr)
      const files = loaded.filter((url) => url.startsWith("file:"))
      expect(
        files.filter((url) =>
          /\/(core|file-exporter|support-bundle|otel-bridge|sql-exporter|effect|cli-progress)\//.test(
            url.replace("/@stricli/core/", "/stricli/")
          )
        )
      ).toEqual([])
      expect(files.length).toBeLessThanOrEqual(8)
      expect(files.length).toBeGreaterThan(3)
    }
  )
})

describe("mistakes on the command line", () => {
  it.each([
    { args: ["tial"], says: /did you mean `tail`/ },
    { args: ["query", "--levl", "error", "x"], says: /did you mean --level/ },
    { args: ["query", "--mask", "x"], says: /No flag registered for --mask/ },
    { args: ["query", "one", "two"], says: /./ },
    { args: ["query"], says: /Name a source/ },
    { args: ["query", "--level", "eror", "x"], says: /did you mean error\?/ },
    { args: ["query", "--since", "soon", "x"], says: /is no moment/ },
    { args: ["query", "--where", "status", "x"], says: /field=value/ },
    { args: ["query", "--zone", "Mars", "x"], says: /no time zone/ },
    { args: ["query", "--limit", "many", "x"], says: /whole number/ },
    { args: ["query", "--json", "--csv", "x"], says: /exclude each other/ },
    { args: ["deliver"], says: /Name the app/ },
    { args: ["deliver", "--app", "shop"], says: /Say where to/ },
    { args: ["deliver", "--app", "shop", "--dead", "lst"], says: /did you mean list/ },
    { args: ["deliver", "--app", "shop", "--status", "--forget", "x"], says: /exclude each other/ },
    { args: ["replay", "--to", "otlp:nowhere", "x"], says: /is no URL/ },
    { args: ["sql", "schema", "--dialect", "postgresqll"], says: /did you mean postgresql/ },
    { args: ["doctor"], says: /Name the app/ }
  ])("end with 2, and say what would be right: $args", ({ args, says }) => {
    const { code, stdout, stderr } = daybook(args)
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toMatch(says)
  })

  it("nothing there ends with 3, several apps with 2 and their names, and what the system refuses with 74", () => {
    const dir = folderWith({
      "shop-2026-11-22.jsonl": lineAt(0, "a"),
      "till-2026-11-22.jsonl": lineAt(0, "b")
    })
    expect(daybook(["query", join(dir, "nothing")]).code).toBe(3)
    expect(daybook(["query", dir, "--app", "tilt"]).code).toBe(3)
    const several = daybook(["query", dir])
    expect([several.code, several.stdout]).toEqual([2, ""])
    expect(several.stderr).toMatch(/shop, till/)
    expect(daybook(["query", dir, "--app", "till"]).stdout).toMatch(/ b$/m)
    expect(daybook(["query", "/proc/self/mem"]).code).toBe(74)
  })
})

describe("query and tail", () => {
  it("--since -2h is a moment, and not a flag", () => {
    const now = new Date(Date.now() - 60_000).toISOString()
    const dir = folderWith({
      "a.jsonl": lineAt(0, "old") + lineAt(0, "new").replace(/"ts":"[^"]*"/, `"ts":"${now}"`)
    })
    for (const since of ["-2h", "2h", "today"].slice(0, 2))
      expect(
        daybook(["query", "--since", since, "--json", join(dir, "a.jsonl")]).stdout.match(/"message":"\w+"/g)
      ).toEqual(['"message":"new"'])
  })

  it("--json gives each line byte for byte, and every condition must hold", () => {
    const dir = shop()
    const lines = readFileSync(join(dir, "shop-2026-11-22.jsonl"), "utf8")
    const asked = (...args: readonly string[]): readonly string[] =>
      daybook(["query", "--json", ...args, dir])
        .stdout.trim()
        .split("\n")
        .map((line) => (line === "" ? "" : JSON.parse(line).message))
    expect(daybook(["query", "--json", dir]).stdout).toBe(lines)
    expect(asked("--level", "warn")).toEqual(["second"])
    expect(asked("--category", "nav,other")).toEqual(["third"])
    expect(asked("--user", "ada")).toEqual(["first"])
    expect(asked("--grep", "SECO")).toEqual(["second"])
    expect(asked("--where", "args.path=/etc")).toEqual(["second"])
    expect(asked("--where", "status=ok", "--user", "bo")).toEqual([""])
    expect(asked("--until", "2026-11-22T10:00Z", "--limit", "1")).toEqual(["first"])
    expect(
      asked("--zone", "Asia/Kathmandu", "--since", "2026-11-22T14:46", "--until", "2026-11-23T02:44")
    ).toEqual([""])
    expect(
      asked("--zone", "Asia/Kathmandu", "--since", "2026-11-22T14:45:01", "--until", "2026-11-23T02:46")
    ).toEqual(["second", "third"])
  })

  it("people read the local time of a zone, with the day where it changes", () => {
    const { stdout } = daybook(["query", "--zone", "Pacific/Kiritimati", shop()])
    const [sunday, first, second, monday, third] = stdout.split("\n")
    expect(sunday).toMatch(/^── Sunday, 22 November 2026 ─+$/)
    expect(first).toMatch(/^23:00:00\.000 info {2}upload +first /)
    expect(second).toMatch(/^23:00:01\.000 error upload +second /)
    expect(monday).toMatch(/^── Monday, 23 November 2026 ─+$/)
    expect(third).toMatch(/^11:00:00\.000 info {2}nav +third$/)
  })

  it("F117 a cell of --csv is in quotes, and never a formula", () => {
    const { stdout } = daybook([
      "query",
      "--csv",
      folderOf(lineAt(0, "=HYPERLINK(1)", { user: "@bo", note: 'a "b"' }))
    ])
    expect(stdout.split("\n")).toEqual([
      '"ts","level","category","session","user","message","fields"',
      `"2026-11-22T09:00:00.000Z","info","upload","1a2c3d4e","'@bo","'=HYPERLINK(1)","{""user"":""@bo"",""note"":""a \\""b\\""""}"`,
      ""
    ])
  })

  it("damage stands in its place for people, and beside the data for programs", () => {
    const dir = folderOf(`${lineAt(0, "a")}{torn\n${lineAt(1, "b")}`)
    expect(daybook(["query", dir]).stdout).toMatch(
      / a\n.*not JSON, shop-2026-11-22\.jsonl at byte \d+\n.* b\n/
    )
    const { stdout, stderr } = daybook(["query", "--json", dir])
    expect(stdout.split("\n")).toHaveLength(3)
    expect(stderr).toBe("1 line is damaged and left out\n")
  })

  it("S0.28 lines of other programs, from a pipe, have their levels and times", () => {
    const input =
      '{"level":50,"time":1795338000125,"msg":"paid twice","name":"orders"}\n{"level":30,"time":1795338000126,"msg":"ok"}\n'
    expect(daybook(["tail", "-", "--level", "error"], { input }).stdout).toMatch(
      /^09:00:00\.125 error orders +paid twice$/m
    )
    expect(daybook(["stats", "-", "--by", "level", "--csv"], { input }).stdout).toBe(
      '"level","count"\n"error","1"\n"info","1"\n'
    )
  })

  it("tail shows the newest, oldest first", () => {
    const dir = folderOf(Array.from({ length: 50 }, (_, n) => lineAt(n, `event-${n}`)).join(""))
    const { stdout } = daybook(["tail", "-n", "2", dir])
    expect(stdout.match(/event-\d+/g)).toEqual(["event-48", "event-49"])
  })
})

const folderOf = (text: string): string => folderWith({ "shop-2026-11-22.jsonl": text })

describe("stats", () => {
  it("counts in one pass, by a field's path, a day, an hour or a level", () => {
    const gap =
      '{"ts":"2026-11-22T09:00:02.000Z","level":"warn","category":"gap","session":"1a2c3d4e","message":"m","count":7,"id":"01a2027b-d6fb-7000-81a2-c3d4e5f60718"}\n'
    const dir = folderOf(
      [
        lineAt(0, "a", { o: { k: 1 } }),
        lineAt(1, "b", { o: { k: 2 } }),
        lineAt(90_000, "c", { o: { k: 1 } }),
        gap,
        "{torn\n"
      ].join("")
    )
    const by = (what: string) => JSON.parse(daybook(["stats", "--json", "--by", what, dir]).stdout)
    expect(by("o.k")).toMatchObject({
      events: 3,
      marks: 1,
      missing: 7,
      damaged: 1,
      sessions: 1,
      first: "2026-11-22T09:00:00.000Z",
      last: "2026-11-23T10:00:00.000Z",
      values: [
        { value: "1", count: 2 },
        { value: "2", count: 1 }
      ]
    })
    expect(by("day").values).toEqual([
      { value: "2026-11-22", count: 2 },
      { value: "2026-11-23", count: 1 }
    ])
    expect(by("hour").values.map(({ value }: { value: string }) => value)).toEqual([
      "2026-11-22 09",
      "2026-11-23 10"
    ])
    const { stdout } = daybook(["stats", dir])
    expect(stdout).toMatch(/^shop {2}3 events in 1 session$/m)
    expect(stdout).toMatch(/7 events missing, as gaps say · 1 damaged line · 1 mark/)
    expect(stdout).toMatch(/^ {2}info +3 {2}█+$/m)
  })
})
